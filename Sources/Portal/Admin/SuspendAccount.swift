import Storage
import Web

/// `purser account suspend ACCOUNT`: its keys are refused from the next request on; its members can sign in and pay.
struct SuspendAccount: Endpoint {
    struct Answer: JSONOutput {
        let account: AccountSummary
    }

    static func handle(_ input: AccountByName, by caller: Caller, in app: App) async throws -> Answer {
        try await set("suspended", .accountSuspended, by: caller, in: app) { db in
            try Accounts.require(input.account.value, db)
        }
    }

    fileprivate static func set(
        _ status: String,
        _ action: Audit.Action,
        by caller: Caller,
        in app: App,
        _ find: @escaping @Sendable (borrowing Database) throws -> Int64
    ) async throws -> Answer {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let id = try find(db)
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
        try await SuspendAccount.set("active", .accountResumed, by: caller, in: app) { db in
            try Accounts.require(input.account.value, db)
        }
    }
}

/// The account that an operator's path names.
struct AccountByID: Codable, Sendable {
    let id: Int64
}

/// `POST /api/v1/admin/accounts/{id}/suspend`: as ``SuspendAccount``.
struct SuspendAccountByID: Endpoint {
    static func handle(_ input: AccountByID, by caller: Caller, in app: App) async throws -> SuspendAccount.Answer {
        try await SuspendAccount.set("suspended", .accountSuspended, by: caller, in: app) { db in
            try Accounts.require(input.id, db)
        }
    }
}

/// `POST /api/v1/admin/accounts/{id}/resume`: as ``ResumeAccount``.
struct ResumeAccountByID: Endpoint {
    static func handle(_ input: AccountByID, by caller: Caller, in app: App) async throws -> SuspendAccount.Answer {
        try await SuspendAccount.set("active", .accountResumed, by: caller, in: app) { db in
            try Accounts.require(input.id, db)
        }
    }
}
