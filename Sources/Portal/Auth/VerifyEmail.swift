import Web

/// `POST /auth/verify`: the link of the mail came back, so the address is theirs.
struct VerifyEmail: Endpoint {
    struct Input: Codable, Sendable {
        let token: Text<1, 256>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Success {
        let (token, now) = (input.token.value, app.now())
        return try await app.store.write { db in
            guard let taken = try SingleUseTokens.take(token, for: .verifyEmail, at: now, db),
                let person = try taken.personID.flatMap({ try People.find($0, db) }),
                person.email.utf8.elementsEqual(taken.data.utf8)
            else { throw SingleUseTokens.stale }
            if try People.setVerified(person.id, at: now, db) {
                try Audit.record(
                    .emailVerified,
                    by: caller,
                    account: try Accounts.first(ofPerson: person.id, db),
                    target: "person:\(person.id)",
                    at: now,
                    db
                )
            }
            return Success()
        }
    }
}
