/// Invoices as they are now: taxes, discounts, notes that correct them, and what stands behind each line.
let billingTables: StaticString = """
    -- Books in several currencies; an account has one, the house's sides have them all.
    ALTER TABLE ledger_balance RENAME TO ledger_balance_before;
    CREATE TABLE ledger_balance (
        account_id INTEGER NOT NULL,
        side TEXT NOT NULL,
        currency TEXT NOT NULL,
        debits INTEGER NOT NULL DEFAULT 0,
        credits INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (account_id, side, currency)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO ledger_balance (account_id, side, currency, debits, credits)
        SELECT account_id, side, 'usd', debits, credits FROM ledger_balance_before;
    DROP TABLE ledger_balance_before;
    CREATE INDEX ledger_entry_time ON ledger_entry (posted_at);

    -- All time, by what a unit cost; the invoiced_* part stands on invoices already. `digest_*` add up 32-bit words of
    -- each event's SHA-256: the same set of events gives the same sums, in whatever order.
    ALTER TABLE usage_total RENAME TO usage_total_before;
    CREATE TABLE usage_total (
        account_id INTEGER NOT NULL,
        meter TEXT NOT NULL,
        backend TEXT NOT NULL,
        unit_micros INTEGER NOT NULL,
        quantity INTEGER NOT NULL,
        cost_micros INTEGER NOT NULL,
        events INTEGER NOT NULL,
        digest_1 INTEGER NOT NULL DEFAULT 0,
        digest_2 INTEGER NOT NULL DEFAULT 0,
        digest_3 INTEGER NOT NULL DEFAULT 0,
        digest_4 INTEGER NOT NULL DEFAULT 0,
        -- Of the events that stand on no invoice yet; null: there are none.
        first_event_id INTEGER,
        last_event_id INTEGER,
        invoiced_quantity INTEGER NOT NULL DEFAULT 0,
        invoiced_micros INTEGER NOT NULL DEFAULT 0,
        invoiced_events INTEGER NOT NULL DEFAULT 0,
        invoiced_digest_1 INTEGER NOT NULL DEFAULT 0,
        invoiced_digest_2 INTEGER NOT NULL DEFAULT 0,
        invoiced_digest_3 INTEGER NOT NULL DEFAULT 0,
        invoiced_digest_4 INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (account_id, meter, backend, unit_micros)
    ) STRICT, WITHOUT ROWID;
    -- An invoice took all that was recorded until then.
    INSERT INTO usage_total (account_id, meter, backend, unit_micros, quantity, cost_micros, events,
        first_event_id, last_event_id, invoiced_quantity, invoiced_micros, invoiced_events)
        SELECT e.account_id, e.meter, e.backend, e.unit_micros, sum(e.quantity), sum(e.cost_micros), count(*),
            min(CASE WHEN e.recorded_at > i.until THEN e.id END), max(CASE WHEN e.recorded_at > i.until THEN e.id END),
            sum(CASE WHEN e.recorded_at <= i.until THEN e.quantity ELSE 0 END),
            sum(CASE WHEN e.recorded_at <= i.until THEN e.cost_micros ELSE 0 END),
            sum(CASE WHEN e.recorded_at <= i.until THEN 1 ELSE 0 END)
        FROM usage_event e JOIN (
            SELECT a.id AS account_id, coalesce((SELECT max(v.issued_at) FROM invoice v
                WHERE v.account_id = a.id AND v.status <> 'draft'), 0) AS until FROM account a
        ) AS i ON i.account_id = e.account_id
        GROUP BY e.account_id, e.meter, e.backend, e.unit_micros;
    DROP TABLE usage_total_before;

    -- What this store is, and what it still has to do, such as `digests_due` after the above: SQL has no SHA-256.
    CREATE TABLE store_mark (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO store_mark (name, value) SELECT 'digests_due', '' FROM usage_event LIMIT 1;

    -- Amounts are in minor units of the invoice's currency. A credit note's are positive too: what it gives back.
    ALTER TABLE invoice ADD COLUMN kind TEXT NOT NULL DEFAULT 'invoice' CHECK (kind IN ('invoice', 'credit_note'));
    -- What a credit note takes from, or a further invoice corrects.
    ALTER TABLE invoice ADD COLUMN corrects_id INTEGER REFERENCES invoice (id);
    ALTER TABLE invoice ADD COLUMN subscription_id INTEGER REFERENCES subscription (id);
    ALTER TABLE invoice ADD COLUMN reason TEXT NOT NULL DEFAULT 'usage'
        CHECK (reason IN ('usage', 'period', 'threshold', 'start', 'change', 'correction', 'top_up', 'manual'));
    ALTER TABLE invoice ADD COLUMN period_start INTEGER;
    ALTER TABLE invoice ADD COLUMN period_end INTEGER;
    ALTER TABLE invoice ADD COLUMN subtotal INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE invoice ADD COLUMN discount INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE invoice ADD COLUMN tax INTEGER NOT NULL DEFAULT 0;
    -- JSON, as they were when it was made out: `[{"name","rate","inclusive","amount"}]`, `[{"name","amount"}]`,
    -- the profiles of buyer and seller.
    ALTER TABLE invoice ADD COLUMN taxes TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE invoice ADD COLUMN discounts TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE invoice ADD COLUMN buyer TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE invoice ADD COLUMN seller TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE invoice ADD COLUMN memo TEXT NOT NULL DEFAULT '';
    -- By credit notes: part of the total that is no longer asked for.
    ALTER TABLE invoice ADD COLUMN credited INTEGER NOT NULL DEFAULT 0 CHECK (credited >= 0);
    -- Given up: part of the total that is a loss.
    ALTER TABLE invoice ADD COLUMN written_off INTEGER NOT NULL DEFAULT 0 CHECK (written_off >= 0);
    ALTER TABLE invoice ADD COLUMN voided_at INTEGER;
    -- Of a voided invoice: the one that asks for its use again. One voided before this column was there has nothing
    -- left to ask for.
    ALTER TABLE invoice ADD COLUMN carried_id INTEGER REFERENCES invoice (id);
    UPDATE invoice SET carried_id = id WHERE status = 'void';
    CREATE INDEX invoice_to_carry ON invoice (account_id) WHERE status = 'void' AND carried_id IS NULL;
    CREATE INDEX invoice_corrects ON invoice (corrects_id) WHERE corrects_id IS NOT NULL;
    CREATE INDEX invoice_open ON invoice (due_at) WHERE status = 'open';
    CREATE INDEX invoice_time ON invoice (issued_at);

    ALTER TABLE invoice_line ADD COLUMN kind TEXT NOT NULL DEFAULT 'usage';
    ALTER TABLE invoice_line ADD COLUMN unit_micros INTEGER;
    ALTER TABLE invoice_line ADD COLUMN discount INTEGER NOT NULL DEFAULT 0;
    -- Part of the amount, and on top of it.
    ALTER TABLE invoice_line ADD COLUMN tax_included INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE invoice_line ADD COLUMN tax_added INTEGER NOT NULL DEFAULT 0;
    -- What the line adds to the invoice's total.
    ALTER TABLE invoice_line ADD COLUMN total INTEGER NOT NULL DEFAULT 0;
    -- What it was computed from: a meter's events from the first to the last one, and the prices.
    ALTER TABLE invoice_line ADD COLUMN meter TEXT;
    ALTER TABLE invoice_line ADD COLUMN backend TEXT;
    ALTER TABLE invoice_line ADD COLUMN item TEXT;
    ALTER TABLE invoice_line ADD COLUMN plan_price_id INTEGER REFERENCES plan_price (id);
    ALTER TABLE invoice_line ADD COLUMN period_start INTEGER;
    ALTER TABLE invoice_line ADD COLUMN period_end INTEGER;
    -- The part of a period, in seconds, that a plan's item was priced for; null: all of it.
    ALTER TABLE invoice_line ADD COLUMN part_seconds INTEGER;
    ALTER TABLE invoice_line ADD COLUMN part_length INTEGER;
    ALTER TABLE invoice_line ADD COLUMN events INTEGER;
    ALTER TABLE invoice_line ADD COLUMN first_event_id INTEGER;
    ALTER TABLE invoice_line ADD COLUMN last_event_id INTEGER;
    -- 32 hexadecimal digits.
    ALTER TABLE invoice_line ADD COLUMN digest TEXT;
    -- On a credit note: which line of the invoice it takes from.
    ALTER TABLE invoice_line ADD COLUMN corrects_position INTEGER;
    UPDATE invoice_line SET total = amount;
    UPDATE invoice_line SET kind = 'applied' WHERE description = 'Credit and payments applied';
    UPDATE invoice SET subtotal = total;

    -- What a number was given to never changes, but for how it is paid.
    CREATE TRIGGER invoice_is_frozen BEFORE UPDATE OF account_id, number, kind, corrects_id, subscription_id, reason,
        period_start, period_end, description, currency, subtotal, discount, tax, total, taxes, discounts, buyer,
        seller, memo, issued_at ON invoice WHEN OLD.status <> 'draft'
    BEGIN SELECT RAISE(ABORT, 'an invoice that was made out is never changed'); END;
    CREATE TRIGGER invoice_is_never_deleted BEFORE DELETE ON invoice WHEN OLD.status <> 'draft'
    BEGIN SELECT RAISE(ABORT, 'an invoice that was made out is never deleted'); END;
    CREATE TRIGGER invoice_line_is_frozen BEFORE UPDATE ON invoice_line
        WHEN (SELECT status FROM invoice WHERE id = OLD.invoice_id) <> 'draft'
    BEGIN SELECT RAISE(ABORT, 'the lines of an invoice that was made out are never changed'); END;
    CREATE TRIGGER invoice_line_is_never_deleted BEFORE DELETE ON invoice_line
        WHEN (SELECT status FROM invoice WHERE id = OLD.invoice_id) <> 'draft'
    BEGIN SELECT RAISE(ABORT, 'the lines of an invoice that was made out are never deleted'); END;
    CREATE TRIGGER invoice_line_is_never_added BEFORE INSERT ON invoice_line
        WHEN (SELECT status FROM invoice WHERE id = NEW.invoice_id) <> 'draft'
    BEGIN SELECT RAISE(ABORT, 'no lines are added to an invoice that was made out'); END;

    -- Who is billed, and how.
    CREATE TABLE billing_profile (
        account_id INTEGER PRIMARY KEY REFERENCES account (id),
        name TEXT NOT NULL DEFAULT '',
        email TEXT NOT NULL DEFAULT '',
        address TEXT NOT NULL DEFAULT '',
        country TEXT NOT NULL DEFAULT '',
        tax_id TEXT NOT NULL DEFAULT '',
        -- Ids of tax_rate with spaces between; null: the house's.
        tax_rates TEXT,
        days_to_pay INTEGER CHECK (days_to_pay BETWEEN 0 AND 365),
        updated_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE tax_rate (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        country TEXT NOT NULL DEFAULT '',
        -- Millionths: 190000 are 19 %.
        rate INTEGER NOT NULL CHECK (rate BETWEEN 0 AND 10000000),
        is_inclusive INTEGER NOT NULL CHECK (is_inclusive IN (0, 1)),
        -- Applies to accounts that have none of their own, of its country if it names one.
        is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
        created_at INTEGER NOT NULL,
        archived_at INTEGER
    ) STRICT;

    CREATE TABLE coupon (
        id INTEGER PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        -- Ten thousandths of the bill, or an amount in minor units.
        basis_points INTEGER CHECK (basis_points BETWEEN 1 AND 10000),
        amount INTEGER CHECK (amount > 0),
        currency TEXT,
        -- On how many invoices; null: on all.
        invoices INTEGER CHECK (invoices > 0),
        most_accounts INTEGER CHECK (most_accounts > 0),
        accounts INTEGER NOT NULL DEFAULT 0,
        valid_until INTEGER,
        created_at INTEGER NOT NULL,
        archived_at INTEGER,
        CHECK ((basis_points IS NULL) <> (amount IS NULL)),
        CHECK ((amount IS NULL) = (currency IS NULL))
    ) STRICT;

    CREATE TABLE account_coupon (
        account_id INTEGER NOT NULL REFERENCES account (id),
        coupon_id INTEGER NOT NULL REFERENCES coupon (id),
        -- Null: for ever.
        invoices_left INTEGER,
        redeemed_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, coupon_id)
    ) STRICT, WITHOUT ROWID;

    -- A use that was put right: the event stays as it was, and what is added to it stands here.
    CREATE TABLE usage_correction (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        event_id INTEGER NOT NULL REFERENCES usage_event (id),
        kind TEXT NOT NULL CHECK (kind IN ('void', 'amend')),
        -- What the event counts and costs less (negative) or more.
        quantity INTEGER NOT NULL,
        cost_micros INTEGER NOT NULL,
        reason TEXT NOT NULL,
        -- Who: `person:7`, `shell`.
        made_by TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        -- Whether the ledger's charge for use moved with it; else a note moved the invoice.
        is_charged INTEGER NOT NULL CHECK (is_charged IN (0, 1)),
        -- The invoice that the event stood on already, and the one that puts it right.
        invoice_id INTEGER REFERENCES invoice (id),
        note_id INTEGER REFERENCES invoice (id)
    ) STRICT;
    CREATE INDEX usage_correction_event ON usage_correction (event_id);
    CREATE INDEX usage_correction_account ON usage_correction (account_id, id);
    CREATE TRIGGER usage_correction_is_never_deleted BEFORE DELETE ON usage_correction
    BEGIN SELECT RAISE(ABORT, 'corrections are never deleted'); END;
    """
