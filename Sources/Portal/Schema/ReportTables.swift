/// What operators' reports read instead of whole books.
let reportTables: StaticString = """
    -- The ledger added up by month, up to the entry that `store_mark` names; the accounts' plan is the one they were on
    -- when it was added up. Test accounts are left out.
    CREATE TABLE ledger_month (
        month INTEGER NOT NULL,
        currency TEXT NOT NULL,
        plan_id INTEGER NOT NULL REFERENCES plan (id),
        debit TEXT NOT NULL,
        credit TEXT NOT NULL,
        reason TEXT NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (month, currency, plan_id, debit, credit, reason)
    ) STRICT, WITHOUT ROWID;

    -- The same for revenue alone, by account: what was earned less what was taken back.
    CREATE TABLE revenue_month (
        month INTEGER NOT NULL,
        currency TEXT NOT NULL,
        account_id INTEGER NOT NULL REFERENCES account (id),
        amount INTEGER NOT NULL,
        PRIMARY KEY (currency, account_id, month)
    ) STRICT, WITHOUT ROWID;

    -- What is still owed is added up from this index alone.
    CREATE INDEX invoice_owed ON invoice (account_id, due_at, currency, total, paid, credited, written_off)
        WHERE kind = 'invoice' AND status IN ('open', 'uncollectible');
    CREATE INDEX subscription_status ON subscription (status, plan_price_id);
    CREATE INDEX subscription_change_move ON subscription_change (happened_at, id)
        WHERE kind IN ('started', 'trial_ended', 'upgraded', 'downgraded', 'canceled')
            OR from_price_id IS DISTINCT FROM to_price_id;
    """
