import Storage

/// What has happened to subscriptions, for their history and for the churn of a month. Every statement on
/// `subscription_change` is in this file.
enum SubscriptionChanges {
    enum Kind: String, Sendable, CaseIterable {
        case started
        case trialEnded = "trial_ended"
        case renewed, upgraded, downgraded
        case cancelAsked = "cancel_asked"
        case resumed
        case pastDue = "past_due"
        case recovered, canceled
    }

    struct Change: Sendable {
        let kind: Kind
        let fromVersionID: Int64?
        let toVersionID: Int64?
        let happenedAt: Timestamp
    }

    /// - Parameters:
    ///   - from: what it was billed by before; nil at its start.
    ///   - to: what it is billed by from here on; nil at its end.
    static func insert(
        _ kind: Kind,
        of subscriptionID: Int64,
        from: PlanVersions.Version?,
        to: PlanVersions.Version?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO subscription_change (subscription_id, kind, from_price_id, to_price_id, happened_at)
            VALUES (?, ?, ?, ?, ?)
            """,
            subscriptionID,
            kind.rawValue,
            from?.id,
            to?.id,
            now.milliseconds
        )
    }

    /// Oldest first.
    static func list(of subscriptionID: Int64, _ db: borrowing Database) throws -> [Change] {
        try db.all(
            """
            SELECT kind, from_price_id, to_price_id, happened_at FROM subscription_change
            WHERE subscription_id = ? ORDER BY id
            """,
            subscriptionID
        ) { row in
            Change(
                kind: try row.raw(0),
                fromVersionID: row[1],
                toVersionID: row[2],
                happenedAt: Timestamp(milliseconds: row[3])
            )
        }
    }
}
