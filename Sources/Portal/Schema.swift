import Storage

/// Every change to the database's shape, in order. An entry that has shipped is never edited: start-up compares
/// digests.
///
/// Times are milliseconds since 1970 in UTC, days are days since 1970, months are year × 100 + month. Money is in
/// cents; `*_micros` are millionths of a dollar, for unit prices and what is added up from them.
let migrations: [Migration] = [
    Migration("accounts", accountTables),
    Migration("metering", meteringTables),
    Migration("money", moneyTables),
    Migration("operations", operationTables),
]

private let accountTables: StaticString = """
    CREATE TABLE plan (
        id INTEGER PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        -- A prepaid plan stops when its credit is used up; the others run up a bill.
        is_prepaid INTEGER NOT NULL CHECK (is_prepaid IN (0, 1)),
        simulators_only INTEGER NOT NULL CHECK (simulators_only IN (0, 1))
    ) STRICT;

    -- What a plan allows of a meter in a month; no row means no limit.
    CREATE TABLE plan_limit (
        plan_id INTEGER NOT NULL REFERENCES plan (id),
        meter TEXT NOT NULL,
        quantity INTEGER NOT NULL CHECK (quantity >= 0),
        PRIMARY KEY (plan_id, meter)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE account (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        plan_id INTEGER NOT NULL REFERENCES plan (id),
        status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
        currency TEXT NOT NULL DEFAULT 'usd',
        stripe_customer_id TEXT UNIQUE,
        stripe_subscription_id TEXT,
        -- All usage ever priced. The ledger holds this rounded to the cent, so small prices do not add up to an error.
        usage_micros INTEGER NOT NULL DEFAULT 0 CHECK (usage_micros >= 0),
        created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE person (
        id INTEGER PRIMARY KEY,
        email TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password_hash TEXT,
        is_operator INTEGER NOT NULL DEFAULT 0 CHECK (is_operator IN (0, 1)),
        created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE member (
        account_id INTEGER NOT NULL REFERENCES account (id),
        person_id INTEGER NOT NULL REFERENCES person (id),
        role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'developer', 'billing', 'viewer')),
        created_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, person_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX member_person ON member (person_id);

    CREATE TABLE api_key (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        person_id INTEGER NOT NULL REFERENCES person (id),
        -- HMAC-SHA256 of the key under the pepper; the key itself is never stored.
        digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
        hint TEXT NOT NULL,
        label TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    ) STRICT;
    CREATE INDEX api_key_account ON api_key (account_id);

    CREATE TABLE session (
        id INTEGER PRIMARY KEY,
        person_id INTEGER NOT NULL REFERENCES person (id),
        account_id INTEGER NOT NULL REFERENCES account (id),
        digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX session_person ON session (person_id);

    CREATE TABLE ticket (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        person_id INTEGER NOT NULL REFERENCES person (id),
        priority TEXT NOT NULL CHECK (priority IN ('low', 'medium', 'high', 'critical')),
        subject TEXT NOT NULL,
        message TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'answered', 'closed')),
        created_at INTEGER NOT NULL,
        -- When the first answer is promised.
        answer_due_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX ticket_account ON ticket (account_id, created_at);
    """

private let meteringTables: StaticString = """
    -- A price holds from its date until a later one of the same backend and meter. `backend` is a name, or
    -- `family:NAME` for names that have no price of their own.
    CREATE TABLE price (
        meter TEXT NOT NULL,
        backend TEXT NOT NULL,
        effective_from INTEGER NOT NULL,
        unit_micros INTEGER NOT NULL CHECK (unit_micros >= 0),
        is_simulator INTEGER NOT NULL CHECK (is_simulator IN (0, 1)),
        PRIMARY KEY (meter, backend, effective_from)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE usage_event (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        key_id INTEGER NOT NULL REFERENCES api_key (id),
        meter TEXT NOT NULL,
        backend TEXT NOT NULL,
        quantity INTEGER NOT NULL CHECK (quantity >= 0),
        unit_micros INTEGER NOT NULL,
        cost_micros INTEGER NOT NULL CHECK (cost_micros >= 0),
        occurred_at INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        -- The client's own id of the event: counted once, for ever.
        event_key TEXT,
        -- What the client said beside it, as JSON: its own cost, error correction, success.
        detail TEXT
    ) STRICT;
    CREATE UNIQUE INDEX usage_event_key ON usage_event (account_id, event_key) WHERE event_key IS NOT NULL;

    -- The roll-ups, kept in the transaction of their events. usage_month is what quotas are enforced on and shown from.
    CREATE TABLE usage_month (
        account_id INTEGER NOT NULL,
        month INTEGER NOT NULL,
        meter TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        cost_micros INTEGER NOT NULL,
        events INTEGER NOT NULL,
        PRIMARY KEY (account_id, month, meter)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE usage_day (
        account_id INTEGER NOT NULL,
        meter TEXT NOT NULL,
        day INTEGER NOT NULL,
        backend TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        cost_micros INTEGER NOT NULL,
        events INTEGER NOT NULL,
        PRIMARY KEY (account_id, meter, day, backend)
    ) STRICT, WITHOUT ROWID;

    -- All time; invoiced_* is how much of it stands on invoices already.
    CREATE TABLE usage_total (
        account_id INTEGER NOT NULL,
        meter TEXT NOT NULL,
        backend TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        cost_micros INTEGER NOT NULL,
        events INTEGER NOT NULL,
        invoiced_quantity INTEGER NOT NULL DEFAULT 0,
        invoiced_micros INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (account_id, meter, backend)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE request_day (
        account_id INTEGER NOT NULL,
        day INTEGER NOT NULL,
        key_id INTEGER NOT NULL,
        endpoint TEXT NOT NULL,
        category TEXT NOT NULL,
        status INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        PRIMARY KEY (account_id, day, key_id, endpoint, status)
    ) STRICT, WITHOUT ROWID;
    """

private let moneyTables: StaticString = """
    -- Double entry: each row takes an amount from one side of the books to another, so debits equal credits in every
    -- row. Rows are never changed; a correction is a new row. Each row's hash covers the row before it.
    CREATE TABLE ledger_entry (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        debit TEXT NOT NULL,
        credit TEXT NOT NULL CHECK (credit <> debit),
        amount INTEGER NOT NULL CHECK (amount > 0),
        currency TEXT NOT NULL,
        reason TEXT NOT NULL,
        -- The effect that this posts, such as 'stripe:cs_1:paid'. Unique: each effect is posted at most once.
        reference TEXT UNIQUE,
        posted_at INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    CREATE INDEX ledger_entry_account ON ledger_entry (account_id);
    CREATE TRIGGER ledger_entry_is_never_changed BEFORE UPDATE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;
    CREATE TRIGGER ledger_entry_is_never_deleted BEFORE DELETE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never deleted'); END;

    -- The fold of the entries, kept beside them and compared by `purser check`.
    CREATE TABLE ledger_balance (
        account_id INTEGER NOT NULL,
        side TEXT NOT NULL,
        debits INTEGER NOT NULL DEFAULT 0,
        credits INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (account_id, side)
    ) STRICT, WITHOUT ROWID;

    -- Invoice numbers have no gaps, so they come from a row that is counted up in the invoice's own transaction.
    CREATE TABLE invoice_series (
        name TEXT PRIMARY KEY,
        next_number INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE invoice (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        number TEXT UNIQUE,
        status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')),
        description TEXT NOT NULL,
        currency TEXT NOT NULL,
        total INTEGER NOT NULL,
        paid INTEGER NOT NULL DEFAULT 0,
        issued_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        paid_at INTEGER
    ) STRICT;
    CREATE INDEX invoice_account ON invoice (account_id, issued_at);

    CREATE TABLE invoice_line (
        invoice_id INTEGER NOT NULL REFERENCES invoice (id),
        position INTEGER NOT NULL,
        description TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (invoice_id, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE checkout (
        session_id TEXT PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        amount INTEGER NOT NULL CHECK (amount > 0),
        currency TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'expired', 'failed')),
        created_at INTEGER NOT NULL,
        paid_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX checkout_account ON checkout (account_id);

    -- Payments as the provider reported them, so that refunds find what they give back.
    CREATE TABLE payment (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        provider_id TEXT NOT NULL UNIQUE,
        amount INTEGER NOT NULL CHECK (amount > 0),
        refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= amount),
        currency TEXT NOT NULL,
        paid_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX payment_account ON payment (account_id);
    """

private let operationTables: StaticString = """
    CREATE TABLE idempotency_key (
        caller TEXT NOT NULL,
        operation TEXT NOT NULL,
        key TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        status INTEGER NOT NULL,
        body BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (caller, operation, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX idempotency_key_age ON idempotency_key (created_at);

    -- Signed events as they arrived, stored before they are acknowledged.
    CREATE TABLE stripe_event (
        id TEXT PRIMARY KEY,
        type TEXT NOT NULL,
        body BLOB NOT NULL,
        received_at INTEGER NOT NULL,
        status TEXT NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'applied', 'ignored', 'failed')),
        attempts INTEGER NOT NULL DEFAULT 0,
        next_attempt_at INTEGER NOT NULL,
        error TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX stripe_event_waiting ON stripe_event (next_attempt_at) WHERE status = 'received';

    -- What must reach another system, written in the transaction of its cause.
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        account_id INTEGER NOT NULL,
        payload TEXT NOT NULL,
        -- Sent with every attempt, so that the other side acts once.
        idempotency_key TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_attempt_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        error TEXT,
        failed_at INTEGER
    ) STRICT;
    CREATE INDEX outbox_waiting ON outbox (next_attempt_at) WHERE failed_at IS NULL;

    -- Objects at the provider that set-up found or created once.
    CREATE TABLE stripe_object (
        role TEXT PRIMARY KEY,
        object_id TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
