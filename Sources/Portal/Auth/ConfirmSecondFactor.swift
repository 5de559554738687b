import Web

/// `POST /api/v1/me/totp/confirm`: a code shows that the authenticator works, and the second factor is on. The answer
/// holds the recovery codes, which are shown this once.
struct ConfirmSecondFactor: Endpoint {
    struct Input: Codable, Sendable {
        let code: SecondFactor.Code
    }

    struct Codes: Codable, Sendable {
        let recoveryCodes: [String]

        enum CodingKeys: String, CodingKey {
            case recoveryCodes = "recovery_codes"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> SignedIn<Codes> {
        let (holder, id) = try caller.requireSession()
        let attempt = try await Attempt.begin(holder.profile.email, by: caller, in: app)
        let codes = try RecoveryCodes.make(app)
        let (renewal, now) = (try SessionRenewal(app), app.now())
        let isRight = try await app.store.write { db -> Bool in
            guard
                try SecondFactor.takeTOTP(input.code, of: holder.userID, isConfirmed: false, at: now, in: app, db)
            else { return false }
            try attempt.succeed(isWhole: false, db)
            try People.confirmSeed(of: holder.userID, at: now, db)
            try RecoveryCodes.replace(codes, of: holder.userID, db)
            try Sessions.setSecondFactor(true, of: id, db)
            try renewal.apply(to: id, db)
            try SecondFactor.tell(.secondFactorOn, holder, by: caller, at: now, db)
            return true
        }
        guard isRight else {
            try await attempt.fail(nil, in: app)
            throw SecondFactor.wrong
        }
        app.outbox.wake()
        return SignedIn(body: Codes(recoveryCodes: codes), cookie: renewal.cookie(for: caller, app))
    }
}
