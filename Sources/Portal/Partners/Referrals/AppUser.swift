import Web

/// An app's own name for one of its users: opaque to us, without the spaces around it. Some clients send numbers.
struct AppUser: Codable, Sendable {
    let value: String

    init(from decoder: any Decoder) throws {
        switch InputDecoder.value(of: decoder) {
        case .integer(let number)?: value = "\(number)"
        case .string(let text)?, .text(let text)?:
            guard let text = Text<0, 255>(text) else {
                throw ValueFault("must be at most 255 characters long, without control characters")
            }
            value = String(text.value.trimmingSpace())
        default: throw ValueFault("must be a string")
        }
    }

    func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
    }

    /// Whether two names are of one person, as far as their spelling tells.
    static func isSame(_ one: String, _ other: String) -> Bool {
        !one.isEmpty && one.lowercased() == other.lowercased()
    }

    fileprivate init(_ value: String) {
        self.value = value
    }
}

extension AppUser: Documented {
    static var schema: Schema { .string(min: nil, max: 255, pattern: nil, format: nil) }
    static var sample: AppUser { AppUser("") }
}
