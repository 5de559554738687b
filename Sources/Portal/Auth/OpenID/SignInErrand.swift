import Crypto
import Web

/// A sign-in that has gone to a provider and is to come back in the same browser, within ten minutes, once.
///
/// The state is a single-use token; the browser keeps a cookie of its own. Nonce and PKCE verifier follow from the two,
/// so that what is stored could not finish the sign-in, and what another browser brings back does not fit.
struct SignInErrand: Sendable, Equatable {
    static let seconds: Int64 = 600

    /// What the person wants: to get in, or to add a way in to the account they have.
    enum Intent: String, Codable, Sendable, CaseIterable, Documented {
        case signIn = "sign_in"
        case link

        static var sample: Intent { .signIn }
    }

    let providerID: String
    let intent: Intent
    /// A path of this site to end at.
    let next: String
    /// Of the cookie.
    let cookieDigest: [UInt8]

    var text: String {
        "\(Hex.encode(cookieDigest)) \(providerID) \(intent.rawValue) \(next)"
    }

    init(providerID: String, intent: Intent, next: String, cookie: String) {
        (self.providerID, self.intent, self.next) = (providerID, intent, next)
        cookieDigest = SHA256.digest(Array(cookie.utf8))
    }

    init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 3)
        guard words.count == 4, let digest = Hex.decode(words[0]), let intent = Intent(rawValue: String(words[2]))
        else {
            return nil
        }
        (providerID, self.intent, next, cookieDigest) = (String(words[1]), intent, String(words[3]), digest)
    }

    func isBound(to cookie: String?) -> Bool {
        equalInConstantTime(cookieDigest, SHA256.digest(Array((cookie ?? "").utf8)))
    }

    /// - Returns: 43 characters, as RFC 7636, section 4.1, wants at least.
    static func verifier(cookie: String, state: String) -> String { derive("verifier", cookie, state) }

    static func nonce(cookie: String, state: String) -> String { derive("nonce", cookie, state) }

    /// RFC 7636, section 4.2: S256.
    static func challenge(_ verifier: String) -> String {
        Base64.encode(SHA256.digest(Array(verifier.utf8)), as: .url)
    }

    private static func derive(_ what: String, _ cookie: String, _ state: String) -> String {
        Base64.encode(HMACKey(Array(cookie.utf8)).sign(Array("\(what) \(state)".utf8)), as: .url)
    }

    /// Whether it is a path of this site and nothing else: no other host by `//` or `\`, no header, no fragment of its
    /// own (ASVS 5.0, 3.7.2).
    static func isLocal(path: String) -> Bool {
        let bytes = Array(path.utf8)
        guard (1...512).contains(bytes.count), bytes[0] == UInt8(ascii: "/"),
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") })
        else { return false }
        return bytes.count == 1 || bytes[1] != UInt8(ascii: "/")
    }
}

/// The cookie that ties a sign-in at a provider to the browser in which it began.
enum SignInCookie {
    static let secureName = "__Host-sign-in"
    static let plainName = "sign_in"

    /// `Lax`, since the way back comes from the provider's page.
    static func header(_ value: String, isSecure: Bool, maxAge: Int64 = SignInErrand.seconds) -> Header {
        let (name, secure) = isSecure ? (secureName, "; Secure") : (plainName, "")
        return Header("Set-Cookie", "\(name)=\(value); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(maxAge)\(secure)")
    }

    static func removal(isSecure: Bool) -> Header { header("", isSecure: isSecure, maxAge: 0) }
}
