import Web

/// A password as it was typed: of any characters but NUL, at which scrypt's input would end, and not trimmed or
/// shortened (ASVS 5.0, 6.2.5 to 6.2.9).
struct Password: Codable, Sendable, Documented {
    static let longest = 1024

    let value: String

    static var schema: Schema { .string(min: 0, max: longest, pattern: nil, format: "password") }
    static var sample: Password { Password(value: "") }

    private init(value: String) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(String.self)
        if value.unicodeScalars.count > Self.longest {
            throw ValueFault("must be at most \(Self.longest) characters long")
        }
        if value.unicodeScalars.contains("\0") { throw ValueFault("holds a control character") }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
