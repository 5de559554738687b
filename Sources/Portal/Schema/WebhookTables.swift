/// Webhooks to our customers: who wants what, and what became of it.
let webhookTables: StaticString = """
    CREATE TABLE webhook_endpoint (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        url TEXT NOT NULL,
        description TEXT NOT NULL,
        -- Names and patterns, with spaces between: `key.created usage.*`.
        events TEXT NOT NULL,
        -- Sealed; the key is not in the database.
        secret BLOB NOT NULL,
        -- Signs too for a while after a rotation.
        previous_secret BLOB,
        previous_until INTEGER,
        status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled', 'deleted')),
        disabled_reason TEXT CHECK (disabled_reason IN ('owner', 'gone', 'failing')),
        -- The first failure since the last success.
        failing_since INTEGER,
        warned_at INTEGER,
        -- It asked for a pause.
        paused_until INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX webhook_endpoint_url ON webhook_endpoint (account_id, url) WHERE status <> 'deleted';

    -- What is told, written in the transaction of its cause.
    CREATE TABLE webhook_message (
        id INTEGER PRIMARY KEY,
        -- The same in every attempt, so that a receiver acts once.
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        event TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX webhook_message_age ON webhook_message (created_at);

    -- One message on its way to one endpoint, with its last attempt.
    CREATE TABLE webhook_delivery (
        id INTEGER PRIMARY KEY,
        endpoint_id INTEGER NOT NULL REFERENCES webhook_endpoint (id),
        message_id INTEGER NOT NULL REFERENCES webhook_message (id),
        status TEXT NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'failed')),
        attempts INTEGER NOT NULL DEFAULT 0,
        next_attempt_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        attempted_at INTEGER,
        -- 0: nothing answered.
        status_code INTEGER NOT NULL DEFAULT 0,
        -- The beginning of the answer's body.
        answer BLOB,
        error TEXT,
        milliseconds INTEGER,
        UNIQUE (message_id, endpoint_id)
    ) STRICT;
    CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (endpoint_id, id);
    CREATE INDEX webhook_delivery_waiting ON webhook_delivery (endpoint_id, next_attempt_at) WHERE status = 'waiting';
    CREATE INDEX webhook_delivery_failed ON webhook_delivery (endpoint_id, created_at) WHERE status = 'failed';
    """
