import Web

extension Money {
    /// A number from outside, in the currency's major unit.
    /// - Throws: ``Failure`` 400 for one that cannot be charged exactly.
    init(_ number: UnitPrice, in currency: Currency, field: String) throws {
        let step = currency.microsPerMinor * currency.step
        guard number.micros % step == 0 else {
            throw Failure.invalid(
                field,
                "must be a multiple of \(Money(currency.step, currency).text) in \(currency.code)"
            )
        }
        self.init(number.micros / currency.microsPerMinor, currency)
    }
}

/// Two letters of ISO 3166-1, or nothing.
struct Country: Codable, Sendable, Documented {
    let code: String

    static var schema: Schema { .string(min: 0, max: 2, pattern: "^([A-Za-z]{2})?$", format: nil) }
    static var sample: Country { Country(code: "DE") }

    private init(code: String) {
        self.code = code
    }

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self).uppercased()
        guard text.isEmpty || text.utf8.count == 2 && text.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw ValueFault("must be a country's two letters, such as DE")
        }
        code = text
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}
