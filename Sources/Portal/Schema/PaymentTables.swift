/// Prepaid credit, cards, charges, refunds and disputes.
let paymentTables: StaticString = """
    -- Credit by where it came from. The ledger says how much there is in all; it is spent by priority, then what
    -- expires first, then what came first.
    CREATE TABLE credit_grant (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        kind TEXT NOT NULL CHECK (kind IN ('promotion', 'paid', 'note')),
        name TEXT NOT NULL,
        amount INTEGER NOT NULL CHECK (amount > 0),
        remaining INTEGER NOT NULL CHECK (remaining BETWEEN 0 AND amount),
        currency TEXT NOT NULL,
        -- Lower is spent first.
        priority INTEGER NOT NULL DEFAULT 50 CHECK (priority BETWEEN 0 AND 100),
        expires_at INTEGER,
        -- The payment that it came of.
        provider_id TEXT,
        created_at INTEGER NOT NULL,
        -- When what remained of it ended unspent: by itself, or taken back by an operator.
        expired_at INTEGER,
        voided_at INTEGER
    ) STRICT;
    CREATE INDEX credit_grant_open ON credit_grant (account_id) WHERE remaining > 0;
    CREATE INDEX credit_grant_account ON credit_grant (account_id, id);
    CREATE INDEX credit_grant_expiry ON credit_grant (expires_at) WHERE remaining > 0 AND expires_at IS NOT NULL;
    CREATE INDEX credit_grant_payment ON credit_grant (provider_id) WHERE provider_id IS NOT NULL;
    -- What accounts have from before there were grants.
    INSERT INTO credit_grant (account_id, kind, name, amount, remaining, currency, created_at)
        SELECT b.account_id, 'promotion', 'Balance carried over', b.credits - b.debits, b.credits - b.debits,
            b.currency, coalesce((SELECT max(e.posted_at) FROM ledger_entry e WHERE e.account_id = b.account_id), 0)
        FROM ledger_balance b WHERE b.side = 'credit' AND b.credits > b.debits;

    -- What an account wants to happen when its credit runs low.
    CREATE TABLE credit_rule (
        account_id INTEGER PRIMARY KEY REFERENCES account (id),
        -- Told below this; null: not.
        alert_below INTEGER CHECK (alert_below >= 0),
        alerted_at INTEGER,
        -- Charged by itself below this, so much; null: not.
        top_up_below INTEGER CHECK (top_up_below >= 0),
        top_up_amount INTEGER CHECK (top_up_amount > 0),
        -- At most so many times a month; how many there were in that month.
        top_ups_at_most INTEGER NOT NULL DEFAULT 10 CHECK (top_ups_at_most BETWEEN 1 AND 100),
        top_up_month INTEGER NOT NULL DEFAULT 0,
        top_ups INTEGER NOT NULL DEFAULT 0,
        -- The top-up that is under way; how many failed in a row, why the last one did, and when the next may be tried.
        top_up_since INTEGER,
        top_up_failures INTEGER NOT NULL DEFAULT 0,
        top_up_error TEXT,
        top_up_retry_at INTEGER,
        updated_at INTEGER NOT NULL,
        CHECK ((top_up_below IS NULL) = (top_up_amount IS NULL))
    ) STRICT;

    -- Cards and the like at the provider, as it last told.
    CREATE TABLE payment_method (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        provider_id TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL,
        brand TEXT,
        last4 TEXT,
        exp_month INTEGER,
        exp_year INTEGER,
        -- Chosen by somebody; without a choice the oldest is charged.
        is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
        created_at INTEGER NOT NULL,
        -- When the provider last told of it.
        seen_at INTEGER NOT NULL,
        -- One that was taken away never comes back.
        detached_at INTEGER,
        -- When its holder was told that it expires.
        warned_at INTEGER
    ) STRICT;
    CREATE INDEX payment_method_account ON payment_method (account_id) WHERE detached_at IS NULL;
    CREATE INDEX payment_method_expiry ON payment_method (exp_year, exp_month)
        WHERE detached_at IS NULL AND warned_at IS NULL;

    -- Pages at the provider now have purposes; one where a card is kept asks for no money.
    ALTER TABLE checkout RENAME TO checkout_before;
    CREATE TABLE checkout (
        session_id TEXT PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        purpose TEXT NOT NULL CHECK (purpose IN ('balance', 'invoice', 'subscription', 'card', 'top_up')),
        invoice_id INTEGER REFERENCES invoice (id),
        plan_price_id INTEGER REFERENCES plan_price (id),
        amount INTEGER NOT NULL CHECK (amount >= 0),
        currency TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'expired', 'failed')),
        created_at INTEGER NOT NULL,
        paid_at INTEGER
    ) STRICT, WITHOUT ROWID;
    INSERT INTO checkout (session_id, account_id, purpose, amount, currency, status, created_at, paid_at)
        SELECT session_id, account_id, 'balance', amount, currency, status, created_at, paid_at FROM checkout_before;
    DROP TABLE checkout_before;
    CREATE INDEX checkout_account ON checkout (account_id);
    CREATE INDEX checkout_open ON checkout (created_at) WHERE status = 'open';

    -- A charge without the customer being there: written down before the provider is asked, so that no crash charges
    -- twice.
    CREATE TABLE charge_attempt (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        -- Null: a top-up.
        invoice_id INTEGER REFERENCES invoice (id),
        amount INTEGER NOT NULL CHECK (amount > 0),
        currency TEXT NOT NULL,
        payment_method TEXT NOT NULL,
        -- Sent with every try, and part of what the provider keeps of the charge.
        idempotency_key TEXT NOT NULL UNIQUE,
        -- `asked` until it is known what came of it, however long that takes.
        status TEXT NOT NULL DEFAULT 'asked'
            CHECK (status IN ('asked', 'succeeded', 'failed', 'needs_action', 'canceled')),
        provider_id TEXT UNIQUE,
        error TEXT,
        error_code TEXT,
        created_at INTEGER NOT NULL,
        ended_at INTEGER
    ) STRICT;
    CREATE INDEX charge_attempt_invoice ON charge_attempt (invoice_id) WHERE invoice_id IS NOT NULL;
    CREATE INDEX charge_attempt_account ON charge_attempt (account_id, id);
    CREATE UNIQUE INDEX charge_attempt_asked ON charge_attempt (account_id, coalesce(invoice_id, 0))
        WHERE status = 'asked';

    -- An unpaid invoice's way through the operator's schedule.
    CREATE TABLE dunning (
        invoice_id INTEGER PRIMARY KEY REFERENCES invoice (id),
        account_id INTEGER NOT NULL REFERENCES account (id),
        -- How many steps of the schedule were taken.
        step INTEGER NOT NULL DEFAULT 0,
        -- In the account's own time; null: no step is left, and what was taken stays taken until it is paid.
        next_step_at INTEGER,
        -- What the days of the schedule are counted from.
        began_at INTEGER NOT NULL,
        -- What the account may not do because of this invoice.
        restriction TEXT CHECK (restriction IN ('restricted', 'suspended')),
        told_overdue INTEGER NOT NULL DEFAULT 0 CHECK (told_overdue IN (0, 1)),
        -- Paid, voided or credited.
        ended_at INTEGER
    ) STRICT;
    CREATE INDEX dunning_due ON dunning (next_step_at) WHERE ended_at IS NULL;
    CREATE INDEX dunning_account ON dunning (account_id) WHERE ended_at IS NULL;
    -- The strongest of what dunning has taken from it: a restricted one may not use what costs, a suspended one
    -- nothing.
    ALTER TABLE account ADD COLUMN restriction TEXT CHECK (restriction IN ('restricted', 'suspended'));

    ALTER TABLE payment ADD COLUMN charge_id TEXT;
    ALTER TABLE payment ADD COLUMN invoice_id INTEGER REFERENCES invoice (id);
    -- What of the amount is held back or was lost in disputes.
    ALTER TABLE payment ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0 CHECK (disputed >= 0);
    ALTER TABLE payment ADD COLUMN description TEXT NOT NULL DEFAULT '';
    -- The provider's early warning that it may be fraudulent.
    ALTER TABLE payment ADD COLUMN fraud_warning TEXT;
    CREATE INDEX payment_charge ON payment (charge_id) WHERE charge_id IS NOT NULL;
    CREATE INDEX payment_time ON payment (paid_at, id);

    -- The most that the provider has said was given back in all, whether or not each refund is known by itself.
    ALTER TABLE payment ADD COLUMN refunds_told INTEGER NOT NULL DEFAULT 0 CHECK (refunds_told >= 0);
    UPDATE payment SET refunds_told = refunded;

    -- What a payment was used for (positive), and where what went back or is held back was taken from (negative).
    CREATE TABLE payment_use (
        id INTEGER PRIMARY KEY,
        payment_id INTEGER NOT NULL REFERENCES payment (id),
        -- Null: credit, or use that no invoice asked for yet.
        invoice_id INTEGER REFERENCES invoice (id),
        cause TEXT NOT NULL CHECK (cause IN ('paid', 'refund', 'dispute')),
        side TEXT NOT NULL CHECK (side IN ('receivable', 'unbilled', 'credit', 'revenue', 'disputed', 'loss')),
        amount INTEGER NOT NULL CHECK (amount <> 0),
        used_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX payment_use_payment ON payment_use (payment_id);
    CREATE INDEX payment_use_invoice ON payment_use (invoice_id) WHERE invoice_id IS NOT NULL;
    INSERT INTO payment_use (payment_id, cause, side, amount, used_at)
        SELECT p.id, 'paid', e.credit, e.amount, e.posted_at FROM payment p
        JOIN ledger_entry e ON e.debit = 'cash' AND e.reference IN ('stripe:' || p.provider_id || ':paid',
            'stripe:' || p.provider_id || ':paid:' || e.credit) ORDER BY e.id;
    INSERT INTO payment_use (payment_id, cause, side, amount, used_at)
        SELECT p.id, 'refund', e.debit, -e.amount, e.posted_at FROM payment p
        JOIN ledger_entry e ON e.account_id = p.account_id AND e.credit = 'cash' AND substr(e.reference, 1,
            length('stripe:' || p.provider_id || ':refunded:')) = 'stripe:' || p.provider_id || ':refunded:'
        ORDER BY e.id;

    -- No table of its primary key any more: in one, a body of more than a kilobyte takes pages of its own, which are
    -- written again when its status changes.
    ALTER TABLE stripe_event RENAME TO stripe_event_before;
    CREATE TABLE stripe_event (
        id TEXT PRIMARY KEY,
        type TEXT NOT NULL,
        body BLOB NOT NULL,
        received_at INTEGER NOT NULL,
        status TEXT NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'applied', 'ignored', 'failed')),
        attempts INTEGER NOT NULL DEFAULT 0,
        next_attempt_at INTEGER NOT NULL,
        error TEXT,
        -- An event is a hint: what it is about is asked for again, once for all events of one object.
        object_id TEXT NOT NULL DEFAULT '',
        -- The payment without which it cannot be applied yet.
        waits_for TEXT
    ) STRICT;
    INSERT INTO stripe_event (id, type, body, received_at, status, attempts, next_attempt_at, error)
        SELECT id, type, body, received_at, status, attempts, next_attempt_at, error FROM stripe_event_before;
    DROP TABLE stripe_event_before;
    CREATE INDEX stripe_event_waiting ON stripe_event (next_attempt_at) WHERE status = 'received';
    CREATE INDEX stripe_event_needed ON stripe_event (waits_for) WHERE status = 'received' AND waits_for IS NOT NULL;
    CREATE INDEX stripe_event_failed ON stripe_event (id) WHERE status = 'failed';
    CREATE INDEX stripe_event_age ON stripe_event (received_at);

    CREATE TABLE refund (
        id INTEGER PRIMARY KEY,
        payment_id INTEGER NOT NULL REFERENCES payment (id),
        provider_id TEXT UNIQUE,
        amount INTEGER NOT NULL CHECK (amount > 0),
        currency TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        idempotency_key TEXT UNIQUE,
        status TEXT NOT NULL CHECK (status IN ('asked', 'pending', 'succeeded', 'failed', 'canceled')),
        error TEXT,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX refund_payment ON refund (payment_id);
    CREATE INDEX refund_asked ON refund (id) WHERE status = 'asked';

    CREATE TABLE dispute (
        id INTEGER PRIMARY KEY,
        payment_id INTEGER NOT NULL REFERENCES payment (id),
        provider_id TEXT NOT NULL UNIQUE,
        amount INTEGER NOT NULL CHECK (amount > 0),
        currency TEXT NOT NULL,
        reason TEXT NOT NULL,
        -- The provider's word for it.
        status TEXT NOT NULL,
        -- Whether its money is withdrawn now.
        is_withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (is_withdrawn IN (0, 1)),
        due_at INTEGER,
        opened_at INTEGER NOT NULL,
        closed_at INTEGER
    ) STRICT;
    CREATE INDEX dispute_payment ON dispute (payment_id);
    CREATE INDEX dispute_open ON dispute (id) WHERE closed_at IS NULL;

    -- How far the provider's lists were read, and what did not agree with ours.
    CREATE TABLE reconciliation (
        name TEXT PRIMARY KEY,
        cursor TEXT NOT NULL DEFAULT '',
        ran_at INTEGER NOT NULL,
        report TEXT NOT NULL DEFAULT '[]'
    ) STRICT, WITHOUT ROWID;

    -- How far uses were passed on to another system: the last event's id that it has.
    CREATE TABLE usage_forwarding (
        name TEXT PRIMARY KEY,
        event_id INTEGER NOT NULL,
        -- Events that the other side will never take, and what it said of the last one.
        refused INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        updated_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Settings that operators change while it runs, as JSON: the seller on invoices, the dunning schedule.
    CREATE TABLE operator_setting (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL,
        updated_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
