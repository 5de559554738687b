import Web

/// An amount of money as it travels: a JSON number in the currency's major unit with all its decimals, never a binary
/// fraction. `12.34` of `usd`, `500` of `jpy`, `0.500` of `kwd`; the currency stands beside it.
struct Amount: Sendable, Hashable, JSONEncoding.Literal {
    let text: String

    init(_ money: Money) {
        text = money.text
    }

    init(_ cents: Cents, _ currency: Currency) {
        self.init(Money(cents.value, currency))
    }

    func writeJSON(into out: inout [UInt8]) {
        out.append(contentsOf: text.utf8)
    }
}

extension Amount: Codable, Documented {
    static var schema: Schema { .number(description: "In the currency's major unit, exact to its minor unit.") }
    static var sample: Amount { Amount(Money(0, .usd)) }

    /// Of what this product wrote; what comes from outside is decoded as ``Dollars`` or ``UnitPrice``.
    init(from decoder: any Decoder) throws {
        switch InputDecoder.value(of: decoder) {
        case .integer(let number)?: text = "\(number)"
        case .decimal(let number)?: text = number
        default: throw ValueFault("must be an amount of money")
        }
    }

    /// Only reached by encoders other than ``JSONEncoding``.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
