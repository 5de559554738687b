-- The tables and statements of Purser's events endpoint, for sqlite_loop.c. They follow
-- Sources/Portal: when the endpoint's statements change, these change with them.

-- @setup
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -16000;
CREATE TABLE IF NOT EXISTS usage_event (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    meter TEXT NOT NULL,
    backend TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit_micros INTEGER NOT NULL,
    cost_micros INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    event_key TEXT,
    detail TEXT
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS usage_event_key ON usage_event (account_id, event_key) WHERE event_key IS NOT NULL;
CREATE TABLE IF NOT EXISTS usage_day (
    account_id INTEGER NOT NULL,
    meter TEXT NOT NULL,
    day INTEGER NOT NULL,
    backend TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    cost_micros INTEGER NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (account_id, meter, day, backend)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY,
    usage_micros INTEGER NOT NULL
) STRICT;

-- @event
INSERT INTO usage_event (account_id, key_id, meter, backend, quantity, unit_micros, cost_micros, occurred_at,
    recorded_at, event_key)
VALUES (:account, :account, :meter, :backend, :quantity, :cost, :cost, :at, :at, :id)
ON CONFLICT (account_id, event_key) WHERE event_key IS NOT NULL DO NOTHING;
INSERT INTO usage_day (account_id, meter, day, backend, quantity, cost_micros, events)
VALUES (:account, :meter, :day, :backend, :quantity, :cost, 1)
ON CONFLICT (account_id, meter, day, backend)
DO UPDATE SET quantity = quantity + excluded.quantity, cost_micros = cost_micros + excluded.cost_micros,
    events = events + 1;

-- @batch
INSERT INTO account (id, usage_micros) VALUES (:account, :batch_cost)
ON CONFLICT (id) DO UPDATE SET usage_micros = usage_micros + excluded.usage_micros;
