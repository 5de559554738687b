import Crypto
import Web

/// What a verified ID token says of somebody, checked as OpenID Connect Core 1.0, section 3.1.3.7, and RFC 8725 ask.
struct IDClaims: Sendable, Equatable {
    let issuer: String
    let subject: String
    let email: String?
    let isEmailVerified: Bool
    let name: String?

    /// What the token must be made for.
    struct Expectation {
        let issuer: String
        let clientID: String
        /// Of the sign-in under way; nil for tokens that callers bring along.
        var nonce: String?
        /// That came with the token, if any.
        var accessToken: String?
        let now: Timestamp
    }

    /// Seconds by which clocks may differ.
    private static let leeway: Int64 = 60
    /// Seconds; a token that lives longer than that is not one for signing in.
    private static let ageLimit: Int64 = 86_400

    /// - Throws: ``TokenFault``.
    init(_ claims: JSONValue, expecting expected: Expectation) throws {
        guard let issuer = claims["iss"]?.string, issuer.utf8.elementsEqual(expected.issuer.utf8) else {
            throw TokenFault("another issuer")
        }
        try Self.checkAudience(claims, expected.clientID)
        try Self.checkTimes(claims, expected.now.seconds)
        if let nonce = expected.nonce {
            guard let given = claims["nonce"]?.string, equalInConstantTime(Array(given.utf8), Array(nonce.utf8)) else {
                throw TokenFault("another nonce")
            }
        }
        if let hash = claims["at_hash"], let accessToken = expected.accessToken {
            // The left half of the digest (section 3.1.3.6).
            let half = Base64.encode(Array(SHA256.digest(Array(accessToken.utf8)).prefix(16)), as: .url)
            guard hash.string == half else { throw TokenFault("another access token") }
        }
        guard let subject = claims["sub"]?.string, (1...255).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
        else { throw TokenFault("no subject") }
        (self.issuer, self.subject) = (issuer, subject)
        email = claims["email"]?.string
        // Some issuers write it as a text.
        isEmailVerified = claims["email_verified"] == .bool(true) || claims["email_verified"] == .string("true")
        name = claims["name"]?.string
    }

    /// By a provider that has no ID tokens, or whose token leaves the address to another question.
    init(issuer: String, subject: String, email: String?, isEmailVerified: Bool, name: String?) {
        (self.issuer, self.subject, self.email) = (issuer, subject, email)
        (self.isEmailVerified, self.name) = (isEmailVerified, name)
    }

    private static func checkAudience(_ claims: JSONValue, _ clientID: String) throws {
        let audiences: [JSONValue] =
            switch claims["aud"] {
            case .array(let list)?: list
            case let one?: [one]
            case nil: []
            }
        let isOurs = { (value: JSONValue?) in value?.string?.utf8.elementsEqual(clientID.utf8) == true }
        guard audiences.contains(where: isOurs) else { throw TokenFault("another audience") }
        let party = claims["azp"]
        guard party != nil || audiences.count == 1 else {
            throw TokenFault("several audiences and no authorized party")
        }
        guard party == nil || isOurs(party) else { throw TokenFault("another authorized party") }
    }

    private static func checkTimes(_ claims: JSONValue, _ now: Int64) throws {
        guard let expiry = try seconds(claims, "exp"), expiry > now - leeway else { throw TokenFault("expired") }
        guard let issued = try seconds(claims, "iat"), issued <= now + leeway, issued >= now - ageLimit else {
            throw TokenFault("issued in the future, or too long ago")
        }
        if let start = try seconds(claims, "nbf"), start > now + leeway { throw TokenFault("not valid yet") }
        if let signIn = try seconds(claims, "auth_time"), signIn > now + leeway {
            throw TokenFault("signed in in the future")
        }
    }

    /// A NumericDate (RFC 7519, section 2), which may have a fraction.
    private static func seconds(_ claims: JSONValue, _ name: String) throws -> Int64? {
        let range: ClosedRange<Int64> = 0...253_402_300_799
        switch claims[name] {
        case nil: return nil
        case .integer(let number)? where range.contains(number): return number
        case .decimal(let text)?:
            guard let whole = Double(text).flatMap({ Int64(exactly: $0.rounded(.down)) }), range.contains(whole) else {
                throw TokenFault("\(name) is not a time")
            }
            return whole
        default: throw TokenFault("\(name) is not a time")
        }
    }
}
