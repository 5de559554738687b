/// Plans, accounts, people, keys, sessions and tickets as they were at first.
let accountTables: StaticString = """
    CREATE TABLE plan (
        id INTEGER PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        -- A prepaid plan stops when its credit is used up; the others run up a bill.
        is_prepaid INTEGER NOT NULL CHECK (is_prepaid IN (0, 1)),
        simulators_only INTEGER NOT NULL CHECK (simulators_only IN (0, 1))
    ) STRICT;

    -- What a plan allows of a meter in a month; no row means no limit.
    CREATE TABLE plan_limit (
        plan_id INTEGER NOT NULL REFERENCES plan (id),
        meter TEXT NOT NULL,
        quantity INTEGER NOT NULL CHECK (quantity >= 0),
        PRIMARY KEY (plan_id, meter)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE account (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        plan_id INTEGER NOT NULL REFERENCES plan (id),
        status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
        currency TEXT NOT NULL DEFAULT 'usd',
        stripe_customer_id TEXT UNIQUE,
        stripe_subscription_id TEXT,
        -- All usage ever priced. The ledger holds this rounded to the cent, so small prices do not add up to an error.
        usage_micros INTEGER NOT NULL DEFAULT 0 CHECK (usage_micros >= 0),
        created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE person (
        id INTEGER PRIMARY KEY,
        email TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password_hash TEXT,
        is_operator INTEGER NOT NULL DEFAULT 0 CHECK (is_operator IN (0, 1)),
        created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE member (
        account_id INTEGER NOT NULL REFERENCES account (id),
        person_id INTEGER NOT NULL REFERENCES person (id),
        role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'developer', 'billing', 'viewer')),
        created_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, person_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX member_person ON member (person_id);

    CREATE TABLE api_key (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        person_id INTEGER NOT NULL REFERENCES person (id),
        -- HMAC-SHA256 of the key under the pepper; the key itself is never stored.
        digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
        hint TEXT NOT NULL,
        label TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    ) STRICT;
    CREATE INDEX api_key_account ON api_key (account_id);

    CREATE TABLE session (
        id INTEGER PRIMARY KEY,
        person_id INTEGER NOT NULL REFERENCES person (id),
        account_id INTEGER NOT NULL REFERENCES account (id),
        digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX session_person ON session (person_id);

    CREATE TABLE ticket (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        person_id INTEGER NOT NULL REFERENCES person (id),
        priority TEXT NOT NULL CHECK (priority IN ('low', 'medium', 'high', 'critical')),
        subject TEXT NOT NULL,
        message TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'answered', 'closed')),
        created_at INTEGER NOT NULL,
        -- When the first answer is promised.
        answer_due_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX ticket_account ON ticket (account_id, created_at);
    """
