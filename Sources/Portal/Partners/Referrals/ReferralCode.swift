import Crypto
import Storage

/// What a referrer hands on: `SUMMER-alice`. Letters, digits, `-` and `_`, so that it stands in a link as it is.
enum ReferralCode {
    /// Without those that people mistake for others: 32, so that 8 of them are 40 bits.
    private static let alphabet = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZ".utf8)
    static let randomLength = 8
    static let suffixLength = 4
    static let longestName = 24

    /// A code that nobody has: the name alone where it is free, else with a suffix.
    static func make(
        for campaign: Campaign,
        referrer: String,
        username: String?,
        email: String?,
        _ db: borrowing Database
    ) throws -> String {
        let name =
            switch campaign.terms.codeFormat {
            case .random: ""
            case .username: plain(username ?? referrer)
            case .emailPrefix: plain(String((email ?? referrer).prefix { $0 != "@" }))
            }
        let prefix = plain(campaign.terms.codePrefix)
        var code = prefix + (name.isEmpty ? try random(randomLength) : name)
        while try Referrals.hasCode(code, db) {
            code = prefix + (name.isEmpty ? try random(randomLength) : "\(name)-\(try random(suffixLength))")
        }
        return code
    }

    private static func plain(_ text: String) -> String {
        let kept = text.unicodeScalars.filter { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
            default: false
            }
        }
        return String(String.UnicodeScalarView(kept.prefix(longestName)))
    }

    private static func random(_ count: Int) throws -> String {
        String(decoding: try Random.bytes(count).map { alphabet[Int($0) % alphabet.count] }, as: UTF8.self)
    }
}
