import Web

/// A key's id: opaque text to clients. Those of older generations may send it back as a number.
struct KeyID: Codable, Sendable, Equatable, Documented {
    /// No key has the id 0: that is what an id that was never given stands for.
    let value: Int64

    static var schema: Schema { .string(min: 1, max: nil, pattern: nil, format: nil) }
    static var sample: KeyID { KeyID(1) }

    init(_ value: Int64) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        switch InputDecoder.value(of: decoder) {
        case .integer(let number)?: value = number
        case .string(let text)?, .text(let text)?:
            guard !text.isEmpty else { throw ValueFault("must not be empty") }
            value = Int64(text) ?? 0
        default: throw ValueFault("must be the id of a key")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode("\(value)")
    }
}
