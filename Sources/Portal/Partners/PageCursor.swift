import Web

/// Where a list of the partner program goes on: `nextCursor` of the page before.
struct PageCursor: Codable, Sendable, Documented {
    let before: Int64

    static let first = PageCursor(before: .max)

    private init(before: Int64) {
        self.before = before
    }

    init(after id: Int64) {
        before = id
    }

    static var schema: Schema { .string(min: 1, max: 20, pattern: "^[0-9]+$", format: nil) }
    static var sample: PageCursor { first }

    init(from decoder: any Decoder) throws {
        let id: Int64? =
            switch InputDecoder.value(of: decoder) {
            case .integer(let number)?: number
            case .text(let text)?, .string(let text)?: Int64(text)
            default: nil
            }
        guard let id, id > 0 else { throw ValueFault("must be the nextCursor of the page before") }
        before = id
    }

    func encode(to encoder: any Encoder) throws {
        try "\(before)".encode(to: encoder)
    }
}
