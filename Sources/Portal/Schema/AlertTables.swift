/// Calls and what they cost beyond a plan's limit, budgets, and the alerts that were sent about usage.
let alertTables: StaticString = """
    -- Millionths of a dollar for each unit beyond the limit; null: there are none beyond it.
    ALTER TABLE plan_limit ADD COLUMN overage_micros INTEGER CHECK (overage_micros >= 0);
    -- New stores get their plans when they are made.
    INSERT INTO plan_limit (plan_id, meter, quantity) SELECT id, 'calls', 1000 FROM plan WHERE code = 'free';
    INSERT INTO plan_limit (plan_id, meter, quantity) SELECT id, 'calls', 50000 FROM plan WHERE code = 'pro';

    -- What a limit on calls is enforced on and shown from.
    CREATE TABLE call_month (
        account_id INTEGER NOT NULL REFERENCES account (id),
        month INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        PRIMARY KEY (account_id, month)
    ) STRICT, WITHOUT ROWID;

    -- The same by day, for histories and forecasts.
    CREATE TABLE call_day (
        account_id INTEGER NOT NULL REFERENCES account (id),
        day INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        PRIMARY KEY (account_id, day)
    ) STRICT, WITHOUT ROWID;

    -- What an account is willing to spend in a month, in cents.
    CREATE TABLE budget (
        account_id INTEGER PRIMARY KEY REFERENCES account (id),
        amount INTEGER NOT NULL CHECK (amount >= 0),
        -- Past the amount: told, or refused.
        stops INTEGER NOT NULL CHECK (stops IN (0, 1)),
        updated_at INTEGER NOT NULL
    ) STRICT;

    -- Each step of a limit that was reached in a month; a row is told of once.
    CREATE TABLE usage_alert (
        account_id INTEGER NOT NULL REFERENCES account (id),
        month INTEGER NOT NULL,
        -- A meter's name, or `budget`.
        subject TEXT NOT NULL,
        -- In units, or in millionths of a dollar for a budget. A new limit has steps of its own.
        amount INTEGER NOT NULL,
        percent INTEGER NOT NULL,
        told_at INTEGER NOT NULL,
        -- When it was below the first step again; null: it still is not.
        resolved_at INTEGER,
        PRIMARY KEY (account_id, month, subject, amount, percent)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX usage_alert_open ON usage_alert (account_id) WHERE resolved_at IS NULL;
    """
