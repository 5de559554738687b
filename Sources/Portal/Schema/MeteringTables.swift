/// Prices, usage events and their roll-ups.
let meteringTables: StaticString = """
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
