/// What an API key may do, and what it has done.
let keyTables: StaticString = """
    -- A customer's application; keys may belong to one. Its own limit is a cap beside the plan's.
    CREATE TABLE app (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        name TEXT NOT NULL,
        monthly_limit INTEGER CHECK (monthly_limit >= 0),
        created_at INTEGER NOT NULL,
        deleted_at INTEGER
    ) STRICT;
    CREATE INDEX app_account ON app (account_id);

    -- A test key's use is never billed.
    ALTER TABLE api_key ADD COLUMN is_test INTEGER NOT NULL DEFAULT 0 CHECK (is_test IN (0, 1));
    ALTER TABLE api_key ADD COLUMN app_id INTEGER REFERENCES app (id);
    ALTER TABLE api_key ADD COLUMN expires_at INTEGER;
    ALTER TABLE api_key ADD COLUMN last_used_at INTEGER;
    -- Names with spaces between; null: everything.
    ALTER TABLE api_key ADD COLUMN scopes TEXT;
    -- Networks as in RFC 4632 and RFC 4291 with spaces between; null: from anywhere.
    ALTER TABLE api_key ADD COLUMN networks TEXT;
    -- `requests/seconds` with spaces between; null: only the route's own.
    ALTER TABLE api_key ADD COLUMN rate_limits TEXT;
    -- Calls a month; null: only the plan's.
    ALTER TABLE api_key ADD COLUMN monthly_quota INTEGER CHECK (monthly_quota >= 0);
    -- Switched off for a while.
    ALTER TABLE api_key ADD COLUMN disabled_at INTEGER;
    -- The key that took its place; it works until `expires_at`.
    ALTER TABLE api_key ADD COLUMN replaced_by INTEGER REFERENCES api_key (id);
    -- The first of the keys that took each other's place: their monthly quota is one, and counts there. Null: itself.
    ALTER TABLE api_key ADD COLUMN counts_as INTEGER REFERENCES api_key (id);

    CREATE INDEX api_key_app ON api_key (app_id) WHERE app_id IS NOT NULL;

    -- How many keys an account may have at once; plans without a row have no such limit.
    INSERT INTO plan_limit (plan_id, meter, quantity) SELECT id, 'keys', 3 FROM plan WHERE code = 'free';

    -- Calls by key and month: what a key's quota is enforced on and shown from.
    CREATE TABLE key_month (
        key_id INTEGER NOT NULL REFERENCES api_key (id),
        month INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        PRIMARY KEY (key_id, month)
    ) STRICT, WITHOUT ROWID;
    """
