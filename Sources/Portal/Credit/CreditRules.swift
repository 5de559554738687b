import Storage

/// What accounts want to happen when their credit runs low. Every statement on `credit_rule` is in this file.
///
/// Credit is spent in the transactions that record use, which know nothing of these rules: ``LowCredit`` looks at the
/// accounts that have one, once a second.
enum CreditRules {
    /// Automatic top-ups end after so many failures in a row; the account turns them on again by setting its rule.
    static let mostFailures: Int64 = 3
    static let secondsAfterFailure: Int64 = 3600
    /// Between two top-ups: what an account owes is paid first, so that its credit may be low after one.
    static let secondsAfterTopUp: Int64 = 3600
    /// After which a top-up that never came to anything counts as failed.
    static let secondsUnderWay: Int64 = 86_400

    struct Rule: Sendable {
        var alertBelow: Cents?
        var alertedAt: Timestamp?
        var topUpBelow: Cents?
        var topUpAmount: Cents?
        var topUpsAtMost: Int64 = 10
        var month = 0
        /// In `month`.
        var topUps: Int64 = 0
        var topUpSince: Timestamp?
        var failures: Int64 = 0
        var error: String?
        var retryAt: Timestamp?

        /// Whether failures have ended automatic top-ups.
        var isOff: Bool { failures >= CreditRules.mostFailures }

        func topUps(in month: Month) -> Int64 { self.month == month.number ? topUps : 0 }

        func needsAlert(at credit: Cents) -> Bool {
            alertBelow.map { alertedAt == nil && credit < $0 } ?? false
        }

        /// Told once a crossing: the next one counts when there has been enough again.
        func alertIsOver(at credit: Cents) -> Bool {
            alertedAt != nil && alertBelow.map { credit >= $0 } ?? true
        }

        func needsTopUp(at credit: Cents, _ now: Timestamp) -> Bool {
            guard let topUpBelow, credit < topUpBelow, !isOff, topUpSince == nil else { return false }
            return topUps(in: now.month) < topUpsAtMost && retryAt.map { $0 <= now } ?? true
        }

        /// The top-up under way was begun long ago, by a process that has ended since or at a provider that never told.
        func isLost(at now: Timestamp) -> Bool {
            topUpSince.map { $0.adding(seconds: CreditRules.secondsUnderWay) <= now } ?? false
        }
    }

    static func find(_ accountID: Int64, _ db: borrowing Database) throws -> Rule? {
        try db.first(
            """
            SELECT alert_below, alerted_at, top_up_below, top_up_amount, top_ups_at_most, top_up_month, top_ups,
                top_up_since, top_up_failures, top_up_error, top_up_retry_at
            FROM credit_rule WHERE account_id = ?
            """,
            accountID
        ) { row in
            Rule(
                alertBelow: (row[0] as Int64?).map { Cents($0) },
                alertedAt: (row[1] as Int64?).map { Timestamp(milliseconds: $0) },
                topUpBelow: (row[2] as Int64?).map { Cents($0) },
                topUpAmount: (row[3] as Int64?).map { Cents($0) },
                topUpsAtMost: row[4],
                month: row[5],
                topUps: row[6],
                topUpSince: (row[7] as Int64?).map { Timestamp(milliseconds: $0) },
                failures: row[8],
                error: row[9],
                retryAt: (row[10] as Int64?).map { Timestamp(milliseconds: $0) }
            )
        }
    }

    /// The accounts that may need something done; few of those that have a rule.
    static func candidates(_ db: borrowing Database) throws -> [Int64] {
        try db.all(
            """
            SELECT account_id FROM (
                SELECT r.account_id, r.alert_below, r.alerted_at, r.top_up_below, r.top_up_since, r.top_up_failures,
                    coalesce((SELECT sum(b.credits - b.debits) FROM ledger_balance b
                        WHERE b.account_id = r.account_id AND b.side = 'credit'), 0) AS credit
                FROM credit_rule r
            ) AS c
            WHERE (alerted_at IS NULL AND credit < alert_below)
                OR (alerted_at IS NOT NULL AND credit >= coalesce(alert_below, 0))
                OR top_up_since IS NOT NULL OR (credit < top_up_below AND top_up_failures < ?)
            ORDER BY account_id
            """,
            mostFailures
        ) { row in row[0] }
    }

    /// Sets what the account wants, and forgets what failed before. What is under way stays under way.
    static func set(
        alertBelow: Cents?,
        topUp: (below: Cents, amount: Cents, atMost: Int64)?,
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO credit_rule (account_id, alert_below, top_up_below, top_up_amount, top_ups_at_most, updated_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id) DO UPDATE SET alert_below = excluded.alert_below, alerted_at = NULL,
                top_up_below = excluded.top_up_below, top_up_amount = excluded.top_up_amount,
                top_ups_at_most = excluded.top_ups_at_most, top_up_failures = 0, top_up_error = NULL,
                top_up_retry_at = NULL, updated_at = excluded.updated_at
            """,
            accountID,
            alertBelow?.value,
            topUp?.below.value,
            topUp?.amount.value,
            topUp?.atMost ?? 10,
            now.milliseconds
        )
    }

    static func setAlerted(_ moment: Timestamp?, _ accountID: Int64, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE credit_rule SET alerted_at = ? WHERE account_id = ?",
            moment?.milliseconds,
            accountID
        )
    }

    /// Counts a top-up and notes that it is under way; no other begins before ``topUpArrived(_:at:_:)`` or
    /// ``topUpFailed(_:_:at:_:)``, and none for a while after.
    static func beginTopUp(_ rule: Rule, _ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE credit_rule SET top_up_since = ?, top_up_month = ?, top_ups = ? WHERE account_id = ?",
            now.milliseconds,
            now.month.number,
            rule.topUps(in: now.month) + 1,
            accountID
        )
    }

    /// Its payment is booked; also told by ``CreditGrants/give(_:kind:name:to:priority:expiresAt:providerID:at:_:)`` of
    /// credit that was paid for, where the answer to the charge was lost.
    static func topUpArrived(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE credit_rule SET top_up_since = NULL, top_up_failures = 0, top_up_error = NULL, top_up_retry_at = ?
            WHERE account_id = ? AND top_up_since IS NOT NULL
            """,
            now.adding(seconds: secondsAfterTopUp).milliseconds,
            accountID
        )
    }

    /// - Returns: the rule as it is now; nil where none was under way any more.
    static func topUpFailed(
        _ accountID: Int64,
        _ error: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Rule? {
        let changes = try db.run(
            """
            UPDATE credit_rule SET top_up_since = NULL, top_up_failures = top_up_failures + 1, top_up_error = ?,
                top_up_retry_at = ? WHERE account_id = ? AND top_up_since IS NOT NULL
            """,
            error,
            now.adding(seconds: secondsAfterFailure).milliseconds,
            accountID
        )
        return changes > 0 ? try find(accountID, db) : nil
    }
}
