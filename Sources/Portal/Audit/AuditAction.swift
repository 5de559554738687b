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
        case signedIn = "session.created"
        case signedOut = "session.ended"
    }
}
