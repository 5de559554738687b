import Storage
import Web

/// One try to show who one is, by whatever secret: counted, delayed after failures, and written down when it fails.
struct Attempt: Sendable {
    private let counted: SignInFailures.Attempt
    private let caller: Caller

    /// - Parameter email: whose secret is tried, known or not.
    /// - Throws: ``Failure`` 429 with `Retry-After` for who must wait; ``StoreError``.
    static func begin(_ email: String, by caller: Caller, in app: App) async throws -> Attempt {
        let now = app.now()
        let subjects = SignInFailures.subjects(email: email, caller, app.settings)
        guard !subjects.isEmpty else { return Attempt(counted: SignInFailures.Attempt.none, caller: caller) }
        let counted = try await app.store.write { db in try SignInFailures.begin(subjects, at: now, db) }
        return Attempt(counted: counted, caller: caller)
    }

    /// - Parameter person: whose secret was tried, if anyone's: it shows in the audit log of their first account. What
    ///   strangers type shows nowhere, for it may be a password.
    func fail(_ person: People.Person?, in app: App) async throws {
        let now = app.now()
        app.log.info(
            "a sign-in was refused",
            metadata: ["address": "\(caller.address)", "request": "\(caller.requestID)"]
        )
        try await app.store.write { db in
            try SignInFailures.fail(counted, at: now, db)
            guard let person else { return }
            try Audit.record(
                .signInRefused,
                by: caller,
                account: try caller.holder?.accountID ?? Accounts.first(ofPerson: person.id, db),
                target: "person:\(person.id)",
                at: now,
                db
            )
        }
    }

    /// - Parameter isWhole: false while a second factor is still to come.
    func succeed(isWhole: Bool, _ db: borrowing Database) throws {
        try SignInFailures.succeed(counted, isWhole: isWhole, db)
    }
}
