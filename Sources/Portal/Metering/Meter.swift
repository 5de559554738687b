import Web

/// What is counted and priced.
enum Meter: String, Sendable, CaseIterable {
    case shots
    case inferences
    case embedding
    case tts
    case stt
    /// Of customers' keys; see ``Calls``. What of them is beyond a plan's limit is billed as uses.
    case calls

    /// Those whose sum plans price as `credits` (contract, section 4).
    static let credits: [Meter] = [.inferences, .embedding, .tts, .stt]
    static let creditsName = "credits"

    /// The meters that an item of a plan prices under a name; none for a name that nothing is counted under.
    static func priced(as name: String) -> [Meter] {
        name == creditsName ? credits : Meter(rawValue: name).map { [$0] } ?? []
    }

    /// As the account API and its clients call it.
    var accountName: String { self == .inferences ? "inference" : rawValue }
}

/// The meters that clients may record uses of.
enum ClientMeter: String, Sendable, Codable, CaseIterable, Documented {
    case shots
    case inferences
    /// Another name of `inferences`.
    case inference
    case embedding
    case tts
    case stt

    static var sample: ClientMeter { .shots }

    var meter: Meter {
        switch self {
        case .shots: .shots
        case .inferences, .inference: .inferences
        case .embedding: .embedding
        case .tts: .tts
        case .stt: .stt
        }
    }
}

/// The name of a machine that shots run on. Dashboards put it into HTML, so it is letters, digits and `_.:-` only.
struct Backend: Codable, Sendable, Hashable, Documented {
    let name: String

    static var schema: Schema { .string(min: 1, max: 64, pattern: "^[A-Za-z0-9_.:-]{1,64}$", format: nil) }
    static var sample: Backend { Backend(known: "simulator") }

    init(known name: String) {
        self.name = name
    }

    init?(_ name: String) {
        let isPlain = name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":")
                || $0 == UInt8(ascii: "-")
        }
        guard isPlain, (1...64).contains(name.utf8.count) else { return nil }
        self.name = name
    }

    init(from decoder: any Decoder) throws {
        guard let backend = Backend(try decoder.singleValueContainer().decode(String.self)) else {
            throw ValueFault("must be 1 to 64 letters, digits and the characters _ . : -")
        }
        self = backend
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    /// What unknown names are priced by: `ibm_kyoto` belongs to `ibm`, anything called a simulator to `simulator`.
    var family: String {
        let name = name.lowercased()
        if name.contains("simulator") { return "simulator" }
        return String(name.prefix { $0.isLetter || $0.isNumber })
    }
}

/// Shots, inferences or other units of one use: none is a failed run, and is recorded too.
typealias Quantity = Whole<0, 100_000_000>

/// A number that a client reports about itself and that nothing is computed from; never negative.
struct Measure: Codable, Sendable, Documented {
    let value: Double

    static var schema: Schema { .number(description: "Not negative; kept for reference.") }
    static var sample: Measure { Measure(value: 0) }

    init(value: Double) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(Double.self)
        guard value >= 0 else { throw ValueFault("must not be negative") }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
