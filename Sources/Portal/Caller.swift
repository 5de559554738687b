import Web

/// Who is asking.
struct Caller: Sendable {
    enum Kind: Sendable, Equatable {
        case anonymous
        case key(Holder, KeyGrant)
        case session(Holder, sessionID: Int64)
        /// A person by the ID token of an OpenID Connect issuer.
        case idToken(Holder)
        /// A `<prefix>_dev_` key while ``Settings/devMode`` is on: stands for nobody.
        case development
        /// A shell command on this machine, through the control socket.
        case shell
    }

    /// The account and person that a key or a session stands for.
    struct Holder: Sendable, Equatable {
        let accountID: Int64
        let userID: Int64
        let isOperator: Bool
        let profile: Profile
        /// The person's in the account; nil for keys, which have scopes.
        var role: Role?
    }

    /// What the presented key allows.
    struct KeyGrant: Sendable, Equatable {
        let id: Int64
        var scopes = Scopes.all
        /// Its use is never billed.
        var isTest = false
        /// Nil: from anywhere.
        var networks: Networks?
        /// Beside the route's own limit.
        var rateLimits: [RateWindow] = []
        /// Calls a month, together with the keys that it took the place of.
        var monthlyQuota: Int64?
        /// The key under which those are counted.
        var countsAs: Int64 = 0
        var appID: Int64?
    }

    /// What was read about them on the way in, by the one look-up that authenticated them.
    struct Profile: Sendable, Equatable {
        let name: String
        let email: String
        let stripeCustomerID: String?
        let createdAt: Timestamp
        /// Whether a mail has shown that the address is theirs.
        let isVerified: Bool
    }

    var kind: Kind = .anonymous
    /// The key as presented, where one was.
    var presentedKey: String?
    var sessionToken: String?
    /// An ID token as presented, on routes that take one, where no cookie was.
    var idToken: String?
    /// What ties a sign-in at a provider to this browser, where it was presented.
    var signInCookie: String?
    /// What the token of a form must fit, where it was presented.
    var formCookie: String?
    let address: String
    let requestID: String
    /// What the browser calls itself, cut short; the person's own list of sessions shows it.
    var userAgent = ""
    var isSecure = false
    /// Of an open route: whether it only looks ahead, as `HEAD` and browsers' prefetching do.
    var isSpeculative = false
    /// Whether the session's sign-in, or what came after it, showed a second factor.
    var hasSecondFactor = false
    var idempotency: IdempotencyClaim?
    /// Whose key it was, where a known key was refused.
    var refused: RefusedKey?

    struct RefusedKey: Sendable {
        let accountID: Int64
        let keyID: Int64
        let appID: Int64?

        init(_ found: APIKeys.Found) {
            (accountID, keyID, appID) = (found.holder.accountID, found.grant.id, found.grant.appID)
        }
    }

    var holder: Holder? {
        switch kind {
        case .key(let holder, _), .session(let holder, _), .idToken(let holder): holder
        case .anonymous, .development, .shell: nil
        }
    }

    var keyID: Int64? {
        if case .key(_, let grant) = kind { grant.id } else { nil }
    }

    /// The app whose key was presented, whether or not it was let in.
    var appID: Int64? {
        if case .key(_, let grant) = kind { grant.appID } else { refused?.appID }
    }

    /// Whether what this caller uses is for trying out, and never billed.
    var isTest: Bool {
        if case .key(_, let grant) = kind { grant.isTest } else { false }
    }

    /// For endpoints whose row admits only keys and sessions.
    /// - Throws: ``Failure`` 401.
    func requireHolder() throws -> Holder {
        guard let holder else { throw Failure.unauthorized("Unauthorized") }
        return holder
    }

    /// For endpoints that take a user's id: one's own, or anyone's for an operator.
    /// - Throws: ``Failure`` 404, the same for an id that does not exist.
    func require(user id: Int64) throws -> Holder {
        let holder = try requireHolder()
        guard holder.userID == id || holder.isOperator else { throw Failure.notFound("User not found") }
        return holder
    }
}
