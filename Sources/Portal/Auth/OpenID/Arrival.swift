import Storage
import Web

/// What becomes of somebody for whom a provider vouches.
enum Arrival: Sendable {
    /// The identity is theirs.
    case known(personID: Int64)
    /// Nobody had the address: a person and an account were made.
    case newcomer(personID: Int64)
    /// Somebody has the address: they have to show that it is them, and to agree.
    case taken

    static let unverified = Failure.forbidden(
        "The provider has not verified your mail address; verify it there, or sign up with a password",
        code: "address_unverified"
    )

    /// Finds the person of an identity, or makes one at first sight.
    ///
    /// An address alone never opens an account that exists: it may have passed to somebody else, and the provider may
    /// be mistaken about it.
    /// - Throws: ``Failure`` 403 for an address that is missing or not verified; ``StoreError``.
    static func settle(_ claims: IDClaims, by caller: Caller, in app: App) async throws -> Arrival {
        let now = app.now()
        let credit = app.settings.openingCredit
        let arrival = try await app.store.write { db in
            if let id = try Identities.person(issuer: claims.issuer, subject: claims.subject, db) {
                return Arrival.known(personID: id)
            }
            let email = try claims.verifiedEmail()
            if try People.find(email: email, db) != nil { return .taken }
            let newcomer = Newcomer(name: claims.displayName(email), email: email, passwordHash: nil)
            let ids = try newcomer.insert(credit: credit, at: now, db)
            try Identities.insert(claims, personID: ids.person, at: now, db)
            try People.setVerified(ids.person, at: now, db)
            try StripeCustomers.linkLater(ids.account, at: now, db)
            try Audit.record(
                .accountCreated,
                by: caller,
                account: ids.account,
                target: "person:\(ids.person)",
                detail: [.init("issuer", .string(claims.issuer))],
                at: now,
                db
            )
            return .newcomer(personID: ids.person)
        }
        if case .newcomer = arrival { app.outbox.wake() }
        return arrival
    }
}

extension IDClaims {
    /// - Throws: ``Arrival/unverified``.
    func verifiedEmail() throws -> Email {
        guard isEmailVerified, let email = email.flatMap({ Email($0) }) else { throw Arrival.unverified }
        return email
    }

    /// What the provider calls them if it can be shown, else what stands before the `@`.
    fileprivate func displayName(_ email: Email) -> String {
        if let name, let text = Text<1, 120>(name) { return text.value }
        return String(email.value.prefix { $0 != "@" })
    }
}
