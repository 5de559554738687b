import Storage

/// What must hold of the partner program at any moment; part of ``LedgerCheck``.
enum PartnerCheck {
    /// - Returns: a sentence for each thing that does not hold.
    static func run(_ db: borrowing Database) throws -> [String] {
        try rewards(db) + earners(db) + flags(db)
    }

    /// Each account's rewards stand in the books as their states say, side by side.
    private static func rewards(_ db: borrowing Database) throws -> [String] {
        try db.all(
            """
            SELECT account_id, side, currency, sum(amount) FROM (
                SELECT account_id, 'reward_cost' AS side, currency,
                    CASE WHEN status = 'CANCELLED' THEN 0 ELSE amount - taken_back END AS amount FROM reward
                UNION ALL
                SELECT account_id, 'reward_held', currency, taken_back - amount FROM reward WHERE status = 'PENDING'
                UNION ALL
                SELECT account_id, 'reward_due', currency, taken_back - amount FROM reward WHERE status = 'APPROVED'
                UNION ALL
                SELECT account_id, 'reward_due', currency, paid_out + taken_back - amount FROM reward
                WHERE paid_at IS NOT NULL
                UNION ALL
                SELECT account_id, 'reward_paid', currency, -paid_out FROM reward WHERE paid_at IS NOT NULL
                UNION ALL
                SELECT account_id, side, currency, credits - debits FROM ledger_balance
                WHERE side IN ('reward_cost', 'reward_held', 'reward_due', 'reward_paid')
            ) AS c GROUP BY account_id, side, currency HAVING sum(amount) <> 0
            """
        ) { row in
            "the side \(row[1] as String) of account \(row[0] as Int64) differs from its rewards by "
                + "\(row[3] as Int64) \(row[2] as String)"
        }
    }

    /// Only conversions that count earn, and never for who converted by their own code.
    private static func earners(_ db: borrowing Database) throws -> [String] {
        let idle: [String] = try db.all(
            """
            SELECT r.public_id FROM reward r JOIN conversion c ON c.id = r.conversion_id
            WHERE r.status <> 'CANCELLED' AND c.status <> 'CONVERTED'
            """
        ) { row in "the reward \(row[0] as String) is of a conversion that does not count" }
        let own: [String] = try db.all(
            """
            SELECT r.public_id FROM reward r JOIN conversion c ON c.id = r.conversion_id
            WHERE r.level > 0 AND r.user_id = c.referee_id
            """
        ) { row in "the reward \(row[0] as String) is of who converted" }
        let states: [String] = try db.all(
            """
            SELECT public_id FROM reward WHERE (status = 'PAID' AND paid_at IS NULL)
                OR (status = 'CANCELLED' AND cancel_reason IS NULL) OR (status <> 'CANCELLED' AND taken_back = amount)
            """
        ) { row in "the reward \(row[0] as String) is in no state that there is" }
        return idle + own + states
    }

    /// What is flagged waits for somebody, and what is open keeps something waiting.
    private static func flags(_ db: borrowing Database) throws -> [String] {
        let referrals: [String] = try db.all(
            """
            SELECT public_id FROM referral WHERE (status = 'FLAGGED') <> EXISTS (SELECT 1 FROM fraud_flag f
                WHERE f.referral_id = referral.id AND f.conversion_id IS NULL AND f.resolved_at IS NULL)
            """
        ) { row in "the referral \(row[0] as String) and its flags do not agree" }
        let conversions: [String] = try db.all(
            """
            SELECT public_id FROM conversion WHERE status = 'FLAGGED' AND NOT EXISTS (SELECT 1 FROM fraud_flag f
                WHERE f.referral_id = conversion.referral_id AND f.resolved_at IS NULL
                    AND coalesce(f.conversion_id, conversion.id) = conversion.id)
            """
        ) { row in "the conversion \(row[0] as String) waits for nobody" }
        return referrals + conversions
    }
}
