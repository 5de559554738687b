/// Budgets, and the alerts that were sent about usage.
let alertTables: StaticString = """
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
