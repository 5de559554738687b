import Web

/// `purser account suspend ACCOUNT`: its keys are refused from the next request on; its members can sign in and pay.
struct SuspendAccount: Endpoint {
    struct Answer: JSONOutput {
        let account: AccountSummary
    }

    static func handle(_ input: AccountByName, by caller: Caller, in app: App) async throws -> Answer {
        try await set("suspended", .accountSuspended, input, by: caller, in: app)
    }

    fileprivate static func set(
        _ status: String,
        _ action: Audit.Action,
        _ input: AccountByName,
        by caller: Caller,
        in app: App
    ) async throws -> Answer {
        let now = app.now()
        return try await app.store.write { db in
            let id = try Accounts.require(input.account.value, db)
            try Accounts.setStatus(status, of: id, db)
            try Audit.record(action, by: caller, account: id, target: "account:\(id)", at: now, db)
            guard let account = try Accounts.find(id, db) else { throw Failure.notFound("There is no account \(id)") }
            return Answer(account: AccountSummary(account))
        }
    }
}

/// `purser account resume ACCOUNT`.
struct ResumeAccount: Endpoint {
    static func handle(
        _ input: AccountByName,
        by caller: Caller,
        in app: App
    ) async throws -> SuspendAccount.Answer {
        try await SuspendAccount.set("active", .accountResumed, input, by: caller, in: app)
    }
}
