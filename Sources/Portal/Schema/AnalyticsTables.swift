/// What the analytics pages and exports read.
let analyticsTables: StaticString = """
    -- How long an account's requests took, counted in buckets of time: four to a doubling of the microseconds.
    CREATE TABLE latency_day (
        account_id INTEGER NOT NULL,
        day INTEGER NOT NULL,
        endpoint TEXT NOT NULL,
        bucket INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        PRIMARY KEY (account_id, day, endpoint, bucket)
    ) STRICT, WITHOUT ROWID;

    -- An account exports its own events only, whatever the others have.
    CREATE INDEX usage_event_account ON usage_event (account_id, occurred_at, id);
    """
