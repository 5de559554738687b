import Storage
import Web

/// The password again, or the code again, before something that could lock a person out of their own account
/// (ASVS 5.0, 6.2.3 and 7.5.1). Tries are counted and delayed as sign-ins are.
enum CurrentPassword {
    /// Lets a person without a password through.
    /// - Throws: ``Failure`` 403 for a wrong one, 429 after too many.
    static func require(
        _ password: Password?,
        of holder: Caller.Holder,
        field: String,
        by caller: Caller,
        in app: App
    ) async throws {
        guard let person = try app.store.read({ db in try People.find(holder.userID, db) }) else {
            throw Failure.unauthorized("Not authenticated")
        }
        guard let hash = person.passwordHash else { return }
        guard let password, !password.value.isEmpty else { throw Failure.invalid(field, "is needed") }
        let attempt = try await Attempt.begin(person.email, by: caller, in: app)
        guard case .match = try await app.passwords.verify(password.value, against: hash) else {
            try await attempt.fail(person, in: app)
            // Not 401: the session is as good as before.
            throw Failure.forbidden("This is not your password", code: "wrong_password")
        }
        try await app.store.write { db in try attempt.succeed(isWhole: false, db) }
    }
}

extension SecondFactor {
    /// Takes a code and does `change` in the same transaction.
    /// - Throws: ``Failure`` 403 for a wrong one, 409 where none is set up, 429 after too many.
    static func require(
        _ code: Code,
        of holder: Caller.Holder,
        by caller: Caller,
        in app: App,
        _ change: @escaping @Sendable (borrowing Database) throws -> Void
    ) async throws {
        let person = try app.store.read { db in try People.find(holder.userID, db) }
        guard let person, person.hasSecondFactor else {
            throw Failure.conflict("No second factor is set up", code: "second_factor_off")
        }
        let attempt = try await Attempt.begin(person.email, by: caller, in: app)
        let now = app.now()
        let isRight = try await app.store.write { db -> Bool in
            guard try take(code, of: person.id, at: now, in: app, db) != nil else { return false }
            try attempt.succeed(isWhole: false, db)
            try change(db)
            return true
        }
        guard isRight else {
            try await attempt.fail(person, in: app)
            throw wrong
        }
    }

    /// Writes a change down in the audit log, and tells the person by mail.
    static func tell(
        _ action: Audit.Action,
        _ holder: Caller.Holder,
        by caller: Caller,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try Audit.record(
            action,
            by: caller,
            account: holder.accountID,
            target: "person:\(holder.userID)",
            at: now,
            db
        )
        let letter = SignInLetters.secondFactor(action)
        try Mails.queue(letter, to: holder.profile.email, account: nil, at: now, db)
    }
}
