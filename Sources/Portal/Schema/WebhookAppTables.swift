/// Webhooks of an account's apps, and every attempt at a delivery rather than the last.
let webhookAppTables: StaticString = """
    -- Null: the account's, which hears all; an app's hears what happens to the app.
    ALTER TABLE webhook_endpoint ADD COLUMN app_id INTEGER REFERENCES app (id);
    DROP INDEX webhook_endpoint_url;
    CREATE UNIQUE INDEX webhook_endpoint_url ON webhook_endpoint (account_id, coalesce(app_id, 0), url)
        WHERE status <> 'deleted';

    -- The app that it happened to.
    ALTER TABLE webhook_message ADD COLUMN app_id INTEGER REFERENCES app (id);
    CREATE INDEX webhook_message_account ON webhook_message (account_id, id);
    CREATE INDEX webhook_message_app ON webhook_message (app_id, id) WHERE app_id IS NOT NULL;

    -- One request to a receiver and what came back; of a delivery the latest few.
    CREATE TABLE webhook_attempt (
        delivery_id INTEGER NOT NULL REFERENCES webhook_delivery (id),
        -- Counted over replays too, unlike `webhook_delivery.attempts`.
        number INTEGER NOT NULL CHECK (number > 0),
        attempted_at INTEGER NOT NULL,
        milliseconds INTEGER NOT NULL,
        -- As they were sent, a line each; the body is the message's.
        request_headers TEXT NOT NULL,
        -- 0: nothing answered.
        status_code INTEGER NOT NULL,
        -- The beginning of the answer's body.
        answer BLOB,
        error TEXT,
        PRIMARY KEY (delivery_id, number)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO webhook_attempt
        (delivery_id, number, attempted_at, milliseconds, request_headers, status_code, answer, error)
    SELECT id, CASE WHEN attempts > 0 THEN attempts ELSE 1 END, attempted_at, coalesce(milliseconds, 0), '',
        status_code, answer, error
    FROM webhook_delivery WHERE attempted_at IS NOT NULL;
    ALTER TABLE webhook_delivery DROP COLUMN attempted_at;
    ALTER TABLE webhook_delivery DROP COLUMN status_code;
    ALTER TABLE webhook_delivery DROP COLUMN answer;
    ALTER TABLE webhook_delivery DROP COLUMN error;
    ALTER TABLE webhook_delivery DROP COLUMN milliseconds;
    """
