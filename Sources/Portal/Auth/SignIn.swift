import Storage
import Web

/// The one way in: whatever a person showed of themself, here it becomes a session or a question for the second factor.
enum SignIn {
    /// What the person showed first.
    enum Means: String, Sendable, Codable {
        case password, key
        case openID = "openid"
        case invitation
    }

    enum Outcome: Sendable {
        case opened(Opened)
        /// To be brought back with a code to `POST /auth/login/totp` within ``codeSeconds``.
        case needsSecondFactor(token: String)
    }

    struct Opened: Sendable {
        let sessionID: Int64
        let accountID: Int64
        let token: String
        let lifetimeSeconds: Int64

        func cookie(for caller: Caller) -> Header {
            SessionCookie.header(token: token, isSecure: caller.isSecure, maxAge: lifetimeSeconds)
        }
    }

    /// How long a half-finished sign-in waits for its code (ASVS 5.0, 6.5.5).
    static let codeSeconds: Int64 = 600

    /// - Parameters:
    ///   - account: which of the person's accounts to open; nil: the first.
    ///   - caller: whose address and browser the session is listed with.
    /// - Throws: ``Failure`` 401 for a disabled person, 403 for one who belongs to no account; ``StoreError``.
    static func finish(
        _ person: People.Person,
        account: Int64? = nil,
        means: Means,
        by caller: Caller,
        at now: Timestamp,
        in app: App
    ) async throws -> Outcome {
        let token = try SingleUseTokens.make(app)
        return try await app.store.write { db in
            try finish(person, account: account, means: means, token: token, by: caller, at: now, app.settings, db)
        }
    }

    /// The same, within a transaction.
    /// - Parameter token: from ``SingleUseTokens/make(_:)``.
    static func finish(
        _ person: People.Person,
        account: Int64? = nil,
        means: Means,
        token: String,
        by caller: Caller,
        at now: Timestamp,
        _ settings: Settings,
        _ db: borrowing Database
    ) throws -> Outcome {
        // As it is now: it may have been disabled, or got a second factor, while the password was being checked.
        guard let person = try People.find(person.id, db), !person.isDisabled else { throw LogIn.refusal }
        guard let accountID = try account ?? Accounts.first(ofPerson: person.id, db) else { throw noAccount }
        let half = HalfSignIn(accountID: accountID, means: means)
        guard person.hasSecondFactor else {
            return .opened(try open(person, half, nil, token: token, by: caller, at: now, settings, db))
        }
        try SingleUseTokens.insert(
            token,
            for: .secondFactor,
            personID: person.id,
            data: half.text,
            lasting: codeSeconds,
            at: now,
            db
        )
        return .needsSecondFactor(token: token)
    }

    /// Opens the session and writes it down in the audit log.
    /// - Parameter factor: how the second factor was shown, where one was.
    static func open(
        _ person: People.Person,
        _ half: HalfSignIn,
        _ factor: SecondFactor.Kind?,
        token: String,
        by caller: Caller,
        at now: Timestamp,
        _ settings: Settings,
        _ db: borrowing Database
    ) throws -> Opened {
        let id = try Sessions.insert(
            token: token,
            person: person,
            accountID: half.accountID,
            hasSecondFactor: factor != nil,
            by: caller,
            at: now,
            settings,
            db
        )
        guard let session = try Sessions.find(token: token, at: now, settings, db) else { throw noAccount }
        var caller = caller
        caller.kind = .session(session.holder, sessionID: id)
        var detail = [JSONValue.Member("means", .string(half.means.rawValue))]
        if let factor { detail.append(.init("second_factor", .string(factor.rawValue))) }
        try Audit.record(
            .signedIn,
            by: caller,
            account: half.accountID,
            target: "session:\(id)",
            detail: detail,
            at: now,
            db
        )
        return Opened(
            sessionID: id,
            accountID: half.accountID,
            token: token,
            lifetimeSeconds: settings.sessionTerms(of: person).lifetimeSeconds
        )
    }

    private static let noAccount = Failure.forbidden("You belong to no account", code: "no_account")
}

/// What a sign-in that waits for its second factor has found out so far.
struct HalfSignIn: Sendable {
    let accountID: Int64
    let means: SignIn.Means

    init(accountID: Int64, means: SignIn.Means) {
        (self.accountID, self.means) = (accountID, means)
    }

    var text: String { "\(accountID) \(means.rawValue)" }

    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, let accountID = Int64(words[0]), let means = SignIn.Means(rawValue: String(words[1]))
        else { return nil }
        self.init(accountID: accountID, means: means)
    }
}
