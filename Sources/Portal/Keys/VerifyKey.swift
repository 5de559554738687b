import Storage
import Web

/// `POST /api/v1/keys/verify`: whether a key is good for one call now, as a gateway asks before it lets a call through.
/// The answer is 200 either way; `code` says why not. A good key's call is counted, of the key that was asked about.
///
/// A gateway asks with a key of its own that has the scope `keys:verify`: about keys of the same account, and an
/// operator's about anybody's. Other keys are NOT_FOUND.
struct VerifyKey: Endpoint {
    struct Input: Codable, Sendable {
        let key: Text<0, 256>
        /// What the call needs; the key must have all of them.
        let scopes: [Scope]?
        /// How many calls it counts as; 1 unless told. 0 asks only.
        let cost: Whole<0, 1_000_000>?
        /// Where the call comes from: a key that is bound to networks is good only with an address in one of them.
        let address: Text<0, 64>?
    }

    enum Code: String, Codable, Sendable, CaseIterable, Documented {
        case valid = "VALID"
        case notFound = "NOT_FOUND"
        case revoked = "REVOKED"
        case expired = "EXPIRED"
        case disabled = "DISABLED"
        /// The account's keys do not work now.
        case suspended = "SUSPENDED"
        /// Not from this address.
        case forbidden = "FORBIDDEN"
        case insufficientPermissions = "INSUFFICIENT_PERMISSIONS"
        case rateLimited = "RATE_LIMITED"
        case usageExceeded = "USAGE_EXCEEDED"

        static var sample: Code { .valid }
    }

    struct Answer: JSONOutput {
        let valid: Bool
        let code: Code
        var keyID: KeyID?
        var accountID: Int64?
        var appID: Int64?
        var plan: String?
        var test: Bool?
        /// Absent: everything.
        var scopes: [Scope]?
        /// Calls that are left this month; absent without a limit.
        var remaining: Int64?
        /// When the month's calls begin anew.
        var reset: Timestamp?
        /// The key's own windows, where it has some.
        var rateLimits: [WindowState]?

        enum CodingKeys: String, CodingKey {
            case valid, code, plan, test, scopes, remaining, reset
            case keyID = "key_id"
            case accountID = "account_id"
            case appID = "app_id"
            case rateLimits = "rate_limits"
        }

        init(_ code: Code) {
            (valid, self.code) = (code == .valid, code)
        }
    }

    struct WindowState: Codable, Sendable {
        let requests: Int64
        let seconds: Int64
        let remaining: Int64
        /// Seconds until one more request fits; 0 when it does.
        let retryAfter: Int64

        enum CodingKeys: String, CodingKey {
            case requests, seconds, remaining
            case retryAfter = "retry_after"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let gateway = try caller.requireHolder()
        let (text, now, begun) = (input.key.value, app.now(), app.uptime())
        guard APIKey.isPlausible(text), !app.settings.keyPrefixes.isMistyped(text) else { return Answer(.notFound) }
        let (digest, month) = (app.keyDigests.digest(of: text), now.month)
        let answer: Answer? = try app.store.read { db in
            guard let found = try AskedKey.find(digest: digest, at: now, in: month, db),
                found.accountID == gateway.accountID || gateway.isOperator
            else { return nil }
            if let code = refusal(of: found, input) { return Answer(code, found, in: month) }
            return try decide(found, cost: input.cost?.value ?? 1, at: now, in: month, app, db)
        }
        guard let answer, let accountID = answer.accountID, let keyID = answer.keyID?.value else {
            return Answer(.notFound)
        }
        if answer.valid { app.keysSeen.note(keyID, at: now) }
        // For the analytics of the account whose key it is; the gateway's own are not about this.
        if let route, input.cost?.value != 0 {
            app.requests.add(
                accountID: accountID,
                keyID: keyID,
                route: route,
                status: answer.code.status,
                micros: app.uptime() - begun,
                at: now.day
            )
        }
        return answer
    }

    /// Its own row.
    private static let route = routes.first { $0.name == "\(VerifyKey.self)" }

    /// What is wrong with the key whoever counts what.
    private static func refusal(of found: AskedKey, _ input: Input) -> Code? {
        switch found.standing {
        case .revoked: return .revoked
        case .expired: return .expired
        case .disabled: return .disabled
        case .suspended: return .suspended
        case .active: break
        }
        if let networks = found.grant.networks, !networks.contain(input.address?.value ?? "") { return .forbidden }
        if let needed = input.scopes, !needed.allSatisfy(found.grant.scopes.contains) {
            return .insufficientPermissions
        }
        return nil
    }

    /// A refusal by one limit counts in none of them.
    private static func decide(
        _ found: AskedKey,
        cost: Int64,
        at now: Timestamp,
        in month: Month,
        _ app: App,
        _ db: borrowing Database
    ) throws -> Answer {
        let windows = cost > 0 ? app.limits.take(found.grant, at: app.uptime()) : []
        guard windows.allSatisfy(\.isAllowed) else { return Answer(.rateLimited, found, windows, in: month) }
        let verdict = try app.calls.take(
            cost,
            of: found.grant,
            accountID: found.accountID,
            within: found.limits,
            at: now,
            in: month,
            db
        )
        if case .refused(let refusal) = verdict {
            if !windows.isEmpty { app.limits.giveBack(found.grant) }
            return Answer(refusal == .suspended ? .suspended : .usageExceeded, found, in: month)
        }
        var answer = Answer(.valid, found, windows, in: month)
        if case .within(let remaining) = verdict { answer.remaining = remaining }
        return answer
    }
}

extension VerifyKey.Code {
    /// What a call that is refused so is answered, and counted as.
    var status: Int {
        switch self {
        case .valid: 200
        case .notFound, .revoked, .expired, .disabled: 401
        case .suspended, .forbidden, .insufficientPermissions: 403
        case .rateLimited, .usageExceeded: 429
        }
    }
}

extension VerifyKey.Answer {
    init(
        _ code: VerifyKey.Code,
        _ found: AskedKey,
        _ windows: [RateLimiter.Verdict] = [],
        in month: Month
    ) {
        self.init(code)
        (keyID, accountID) = (KeyID(found.grant.id), found.accountID)
        (appID, plan, scopes) = (found.grant.appID, found.plan, found.grant.scopes.names)
        test = found.grant.isTest ? true : nil
        reset = Timestamp(day: month.next.firstDay)
        guard !windows.isEmpty else { return }
        rateLimits = zip(found.grant.rateLimits, windows).map { window, verdict in
            VerifyKey.WindowState(
                requests: window.requests.value,
                seconds: window.seconds.value,
                remaining: verdict.remaining,
                retryAfter: verdict.retrySeconds
            )
        }
    }
}

extension VerifyKey.Answer: JSONEncoding.Literal {
    func writeJSON(into out: inout [UInt8]) {
        var members = JSONMembers()
        members.add("valid", valid, into: &out)
        members.add("code", code.rawValue, into: &out)
        if let keyID { members.add("key_id", "\(keyID.value)", into: &out) }
        if let accountID { members.add("account_id", accountID, into: &out) }
        if let appID { members.add("app_id", appID, into: &out) }
        if let plan { members.add("plan", plan, into: &out) }
        if let test { members.add("test", test, into: &out) }
        if let scopes { members.add("scopes", ScopeNames(scopes: scopes), into: &out) }
        if let remaining { members.add("remaining", remaining, into: &out) }
        if let reset { members.add("reset", reset, into: &out) }
        if let rateLimits { members.add("rate_limits", WindowStates(states: rateLimits), into: &out) }
        members.end(into: &out)
    }

    private struct ScopeNames: JSONEncoding.Literal {
        let scopes: [Scope]

        func writeJSON(into out: inout [UInt8]) {
            out.append(UInt8(ascii: "["))
            for (index, scope) in scopes.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSONEncoding.write(string: scope.rawValue, into: &out)
            }
            out.append(UInt8(ascii: "]"))
        }
    }

    private struct WindowStates: JSONEncoding.Literal {
        let states: [VerifyKey.WindowState]

        func writeJSON(into out: inout [UInt8]) {
            out.append(UInt8(ascii: "["))
            for (index, state) in states.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                var members = JSONMembers()
                members.add("requests", state.requests, into: &out)
                members.add("seconds", state.seconds, into: &out)
                members.add("remaining", state.remaining, into: &out)
                members.add("retry_after", state.retryAfter, into: &out)
                members.end(into: &out)
            }
            out.append(UInt8(ascii: "]"))
        }
    }
}
