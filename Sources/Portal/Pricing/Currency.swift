import Web

/// A currency that the provider takes: <https://docs.stripe.com/currencies>, as of 2026.
///
/// `bhd`, `jod`, `kwd`, `omr` and `tnd` are taken from accounts in the United Arab Emirates only; which of the others
/// an account may charge depends on its country too, and the provider has the last word.
struct Currency: Sendable, Hashable {
    /// The ISO 4217 code in lower case, as the provider and our tables write it.
    let code: String
    /// Decimals of the minor unit: 0 (`jpy`), 2 (`usd`) or 3 (`kwd`).
    let minorDigits: Int
    /// Every amount that is charged is a multiple of this many minor units. It is 1, but 10 with three decimals: the
    /// provider wrote, until 2023 at least, that its partners need the last digit to be 0.
    let step: Int64
    /// What one minor unit is in amounts of the provider's API. It is 1, but 100 for `isk` and `ugx`, which have no
    /// decimals any more and are still sent with two.
    let providerFactor: Int64

    /// Nil for a code that is not in the table; upper case is taken too.
    init?(_ code: String) {
        // Counted in bytes first: the Kelvin sign, for one, has `k` as its lower case.
        guard code.utf8.count == 3, let known = Self.known[code.lowercased()] else { return nil }
        self = known
    }

    private init(_ code: Substring, digits: Int, step: Int64 = 1, providerFactor: Int64 = 1) {
        (self.code, minorDigits) = (String(code), digits)
        (self.step, self.providerFactor) = (step, providerFactor)
    }

    static let usd = Currency("usd", digits: 2)

    /// All of them, by code.
    static let all: [Currency] = known.values.sorted { $0.code < $1.code }

    /// How many millionths of the major unit a minor unit is.
    var microsPerMinor: Int64 {
        switch minorDigits {
        case 0: 1_000_000
        case 3: 1000
        default: 10_000
        }
    }

    private static let known: [String: Currency] = {
        let currencies =
            codes(of: twoDecimals).map { Currency($0, digits: 2) }
            + codes(of: noDecimals).map { Currency($0, digits: 0) }
            + codes(of: noDecimalsSentWithTwo).map { Currency($0, digits: 0, providerFactor: 100) }
            + codes(of: threeDecimals).map { Currency($0, digits: 3, step: 10) }
        return Dictionary(uniqueKeysWithValues: currencies.map { ($0.code, $0) })
    }()

    private static func codes(of lines: String) -> [Substring] {
        lines.split { $0 == " " || $0 == "\n" }
    }

    /// `huf` and `twd` are among these: only payouts to a bank have no decimals in them, and we make none. `std` is
    /// what the provider still calls `stn`.
    private static let twoDecimals = """
        aed afn all amd ang aoa ars aud awg azn bam bbd bdt bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve
        czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr jmd kes kgs khr kyd kzt
        lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr
        pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs wst
        xcd xcg yer zar zmw
        """
    /// `mga` has fifths by ISO 4217 and none at the provider.
    private static let noDecimals = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
    private static let noDecimalsSentWithTwo = "isk ugx"
    private static let threeDecimals = "bhd jod kwd omr tnd"
}

extension Currency: Codable, Documented {
    static var schema: Schema { .string(min: 3, max: 3, pattern: "^[A-Za-z]{3}$", format: nil) }
    static var sample: Currency { usd }

    init(from decoder: any Decoder) throws {
        guard let currency = Currency(try decoder.singleValueContainer().decode(String.self)) else {
            throw ValueFault("must be the code of a currency that can be charged, such as usd")
        }
        self = currency
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}
