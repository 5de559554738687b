-- The tables and statements of Purser's events endpoint, for sqlite_loop.c. They follow
-- Sources/Portal: when the endpoint's statements change, these change with them.

-- @setup
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -16000;
CREATE TABLE IF NOT EXISTS usage_events (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    idempotency_key TEXT NOT NULL,
    meter TEXT NOT NULL,
    backend TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS usage_events_once ON usage_events (account_id, idempotency_key);
CREATE TABLE IF NOT EXISTS usage_daily (
    account_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    meter TEXT NOT NULL,
    backend TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    PRIMARY KEY (account_id, day, meter, backend)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS balances (
    account_id INTEGER PRIMARY KEY,
    used INTEGER NOT NULL,
    owed INTEGER NOT NULL
) STRICT;

-- @event
INSERT INTO usage_events (account_id, key_id, idempotency_key, meter, backend, quantity, cost, occurred_at)
VALUES (:account, :account, :id, :meter, :backend, :quantity, :cost, :at)
ON CONFLICT (account_id, idempotency_key) DO NOTHING;
INSERT INTO usage_daily (account_id, day, meter, backend, quantity, cost)
VALUES (:account, :day, :meter, :backend, :quantity, :cost)
ON CONFLICT (account_id, day, meter, backend)
DO UPDATE SET quantity = quantity + excluded.quantity, cost = cost + excluded.cost;

-- @batch
INSERT INTO balances (account_id, used, owed) VALUES (:account, :batch_quantity, :batch_cost)
ON CONFLICT (account_id) DO UPDATE SET used = used + excluded.used, owed = owed + excluded.owed;
