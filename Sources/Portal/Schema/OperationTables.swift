/// What makes requests repeatable, and what waits for other systems.
let operationTables: StaticString = """
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
