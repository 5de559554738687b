import Web

/// An amount of money in cents. Balances, invoices and payments are of this.
struct Cents: Sendable, Hashable, Comparable {
    let value: Int64

    init(_ value: Int64) {
        self.value = value
    }

    static let zero = Cents(0)
    static func < (left: Cents, right: Cents) -> Bool { left.value < right.value }
    static func + (left: Cents, right: Cents) -> Cents { Cents(left.value + right.value) }
    static func - (left: Cents, right: Cents) -> Cents { Cents(left.value - right.value) }
    static prefix func - (cents: Cents) -> Cents { Cents(-cents.value) }

    /// Past nine million million dollars it says the most that fits: what strangers report adds up here, and must not
    /// end the process.
    var dollars: Dollars {
        let (micros, overflows) = value.multipliedReportingOverflow(by: Dollars.microsPerCent)
        return Dollars(micros: overflows ? (value < 0 ? -Int64.max : Int64.max) : micros)
    }
}

/// An amount in dollars as it travels: a JSON number with its decimals exact, never a binary fraction.
///
/// Inside it counts millionths, which is what unit prices are made of.
struct Dollars: Sendable, Hashable, JSONEncoding.Literal {
    static let microsPerCent: Int64 = 10_000

    let micros: Int64

    init(micros: Int64) {
        self.micros = micros
    }

    /// To the nearest cent, halves away from zero: the one rounding rule of the product.
    var cents: Cents {
        let (whole, rest) = micros.quotientAndRemainder(dividingBy: Self.microsPerCent)
        let isHalf = rest.magnitude * 2 >= UInt64(Self.microsPerCent)
        return Cents(isHalf ? whole + rest.signum() : whole)
    }

    /// `350.00`, `0.10`, `0.001`: at least two decimals, at most six.
    var text: String {
        let magnitude = micros.magnitude
        var fraction = padded(magnitude % 1_000_000, to: 6)
        while fraction.utf8.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(micros < 0 ? "-" : "")\(magnitude / 1_000_000).\(fraction)"
    }

    func writeJSON(into out: inout [UInt8]) {
        out.append(contentsOf: text.utf8)
    }

    /// Plain decimal notation with up to twelve digits before the point; digits past the sixth decimal round.
    init?(_ text: String) {
        var bytes = Array(text.utf8)[...]
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative { bytes = bytes.dropFirst() }
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, (1...12).contains(whole.count), whole.allSatisfy(isDigit) else { return nil }
        let fraction = parts.count > 1 ? Array(parts[1]) : [48]
        guard (1...18).contains(fraction.count), fraction.allSatisfy(isDigit) else { return nil }
        let kept = (fraction + [48, 48, 48, 48, 48, 48]).prefix(6)
        let roundsUp = fraction.count > 6 && fraction[6] >= UInt8(ascii: "5")
        let micros = (Array(whole) + kept).reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) } + (roundsUp ? 1 : 0)
        self.micros = isNegative ? -micros : micros
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

extension Dollars: Codable, Documented {
    static var schema: Schema { .number(description: "Dollars, exact to the cent or finer.") }
    static var sample: Dollars { Dollars(micros: 0) }

    init(from decoder: any Decoder) throws {
        let text: String
        switch InputDecoder.value(of: decoder) {
        case .integer(let number)?: text = "\(number)"
        case .decimal(let number)?, .text(let number)?: text = number
        default: throw ValueFault("must be an amount in dollars")
        }
        guard let amount = Dollars(text) else { throw ValueFault("must be a plain amount in dollars, such as 350.25") }
        self = amount
    }

    /// Only reached by encoders other than ``JSONEncoding``.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
