/// What plans ask for, subscriptions to them, and the clocks of test accounts.
let planTables: StaticString = """
    ALTER TABLE plan ADD COLUMN family TEXT NOT NULL DEFAULT 'metered'
        CHECK (family IN ('metered', 'dashboard', 'partner', 'billing'));
    ALTER TABLE plan ADD COLUMN description TEXT NOT NULL DEFAULT '';
    -- A JSON array of sentences.
    ALTER TABLE plan ADD COLUMN features TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE plan ADD COLUMN trial_days INTEGER NOT NULL DEFAULT 0 CHECK (trial_days BETWEEN 0 AND 730);
    -- No longer offered; who has it keeps it.
    ALTER TABLE plan ADD COLUMN archived_at INTEGER;

    -- What a plan asks for in one currency and interval, from a moment until the next row of the same. Never changed.
    CREATE TABLE plan_price (
        id INTEGER PRIMARY KEY,
        plan_id INTEGER NOT NULL REFERENCES plan (id),
        currency TEXT NOT NULL,
        interval TEXT NOT NULL CHECK (interval IN ('week', 'month', 'year')),
        effective_from INTEGER NOT NULL,
        -- JSON as `PlanPricesForm` writes it.
        prices TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (plan_id, currency, interval, effective_from)
    ) STRICT;
    CREATE TRIGGER plan_price_is_never_changed BEFORE UPDATE ON plan_price
    BEGIN SELECT RAISE(ABORT, 'prices are never changed: add one that holds from later'); END;

    -- When the next invoice is due by the calendar: the end of the subscription's period, or of the month.
    -- Null: not known yet, in a store of an older version.
    ALTER TABLE account ADD COLUMN next_close_at INTEGER;
    -- A test account's own time; null: the house's.
    ALTER TABLE account ADD COLUMN test_clock_at INTEGER;
    CREATE INDEX account_due ON account (next_close_at) WHERE test_clock_at IS NULL;

    CREATE TABLE subscription (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        plan_price_id INTEGER NOT NULL REFERENCES plan_price (id),
        status TEXT NOT NULL CHECK (status IN ('trialing', 'active', 'past_due', 'canceled')),
        -- Periods are counted from here, so that after 28 February comes 31 March again.
        anchor_at INTEGER NOT NULL,
        -- The number of the period since the anchor, and its ends.
        period INTEGER NOT NULL CHECK (period >= 0),
        period_start INTEGER NOT NULL,
        period_end INTEGER NOT NULL CHECK (period_end > period_start),
        -- Since when in this period its prices hold; what was used before is billed.
        priced_from INTEGER NOT NULL,
        trial_end INTEGER,
        -- What the next period is billed by, where that was changed.
        next_plan_price_id INTEGER REFERENCES plan_price (id),
        cancel_at_period_end INTEGER NOT NULL DEFAULT 0 CHECK (cancel_at_period_end IN (0, 1)),
        canceled_at INTEGER,
        ended_at INTEGER,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX subscription_live ON subscription (account_id) WHERE status <> 'canceled';
    CREATE INDEX subscription_account ON subscription (account_id, id);

    -- What has happened to a subscription; the churn of a month is counted from it.
    CREATE TABLE subscription_change (
        id INTEGER PRIMARY KEY,
        subscription_id INTEGER NOT NULL REFERENCES subscription (id),
        kind TEXT NOT NULL CHECK (kind IN
            ('started', 'trial_ended', 'renewed', 'upgraded', 'downgraded', 'cancel_asked', 'resumed', 'past_due',
             'recovered', 'canceled')),
        from_price_id INTEGER REFERENCES plan_price (id),
        to_price_id INTEGER REFERENCES plan_price (id),
        happened_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX subscription_change_subscription ON subscription_change (subscription_id);
    CREATE INDEX subscription_change_time ON subscription_change (happened_at);
    """
