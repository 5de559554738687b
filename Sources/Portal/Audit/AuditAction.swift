extension Audit {
    /// What entries tell of; `noun.verb` in the past.
    enum Action: String, Sendable, CaseIterable {
        case accountCreated = "account.created"
        case planChanged = "account.plan_changed"
        case creditGranted = "account.credit_granted"
        case keyCreated = "key.created"
        case keyChanged = "key.changed"
        case keyRotated = "key.rotated"
        case keyRevoked = "key.revoked"
        case keyLeaked = "key.leaked"
        case webhookCreated = "webhook.created"
        case webhookChanged = "webhook.changed"
        case webhookDeleted = "webhook.deleted"
        case webhookSecretRotated = "webhook.secret_rotated"
        case signedIn = "session.created"
        case signedOut = "session.ended"
        case signInRefused = "session.refused"
        case sessionsEnded = "person.sessions_ended"
        case accountSwitched = "session.account_switched"
        case emailVerified = "email.verified"
        case passwordResetAsked = "password.reset_asked"
        case passwordReset = "password.reset"
        case passwordChanged = "password.changed"
        case secondFactorOn = "second_factor.on"
        case secondFactorOff = "second_factor.off"
        case recoveryCodesMade = "second_factor.recovery_codes_made"
    }
}
