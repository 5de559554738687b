import Storage
import Web

/// What went back to payers, and what was asked to. Every statement on `refund` is in this file.
enum Refunds {
    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        /// Written down here; the provider may not know it yet.
        case asked
        case pending, succeeded, failed, canceled

        static var sample: Status { .succeeded }

        /// The provider's word; one that waits for the payer is pending.
        init?(provider word: String) {
            self.init(rawValue: word == "requires_action" ? "pending" : word)
            if self == .asked { return nil }
        }

        /// A refund only ever goes up this ladder, whatever old news say: even one that succeeded may fail days later.
        var rank: Int {
            switch self {
            case .asked: 0
            case .pending: 1
            case .succeeded: 2
            case .failed, .canceled: 3
            }
        }
    }

    struct Refund: Sendable {
        let id: Int64
        let paymentID: Int64
        let providerID: String?
        let amount: Cents
        let currency: Currency
        let reason: String
        /// With which the provider is asked, each time.
        let key: String?
        let status: Status
        let error: String?
        let createdAt: Timestamp
    }

    struct Sums: Sendable {
        var good = Cents.zero
        var failed = Cents.zero
    }

    // MARK: Asking

    /// - Returns: nil when it was asked for under this key before.
    static func insert(
        _ amount: Cents,
        of payment: Payments.Payment,
        reason: String,
        key: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        try db.run(
            """
            INSERT INTO refund (payment_id, amount, currency, reason, idempotency_key, status, created_at)
            VALUES (?, ?, ?, ?, ?, 'asked', ?) ON CONFLICT (idempotency_key) DO NOTHING
            """,
            payment.id,
            amount.value,
            payment.currency.code,
            reason,
            key,
            now.milliseconds
        ) > 0
    }

    static func find(key: String, _ db: borrowing Database) throws -> Refund? {
        try db.first(
            """
            SELECT id, payment_id, provider_id, amount, currency, reason, idempotency_key, status, error, created_at
            FROM refund WHERE idempotency_key = ?
            """,
            key,
            as: refund
        )
    }

    static func find(providerID: String, _ db: borrowing Database) throws -> Refund? {
        try db.first(
            """
            SELECT id, payment_id, provider_id, amount, currency, reason, idempotency_key, status, error, created_at
            FROM refund WHERE provider_id = ?
            """,
            providerID,
            as: refund
        )
    }

    /// Those that were asked for before `moment` and of which nothing is known.
    static func asked(before moment: Timestamp, _ db: borrowing Database) throws -> [Refund] {
        try db.all(
            """
            SELECT id, payment_id, provider_id, amount, currency, reason, idempotency_key, status, error, created_at
            FROM refund WHERE status = 'asked' AND created_at < ? ORDER BY id LIMIT 50
            """,
            moment.milliseconds,
            as: refund
        )
    }

    private static func refund(_ row: borrowing Row) throws -> Refund {
        Refund(
            id: row[0],
            paymentID: row[1],
            providerID: row[2],
            amount: Cents(row[3]),
            currency: Currency(row[4] as String) ?? .usd,
            reason: row[5],
            key: row[6],
            status: Status(rawValue: row[7]) ?? .failed,
            error: row[8],
            createdAt: Timestamp(milliseconds: row[9])
        )
    }

    /// What is asked for and of which nothing is known, in all.
    static func askedSum(of paymentID: Int64, _ db: borrowing Database) throws -> Cents {
        Cents(
            try db.value(
                "SELECT coalesce(sum(amount), 0) FROM refund WHERE payment_id = ? AND status = 'asked'",
                paymentID
            ) ?? 0
        )
    }

    /// The provider will not have it.
    static func setRefused(_ id: Int64, _ error: String, _ db: borrowing Database) throws {
        try db.run("UPDATE refund SET status = 'failed', error = ? WHERE id = ? AND status = 'asked'", error, id)
    }

    // MARK: What the provider says

    /// Notes a refund as the provider has it now.
    /// - Parameter key: its metadata's, where we asked for it.
    static func follow(
        _ providerID: String,
        _ status: Status,
        _ amount: Cents,
        key: String?,
        reason: String,
        error: String?,
        of payment: Payments.Payment,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        if let key {
            try db.run(
                """
                UPDATE refund SET provider_id = ?
                WHERE idempotency_key = ? AND payment_id = ? AND provider_id IS NULL
                """,
                providerID,
                key,
                payment.id
            )
        }
        guard let known = try find(providerID: providerID, db) else {
            try db.run(
                """
                INSERT INTO refund (payment_id, provider_id, amount, currency, reason, status, error, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                payment.id,
                providerID,
                amount.value,
                payment.currency.code,
                reason,
                status.rawValue,
                error,
                now.milliseconds
            )
            return
        }
        guard status.rank > known.status.rank else { return }
        try db.run(
            "UPDATE refund SET status = ?, error = ?, amount = ? WHERE id = ?",
            status.rawValue,
            error,
            amount.value,
            known.id
        )
    }

    static func sums(of paymentID: Int64, _ db: borrowing Database) throws -> Sums {
        var sums = Sums()
        try db.each(
            """
            SELECT status, sum(amount) FROM refund
            WHERE payment_id = ? AND status <> 'asked' AND provider_id IS NOT NULL GROUP BY status
            """,
            paymentID
        ) { row in
            switch Status(rawValue: row[0]) {
            case .pending?, .succeeded?: sums.good = sums.good + Cents(row[1])
            default: sums.failed = sums.failed + Cents(row[1])
            }
            return true
        }
        return sums
    }
}
