/// The ledger, invoices, checkouts and payments.
let moneyTables: StaticString = """
    -- Double entry: each row takes an amount from one side of the books to another, so debits equal credits in every
    -- row. Rows are never changed; a correction is a new row. Each row's hash covers the row before it.
    CREATE TABLE ledger_entry (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        debit TEXT NOT NULL,
        credit TEXT NOT NULL CHECK (credit <> debit),
        amount INTEGER NOT NULL CHECK (amount > 0),
        currency TEXT NOT NULL,
        reason TEXT NOT NULL,
        -- The effect that this posts, such as 'stripe:cs_1:paid'. Unique: each effect is posted at most once.
        reference TEXT UNIQUE,
        posted_at INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    CREATE INDEX ledger_entry_account ON ledger_entry (account_id);
    CREATE TRIGGER ledger_entry_is_never_changed BEFORE UPDATE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;
    CREATE TRIGGER ledger_entry_is_never_deleted BEFORE DELETE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never deleted'); END;

    -- The fold of the entries, kept beside them and compared by `purser check`.
    CREATE TABLE ledger_balance (
        account_id INTEGER NOT NULL,
        side TEXT NOT NULL,
        debits INTEGER NOT NULL DEFAULT 0,
        credits INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (account_id, side)
    ) STRICT, WITHOUT ROWID;

    -- Invoice numbers have no gaps, so they come from a row that is counted up in the invoice's own transaction.
    CREATE TABLE invoice_series (
        name TEXT PRIMARY KEY,
        next_number INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE invoice (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        number TEXT UNIQUE,
        status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')),
        description TEXT NOT NULL,
        currency TEXT NOT NULL,
        total INTEGER NOT NULL,
        paid INTEGER NOT NULL DEFAULT 0,
        issued_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        paid_at INTEGER
    ) STRICT;
    CREATE INDEX invoice_account ON invoice (account_id, issued_at);

    CREATE TABLE invoice_line (
        invoice_id INTEGER NOT NULL REFERENCES invoice (id),
        position INTEGER NOT NULL,
        description TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (invoice_id, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE checkout (
        session_id TEXT PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        amount INTEGER NOT NULL CHECK (amount > 0),
        currency TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'expired', 'failed')),
        created_at INTEGER NOT NULL,
        paid_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX checkout_account ON checkout (account_id);

    -- Payments as the provider reported them, so that refunds find what they give back.
    CREATE TABLE payment (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        provider_id TEXT NOT NULL UNIQUE,
        amount INTEGER NOT NULL CHECK (amount > 0),
        refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= amount),
        currency TEXT NOT NULL,
        paid_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX payment_account ON payment (account_id);
    """
