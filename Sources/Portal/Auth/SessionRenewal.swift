import Storage
import Web

/// A new token for the session that asks, at every change of what it may do (ASVS 5.0, 7.2.4): whoever had the old one
/// has nothing.
struct SessionRenewal: Sendable {
    private let token: String

    init(_ app: App) throws {
        token = try SingleUseTokens.make(app)
    }

    /// - Throws: ``Failure`` 401 when the session has ended meanwhile.
    func apply(to id: Int64, _ db: borrowing Database) throws {
        guard try Sessions.renew(id, token: token, db) else { throw Failure.unauthorized("Not authenticated") }
    }

    /// The browser keeps it for as long as a whole new session; the store ends it when it would have ended.
    func cookie(for caller: Caller, _ app: App) -> Header {
        let isOperator = caller.holder?.isOperator == true
        let terms = isOperator ? app.settings.operatorSessions : app.settings.sessions
        return SessionCookie.header(token: token, isSecure: caller.isSecure, maxAge: terms.lifetimeSeconds)
    }
}
