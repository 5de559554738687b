import Crypto
import Web

/// `POST /api/v1/me/totp`: a new seed for the person's authenticator, in use once a code of it was confirmed.
///
/// Who has a password shows it again, for whoever finds an open session could lock its owner out.
struct SetUpSecondFactor: Endpoint {
    struct Input: Codable, Sendable {
        let password: Password?
    }

    struct Answer: JSONOutput {
        /// Base 32, for typing.
        let secret: String
        /// For a QR code (Google Authenticator's key URI format).
        let otpauthURL: String

        enum CodingKeys: String, CodingKey {
            case secret
            case otpauthURL = "otpauth_url"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let (holder, _) = try caller.requireSession()
        try await CurrentPassword.require(input.password, of: holder, field: "password", by: caller, in: app)
        let (seed, sealed) = try SecondFactor.makeSeed(of: holder.userID, in: app)
        try await app.store.write { db in
            guard try People.setSeed(sealed, of: holder.userID, db) else {
                throw Failure.conflict("A second factor is set up already", code: "second_factor_on")
            }
        }
        let secret = Base32.encode(seed)
        let name = PercentCoding.encode(holder.profile.email)
        let url =
            "otpauth://totp/Purser:\(name)?secret=\(secret)&issuer=Purser"
            + "&algorithm=SHA1&digits=\(TOTP.digits)&period=\(TOTP.period)"
        return Answer(secret: secret, otpauthURL: url)
    }
}
