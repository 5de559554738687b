import Web

/// A price before rounding, in millionths of its currency's major unit: `0.0005` dollars a call are 500.
///
/// What a plan asks for is of this, per unit, package, tier or period; it becomes ``Money`` on a line. Finer prices are
/// written per package.
struct UnitPrice: Sendable, Hashable {
    static let perMajor: Int64 = 1_000_000
    static let zero = UnitPrice(micros: 0)

    let micros: Int64

    init(micros: Int64) {
        self.micros = micros
    }

    /// Plain decimal notation, nothing rounded: nil for a sign, an exponent, a seventh decimal, or past 64 bits.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, !whole.isEmpty else { return nil }
        var fraction = parts.count == 2 ? Array(parts[1]) : [UInt8(ascii: "0")]
        guard !fraction.isEmpty else { return nil }
        while fraction.count > 6, fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        guard fraction.count <= 6 else { return nil }
        fraction += Array(repeating: UInt8(ascii: "0"), count: 6 - fraction.count)
        var micros: Int64 = 0
        for byte in Array(whole) + fraction {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte),
                let next = try? micros.times(10).plus(Int64(byte) - 48)
            else { return nil }
            micros = next
        }
        self.micros = micros
    }

    /// `49`, `0.5`, `0.000001`: only the decimals it needs.
    var text: String {
        var fraction = padded(micros.magnitude % 1_000_000, to: 6)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        let whole = "\(micros < 0 ? "-" : "")\(micros.magnitude / 1_000_000)"
        return fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }
}

extension UnitPrice: Codable, Documented, JSONEncoding.Literal {
    static var schema: Schema { .number(description: "In the currency's major unit, at most six decimals, exact.") }
    static var sample: UnitPrice { zero }

    init(from decoder: any Decoder) throws {
        let text: String
        switch InputDecoder.value(of: decoder) {
        case .integer(let number)?: text = "\(number)"
        case .decimal(let number)?: text = number
        default: throw ValueFault("must be a number")
        }
        guard let price = UnitPrice(text) else {
            throw ValueFault("must be a plain number of at most six decimals, not negative, such as 0.0005")
        }
        self = price
    }

    func writeJSON(into out: inout [UInt8]) {
        out.append(contentsOf: text.utf8)
    }

    /// Only reached by encoders other than ``JSONEncoding``.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
