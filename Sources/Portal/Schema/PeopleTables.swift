/// Sign-in: second factors, single-use tokens, sessions that end, other ways in, invitations.
let peopleTables: StaticString = """
    ALTER TABLE person ADD COLUMN email_verified_at INTEGER;
    ALTER TABLE person ADD COLUMN disabled_at INTEGER;
    -- The seed of the one-time passwords (RFC 6238), sealed; in use from `totp_confirmed_at` on. Each step counts once.
    ALTER TABLE person ADD COLUMN totp_seed BLOB;
    ALTER TABLE person ADD COLUMN totp_confirmed_at INTEGER;
    ALTER TABLE person ADD COLUMN totp_last_step INTEGER NOT NULL DEFAULT 0;

    CREATE TABLE recovery_code (
        person_id INTEGER NOT NULL REFERENCES person (id),
        digest BLOB NOT NULL CHECK (length(digest) = 32),
        used_at INTEGER,
        PRIMARY KEY (person_id, digest)
    ) STRICT, WITHOUT ROWID;

    ALTER TABLE session ADD COLUMN last_seen_at INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
    ALTER TABLE session ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
    -- Whether the sign-in, or what came after it, showed a second factor.
    ALTER TABLE session ADD COLUMN has_second_factor INTEGER NOT NULL DEFAULT 0 CHECK (has_second_factor IN (0, 1));
    UPDATE session SET last_seen_at = created_at;

    -- What a mail or a half-finished sign-in brings back once. A row goes when its token is taken.
    CREATE TABLE single_use_token (
        digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
        purpose TEXT NOT NULL,
        person_id INTEGER REFERENCES person (id),
        data TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX single_use_token_person ON single_use_token (person_id);
    CREATE INDEX single_use_token_age ON single_use_token (expires_at);

    -- Failed sign-ins by mail address (its digest) and by network, for delays that grow.
    CREATE TABLE sign_in_failure (
        subject TEXT PRIMARY KEY,
        failures INTEGER NOT NULL,
        last_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE invitation (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        email TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'developer', 'billing', 'viewer')),
        invited_by INTEGER NOT NULL REFERENCES person (id),
        digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        UNIQUE (account_id, email)
    ) STRICT;

    -- Who a person is at an OpenID Connect provider: issuer and subject, never the mail address.
    CREATE TABLE identity (
        id INTEGER PRIMARY KEY,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        person_id INTEGER NOT NULL REFERENCES person (id),
        -- As the provider named it when the identity was linked, for the person's own list.
        email TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (issuer, subject)
    ) STRICT;
    CREATE INDEX identity_person ON identity (person_id);
    """
