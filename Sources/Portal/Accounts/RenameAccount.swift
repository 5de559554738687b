import Web

/// `PATCH /api/v1/account`: another name for the account.
struct RenameAccount: Endpoint {
    struct Input: Codable, Sendable {
        let name: Text<1, 120>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ShowAccount.Answer {
        let holder = try caller.requireHolder()
        let now = app.now()
        return try await app.store.write { db in
            guard let before = try Accounts.find(holder.accountID, db) else {
                throw Failure.notFound("Account not found")
            }
            if before.name != input.name.value {
                try Accounts.setName(input.name.value, of: before.id, db)
                try Audit.record(
                    .accountRenamed,
                    by: caller,
                    account: before.id,
                    target: "account:\(before.id)",
                    detail: [.init("from", .string(before.name)), .init("to", .string(input.name.value))],
                    at: now,
                    db
                )
            }
            guard let account = try Accounts.find(before.id, db) else { throw Failure.notFound("Account not found") }
            return ShowAccount.Answer(account, as: holder)
        }
    }
}
