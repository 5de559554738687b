import Crypto
import Web

/// What shows that a form was sent by a page that could read our answers: a cookie, and a token that follows from it
/// (the double submit of Auth.js' clients). Besides, routes that take forms are for our own pages only.
enum FormToken {
    static let secureName = "__Host-authjs.csrf-token"
    static let plainName = "authjs.csrf-token"

    static func token(fitting cookie: String) -> String {
        Hex.encode(HMACKey(Array(cookie.utf8)).sign(Array("form token".utf8)))
    }

    /// - Parameter url: where Auth.js' clients look for what went wrong.
    /// - Throws: ``Failure`` 400 for a token that does not fit the caller's cookie.
    static func require(_ token: String?, of caller: Caller, in app: App) throws {
        let token = Array((token ?? "").utf8)
        guard let cookie = caller.formCookie, equalInConstantTime(Array(Self.token(fitting: cookie).utf8), token) else {
            throw Failure.badRequest("The form's token does not fit its cookie", code: "invalid_csrf_token")
                .adding(.init("url", .string(AuthPage.error("MissingCSRF", app.settings))))
        }
    }
}

/// `GET /api/auth/csrf`.
struct ShowFormToken: Endpoint {
    struct Token: Codable, Sendable {
        let csrfToken: String
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> SignedIn<Token> {
        if let cookie = caller.formCookie, cookie.utf8.count == 43 {
            return SignedIn(body: Token(csrfToken: FormToken.token(fitting: cookie)), cookie: nil)
        }
        let cookie = Base64.encode(try app.random(32), as: .url)
        let (name, secure) = caller.isSecure ? (FormToken.secureName, "; Secure") : (FormToken.plainName, "")
        return SignedIn(
            body: Token(csrfToken: FormToken.token(fitting: cookie)),
            cookie: Header("Set-Cookie", "\(name)=\(cookie); Path=/; HttpOnly; SameSite=Lax\(secure)")
        )
    }
}

/// Where Auth.js' clients go, or what they read out of an address.
enum AuthPage {
    struct Answer: Codable, Sendable {
        let url: String
    }

    /// Where the client asked to end, if that is on this site; else the site itself (ASVS 5.0, 3.7.2).
    static func callback(_ wanted: String?, _ settings: Settings) -> Answer {
        let site = settings.publicURL
        guard let wanted else { return Answer(url: site) }
        if SignInErrand.isLocal(path: wanted) { return Answer(url: site + wanted) }
        let path = wanted.hasPrefix(site) ? String(wanted.dropFirst(site.count)) : ""
        return Answer(url: SignInErrand.isLocal(path: path) ? site + path : site)
    }

    /// - Parameter code: what more there is to say, as Auth.js' second version has it.
    static func error(_ name: String, code: String = "", _ settings: Settings) -> String {
        let more = code.isEmpty ? "" : "&code=\(code)"
        return "\(settings.publicURL)/dashboard.html?error=\(name)\(more)"
    }
}
