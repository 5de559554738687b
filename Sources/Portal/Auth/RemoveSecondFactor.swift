import Storage
import Web

/// `POST /api/v1/me/totp/remove`: turns the second factor off, on showing it once more.
///
/// A `POST`, since a code has no place in an address, and `DELETE` has no body here.
struct RemoveSecondFactor: Endpoint {
    struct Input: Codable, Sendable {
        let code: SecondFactor.Code
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<Success> {
        let (holder, id) = try caller.requireSession()
        let (renewal, now) = (try SessionRenewal(app), app.now())
        try await SecondFactor.require(input.code, of: holder, by: caller, in: app) { db in
            try People.removeSeed(of: holder.userID, db)
            try RecoveryCodes.deleteAll(of: holder.userID, db)
            try Sessions.forgetSecondFactor(ofPerson: holder.userID, db)
            try renewal.apply(to: id, db)
            try SecondFactor.tell(.secondFactorOff, holder, by: caller, at: now, db)
        }
        app.outbox.wake()
        return SignedIn(body: Success(), cookie: renewal.cookie(for: caller, app))
    }
}
