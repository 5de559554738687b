import Web

/// `POST /api/auth/check-verification`: whether somebody with this address has yet to verify it.
///
/// No for an address that nobody has, at the same moment as for one that is verified. Signing in waits for no
/// verification, so older clients ask this in vain.
struct CheckVerification: Endpoint {
    struct Answer: JSONOutput {
        let emailNotVerified: Bool
    }

    static func handle(_ input: MailAnswer.Input, by caller: Caller, in app: App) async throws -> Answer {
        let person = try app.store.read { db in try People.find(email: input.email, db) }
        return Answer(emailNotVerified: person.map { !$0.isVerified && !$0.isDisabled } ?? false)
    }
}
