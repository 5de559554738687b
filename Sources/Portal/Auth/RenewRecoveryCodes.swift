import Web

/// `POST /api/v1/me/totp/recovery-codes`: ten new ones in place of the old.
struct RenewRecoveryCodes: Endpoint {
    static func handle(
        _ input: ConfirmSecondFactor.Input,
        by caller: Caller,
        in app: App
    ) async throws -> SignedIn<ConfirmSecondFactor.Codes> {
        let (holder, id) = try caller.requireSession()
        let (codes, renewal, now) = (try RecoveryCodes.make(app), try SessionRenewal(app), app.now())
        try await SecondFactor.require(input.code, of: holder, by: caller, in: app) { db in
            try RecoveryCodes.replace(codes, of: holder.userID, db)
            try Sessions.setSecondFactor(true, of: id, db)
            try renewal.apply(to: id, db)
            try SecondFactor.tell(.recoveryCodesMade, holder, by: caller, at: now, db)
        }
        app.outbox.wake()
        return SignedIn(
            body: ConfirmSecondFactor.Codes(recoveryCodes: codes),
            cookie: renewal.cookie(for: caller, app)
        )
    }
}
