import Storage

extension FirstStore {
    /// Each table's rows, by every column that the first release had.
    typealias Rows = [String: [String]]

    static func rows(_ db: borrowing Database) throws -> Rows {
        var rows: Rows = [:]
        for (table, statement) in statements { rows[table] = try db.all(statement) { row in row[0] } }
        return rows
    }

    private static let statements: [(table: String, sql: StaticString)] = [
        ("plan", "SELECT json_array(id, code, name, is_prepaid, simulators_only) FROM plan ORDER BY id"),
        ("plan_limit", "SELECT json_array(plan_id, meter, quantity) FROM plan_limit ORDER BY plan_id, meter"),
        (
            "account",
            """
            SELECT json_array(id, name, plan_id, status, currency, stripe_customer_id, stripe_subscription_id,
                usage_micros, created_at)
            FROM account ORDER BY id
            """
        ),
        (
            "person",
            """
            SELECT json_array(id, email, name, password_hash, is_operator, created_at)
            FROM person ORDER BY id
            """
        ),
        (
            "member",
            """
            SELECT json_array(account_id, person_id, role, created_at)
            FROM member ORDER BY account_id, person_id
            """
        ),
        (
            "api_key",
            """
            SELECT json_array(id, account_id, person_id, hex(digest), hint, label, created_at, revoked_at)
            FROM api_key ORDER BY id
            """
        ),
        (
            "session",
            """
            SELECT json_array(id, person_id, account_id, hex(digest), created_at, expires_at)
            FROM session ORDER BY id
            """
        ),
        (
            "ticket",
            """
            SELECT json_array(id, public_id, account_id, person_id, priority, subject, message, status,
                created_at, answer_due_at)
            FROM ticket ORDER BY id
            """
        ),
        (
            "price",
            """
            SELECT json_array(meter, backend, effective_from, unit_micros, is_simulator)
            FROM price ORDER BY meter, backend, effective_from
            """
        ),
        (
            "usage_event",
            """
            SELECT json_array(id, account_id, key_id, meter, backend, quantity, unit_micros, cost_micros,
                occurred_at, recorded_at, event_key, detail)
            FROM usage_event ORDER BY id
            """
        ),
        (
            "usage_month",
            """
            SELECT json_array(account_id, month, meter, quantity, cost_micros, events)
            FROM usage_month ORDER BY account_id, month, meter
            """
        ),
        (
            "usage_day",
            """
            SELECT json_array(account_id, meter, day, backend, quantity, cost_micros, events)
            FROM usage_day ORDER BY account_id, meter, day, backend
            """
        ),
        (
            "usage_total",
            """
            SELECT json_array(account_id, meter, backend, quantity, cost_micros, events, invoiced_quantity,
                invoiced_micros)
            FROM usage_total ORDER BY account_id, meter, backend
            """
        ),
        (
            "request_day",
            """
            SELECT json_array(account_id, day, key_id, endpoint, category, status, requests)
            FROM request_day ORDER BY account_id, day, key_id, endpoint, status
            """
        ),
        (
            "ledger_entry",
            """
            SELECT json_array(id, account_id, debit, credit, amount, currency, reason, reference, posted_at,
                hex(hash))
            FROM ledger_entry ORDER BY id
            """
        ),
        (
            "ledger_balance",
            """
            SELECT json_array(account_id, side, debits, credits)
            FROM ledger_balance ORDER BY account_id, side
            """
        ),
        ("invoice_series", "SELECT json_array(name, next_number) FROM invoice_series ORDER BY name"),
        (
            "invoice",
            """
            SELECT json_array(id, account_id, number, status, description, currency, total, paid, issued_at,
                due_at, paid_at)
            FROM invoice ORDER BY id
            """
        ),
        (
            "invoice_line",
            """
            SELECT json_array(invoice_id, position, description, quantity, amount)
            FROM invoice_line ORDER BY invoice_id, position
            """
        ),
        (
            "checkout",
            """
            SELECT json_array(session_id, account_id, amount, currency, status, created_at, paid_at)
            FROM checkout ORDER BY session_id
            """
        ),
        (
            "payment",
            """
            SELECT json_array(id, account_id, provider_id, amount, refunded, currency, paid_at)
            FROM payment ORDER BY id
            """
        ),
        (
            "idempotency_key",
            """
            SELECT json_array(caller, operation, key, hex(fingerprint), status, hex(body), created_at)
            FROM idempotency_key ORDER BY caller, operation, key
            """
        ),
        (
            "stripe_event",
            """
            SELECT json_array(id, type, hex(body), received_at, status, attempts, next_attempt_at, error)
            FROM stripe_event ORDER BY id
            """
        ),
        (
            "outbox",
            """
            SELECT json_array(id, kind, account_id, payload, idempotency_key, attempts, next_attempt_at,
                created_at, error, failed_at)
            FROM outbox ORDER BY id
            """
        ),
        ("stripe_object", "SELECT json_array(role, object_id) FROM stripe_object ORDER BY role"),
    ]
}
