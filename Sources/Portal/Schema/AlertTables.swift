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

    -- What an account is willing to spend in a month, in cents.
    CREATE TABLE budget (
        account_id INTEGER PRIMARY KEY REFERENCES account (id),
        amount INTEGER NOT NULL CHECK (amount >= 0),
        -- Past the amount: told, or refused.
        stops INTEGER NOT NULL CHECK (stops IN (0, 1)),
        updated_at INTEGER NOT NULL
    ) STRICT;

    -- The highest step that was told, by what is measured and month; 0 after "resolved".
    CREATE TABLE usage_alert (
        account_id INTEGER NOT NULL REFERENCES account (id),
        month INTEGER NOT NULL,
        -- A meter's name, or `budget`.
        subject TEXT NOT NULL,
        percent INTEGER NOT NULL,
        told_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, month, subject, percent)
    ) STRICT, WITHOUT ROWID;
    """
