import Web

/// What looks like fraud (contract, section 2): each rule that fits adds its score, and any of them flags.
enum Fraud {
    /// The raw value is the rule's name in an app's `fraudRules`, and how it is stored.
    enum Rule: String, Codable, Sendable, CaseIterable, Documented {
        case selfReferral
        case codesFromAddress
        case codesByReferrer
        case codesFromDevice
        case conversionsOfReferrer
        case regularIntervals
        case conversionAfterClick
        case referrersAddress

        static var sample: Rule { .selfReferral }

        var initialScore: Int64 {
            switch self {
            case .selfReferral: 50
            case .codesFromAddress: 30
            case .codesByReferrer: 40
            case .codesFromDevice: 25
            case .conversionsOfReferrer: 35
            case .regularIntervals: 30
            case .conversionAfterClick: 100
            case .referrersAddress: 60
            }
        }

        /// How many, the new one included, are too many; of `conversionAfterClick` the seconds that are too few. Nil:
        /// there is nothing to count.
        var initialThreshold: Int64? {
            switch self {
            case .selfReferral, .referrersAddress: nil
            case .codesFromAddress, .regularIntervals, .conversionAfterClick: 5
            case .codesByReferrer, .codesFromDevice: 10
            case .conversionsOfReferrer: 20
            }
        }

        /// The span that is counted over, in milliseconds.
        var span: Int64 {
            switch self {
            case .codesByReferrer, .conversionsOfReferrer: 3_600_000
            default: 86_400_000
            }
        }

        /// As answers give it.
        var sentence: String {
            switch self {
            case .selfReferral: "Self-referral: referrer and referee are the same"
            case .codesFromAddress: "Many referral codes from one IP address within 24 hours"
            case .codesByReferrer: "Many referral codes of one referrer within an hour"
            case .codesFromDevice: "Many referral codes from one device within 24 hours"
            case .conversionsOfReferrer: "Many conversions of one referrer within an hour"
            case .regularIntervals: "Activity at regular intervals, as by a program"
            case .conversionAfterClick: "Conversion within seconds of the click"
            case .referrersAddress: "Conversion from the referrer's own IP address"
            }
        }
    }

    /// Which rules fit.
    struct Findings: Sendable {
        let rules: [Rule]
        let score: Int64

        init(_ found: [Rule], by rules: Rules) {
            self.rules = found
            score = found.reduce(0) { $0 + rules[$1].score }
        }

        var isFlagged: Bool { !rules.isEmpty }
        var reasons: [String] { rules.map(\.sentence) }
    }

    /// Whether moments follow each other as only programs do: the variance of the gaps between them is below 1 s².
    /// - Parameter moments: milliseconds, in order; at most some hundreds.
    static func isRegular(_ moments: [Int64]) -> Bool {
        let gaps = zip(moments, moments.dropFirst()).map { Int128($1 - $0) }
        guard gaps.count > 1 else { return false }
        let (count, sum) = (Int128(gaps.count), gaps.reduce(0, +))
        // n·Σg² − (Σg)² is n² times the variance, in ms².
        let spread = count * gaps.reduce(0) { $0 + $1 * $1 } - sum * sum
        return spread < count * count * 1_000_000
    }
}
