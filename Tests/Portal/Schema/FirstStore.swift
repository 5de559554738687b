import Crypto
import Storage

@testable import Portal

/// A store as the first release left it: its four migrations, and rows in every table.
///
/// Plain SQL and plain numbers: what the code says today has no part in what an old store holds.
enum FirstStore {
    static let keyDigest = [UInt8](repeating: 0xA1, count: 32)

    static func make(at path: String) throws {
        let store = try Store(StoreSettings(path: path))
        defer { store.close() }
        try store.migrate(Array(migrations.prefix(4)))
        try store.writeBlocking { db in
            try people(db)
            try usage(db)
            try books(db)
            try operations(db)
        }
    }

    /// 1 is Ada on the free plan, 2 is Bob on the pro plan.
    private static func people(_ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO plan (id, code, name, is_prepaid, simulators_only)
            VALUES (1, 'free', 'Free', 1, 1), (2, 'pro', 'Pro', 0, 0), (3, 'enterprise', 'Enterprise', 0, 0)
            """
        )
        try db.run(
            """
            INSERT INTO plan_limit (plan_id, meter, quantity)
            VALUES (1, 'shots', 100), (1, 'inferences', 100), (2, 'shots', 500000), (2, 'inferences', 50000)
            """
        )
        try db.run(
            """
            INSERT INTO account (id, name, plan_id, stripe_customer_id, usage_micros, created_at)
            VALUES (1, 'Ada', 1, 'cus_1', 20000, 1767225600000), (2, 'Bob', 2, NULL, 200000000, 1767225600000)
            """
        )
        try db.run(
            """
            INSERT INTO person (id, email, name, password_hash, is_operator, created_at)
            VALUES (1, 'ada@example.com', 'Ada', 'scrypt$x', 1, 1767225600000),
                (2, 'bob@example.com', 'Bob', NULL, 0, 1767225600000)
            """
        )
        try db.run(
            """
            INSERT INTO member (account_id, person_id, role, created_at)
            VALUES (1, 1, 'owner', 1767225600000), (2, 2, 'owner', 1767225600000)
            """
        )
        try db.run(
            """
            INSERT INTO api_key (id, account_id, person_id, digest, hint, label, created_at, revoked_at)
            VALUES (1, 1, 1, ?, 'bioql_ab', 'first', 1767225600000, NULL),
                (2, 2, 2, zeroblob(32), 'bioql_cd', 'old', 1767225600000, 1767312000000)
            """,
            keyDigest
        )
        try db.run(
            """
            INSERT INTO session (id, person_id, account_id, digest, created_at, expires_at)
            VALUES (1, 1, 1, zeroblob(32), 1767225600000, 4102444800000)
            """
        )
        try db.run(
            """
            INSERT INTO ticket (id, public_id, account_id, person_id, priority, subject, message, created_at,
                answer_due_at)
            VALUES (1, 'TKT-1', 1, 1, 'high', 'Help', 'Please', 1767225600000, 1767240000000)
            """
        )
    }

    /// On 2026-01-01: Ada's 2 shots of a cent each, Bob's 100 of two dollars.
    private static func usage(_ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO price (meter, backend, effective_from, unit_micros, is_simulator)
            VALUES ('shots', 'ionq_simulator', 0, 10000, 1), ('shots', 'ionq_qpu', 0, 2000000, 0)
            """
        )
        try db.run(
            """
            INSERT INTO usage_event (id, account_id, key_id, meter, backend, quantity, unit_micros, cost_micros,
                occurred_at, recorded_at, event_key, detail)
            VALUES (1, 1, 1, 'shots', 'ionq_simulator', 2, 10000, 20000, 1767225600000, 1767225600000, 'e1', '{}'),
                (2, 2, 2, 'shots', 'ionq_qpu', 100, 2000000, 200000000, 1767225600000, 1767225600000, NULL, NULL)
            """
        )
        try db.run(
            """
            INSERT INTO usage_month (account_id, month, meter, quantity, cost_micros, events)
            VALUES (1, 202601, 'shots', 2, 20000, 1), (2, 202601, 'shots', 100, 200000000, 1)
            """
        )
        try db.run(
            """
            INSERT INTO usage_day (account_id, meter, day, backend, quantity, cost_micros, events)
            VALUES (1, 'shots', 20454, 'ionq_simulator', 2, 20000, 1),
                (2, 'shots', 20454, 'ionq_qpu', 100, 200000000, 1)
            """
        )
        try db.run(
            """
            INSERT INTO usage_total (account_id, meter, backend, quantity, cost_micros, events, invoiced_quantity,
                invoiced_micros)
            VALUES (1, 'shots', 'ionq_simulator', 2, 20000, 1, 0, 0),
                (2, 'shots', 'ionq_qpu', 100, 200000000, 1, 100, 200000000)
            """
        )
        try db.run(
            """
            INSERT INTO request_day (account_id, day, key_id, endpoint, category, status, requests)
            VALUES (1, 20454, 1, 'ShowUser', 'account', 200, 7)
            """
        )
    }

    /// Ada's use came off her credit of $10; Bob was asked for his $200 and has paid 50 of them.
    private static func books(_ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO invoice (id, account_id, number, status, description, currency, total, paid, issued_at, due_at)
            VALUES (1, 2, 'INV-000001', 'open', 'Quantum computing usage', 'usd', 20000, 5000, 1767225600000,
                1768435200000)
            """
        )
        try db.run(
            """
            INSERT INTO invoice_line (invoice_id, position, description, quantity, amount)
            VALUES (1, 0, 'ionq_qpu, shots', 100, 20000)
            """
        )
        try db.run("INSERT INTO invoice_series (name, next_number) VALUES ('INV', 2)")
        try db.run(
            """
            INSERT INTO checkout (session_id, account_id, amount, currency, status, created_at, paid_at)
            VALUES ('cs_1', 2, 5000, 'usd', 'paid', 1767225600000, 1767229200000)
            """
        )
        try db.run(
            """
            INSERT INTO payment (id, account_id, provider_id, amount, refunded, currency, paid_at)
            VALUES (1, 2, 'pi_1', 5000, 0, 'usd', 1767229200000)
            """
        )
        var hash = [UInt8](repeating: 0, count: 32)
        let entries:
            [(account: Int64, debit: String, credit: String, amount: Int64, reason: String, reference: String?)] =
                [
                    (1, "promotion", "credit", 1000, "welcome", nil), (1, "credit", "revenue", 2, "usage", nil),
                    (2, "unbilled", "revenue", 20000, "usage", nil),
                    (2, "receivable", "unbilled", 20000, "invoice", "invoice:1"),
                    (2, "cash", "receivable", 5000, "payment", "stripe:pi_1:paid"),
                ]
        for entry in entries {
            let text =
                "\(entry.account)|\(entry.debit)|\(entry.credit)|\(entry.amount)|usd|\(entry.reason)|"
                + "\(entry.reference ?? "")|1767225600000"
            hash = SHA256.digest(hash + Array(text.utf8))
            try db.run(
                """
                INSERT INTO ledger_entry (account_id, debit, credit, amount, currency, reason, reference, posted_at,
                    hash)
                VALUES (?, ?, ?, ?, 'usd', ?, ?, 1767225600000, ?)
                """,
                entry.account,
                entry.debit,
                entry.credit,
                entry.amount,
                entry.reason,
                entry.reference,
                hash
            )
        }
        try db.run(
            """
            INSERT INTO ledger_balance (account_id, side, debits, credits)
            VALUES (0, 'promotion', 1000, 0), (0, 'revenue', 0, 20002), (0, 'cash', 5000, 0), (1, 'credit', 2, 1000),
                (2, 'unbilled', 20000, 20000), (2, 'receivable', 20000, 5000)
            """
        )
    }

    private static func operations(_ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO idempotency_key (caller, operation, key, fingerprint, status, body, created_at)
            VALUES ('account:1', 'POST /billing/record-usage', 'k', x'01', 200, x'7B7D', 1767225600000)
            """
        )
        try db.run(
            """
            INSERT INTO stripe_event (id, type, body, received_at, status, next_attempt_at)
            VALUES ('evt_1', 'checkout.session.completed', x'7B7D', 1767229200000, 'applied', 1767229200000)
            """
        )
        try db.run(
            """
            INSERT INTO outbox (id, kind, account_id, payload, idempotency_key, next_attempt_at, created_at)
            VALUES (1, 'stripe.meter_event', 1, '{"value":2}', 'm1', 1767225600000, 1767225600000)
            """
        )
        try db.run("INSERT INTO stripe_object (role, object_id) VALUES ('price', 'price_1')")
    }
}
