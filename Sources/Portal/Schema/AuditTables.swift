/// Who did what, from where, when.
let auditTables: StaticString = """
    -- Rows are never changed. Each row's hash covers the row before it.
    CREATE TABLE audit_entry (
        id INTEGER PRIMARY KEY,
        -- Whose affair it is; null: the site's own.
        account_id INTEGER REFERENCES account (id),
        -- `person:1`, `key:1`, `shell`, `system` or `anonymous`, and the name it had then.
        actor TEXT NOT NULL,
        actor_name TEXT NOT NULL,
        action TEXT NOT NULL,
        target TEXT NOT NULL,
        -- JSON of what else matters; never a secret.
        detail TEXT NOT NULL,
        address TEXT NOT NULL,
        request_id TEXT NOT NULL,
        happened_at INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    CREATE INDEX audit_entry_account ON audit_entry (account_id, id);
    CREATE INDEX audit_entry_action ON audit_entry (account_id, action, id);

    -- The last entry: what is taken off the end shows too.
    CREATE TABLE audit_head (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        entry_id INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;

    CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
    CREATE TRIGGER audit_entry_is_never_deleted BEFORE DELETE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;
    """
