import Crypto
import Storage
import Web

/// The second factor: a code of the person's authenticator (RFC 6238), or one of the recovery codes kept for the day
/// it is lost.
enum SecondFactor {
    enum Kind: String, Sendable {
        case totp
        case recoveryCode = "recovery_code"
    }

    /// A code as it was typed: spaces and hyphens do not matter.
    typealias Code = Text<6, 64>

    /// Not 401, which would say that a session has ended.
    static let wrong = Failure.forbidden("This code is wrong or was used before", code: "invalid_code")

    /// Takes a code, so that it works no second time.
    /// - Returns: nil for a wrong one.
    static func take(
        _ code: Code,
        of personID: Int64,
        at now: Timestamp,
        in app: App,
        _ db: borrowing Database
    ) throws -> Kind? {
        if try takeTOTP(code, of: personID, isConfirmed: true, at: now, in: app, db) { return .totp }
        return try RecoveryCodes.take(plain(code), of: personID, at: now, db) ? .recoveryCode : nil
    }

    /// - Parameter isConfirmed: false to try the seed of a person who is just setting it up.
    static func takeTOTP(
        _ code: Code,
        of personID: Int64,
        isConfirmed: Bool,
        at now: Timestamp,
        in app: App,
        _ db: borrowing Database
    ) throws -> Bool {
        guard let stored = try People.seed(of: personID, db), stored.isConfirmed == isConfirmed else { return false }
        let seed: [UInt8]
        do {
            seed = try SealedSecret.open(stored.sealed, under: [app.seedKey], context: context(personID))
        } catch SealedSecret.Failure.unreadable {
            // Another KEY_PEPPER than it was made under. Recovery codes still work.
            app.log.error(
                "a second factor cannot be read: was KEY_PEPPER changed?",
                metadata: ["person": "\(personID)"]
            )
            return false
        }
        guard let step = try TOTP.match(plain(code), seed, at: now.seconds, after: stored.lastStep) else {
            return false
        }
        try People.setLastStep(step, of: personID, db)
        return true
    }

    /// A new seed for the person, sealed.
    static func makeSeed(of personID: Int64, in app: App) throws -> (seed: [UInt8], sealed: [UInt8]) {
        let seed = try app.random(TOTP.seedSize)
        return (seed, try SealedSecret.seal(seed, under: app.seedKey, context: context(personID)))
    }

    private static func context(_ personID: Int64) -> String { "person:\(personID)" }

    private static func plain(_ code: Code) -> String {
        String(code.value.unicodeScalars.filter { $0 != " " && $0 != "-" }.map(Character.init))
    }
}
