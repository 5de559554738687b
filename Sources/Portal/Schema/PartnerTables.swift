/// The partner program: apps' campaigns, who refers whom, what that earns, and what looks like fraud.
///
/// The ids of referrers and referees are the customer's own names for its users.
let partnerTables: StaticString = """
    ALTER TABLE app ADD COLUMN public_id TEXT;
    UPDATE app SET public_id = 'app_' || id;
    ALTER TABLE app ADD COLUMN description TEXT NOT NULL DEFAULT '';
    ALTER TABLE app ADD COLUMN website TEXT NOT NULL DEFAULT '';
    -- Suspended by an operator; what the plan's limits refuse is not written here.
    ALTER TABLE app ADD COLUMN status TEXT NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED'));
    -- A JSON object of what differs from the product's own rules, as `FraudRules` reads it.
    ALTER TABLE app ADD COLUMN fraud_rules TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE app ADD COLUMN updated_at INTEGER;
    CREATE UNIQUE INDEX app_public_id ON app (public_id);

    -- Null: made before this was written down.
    ALTER TABLE plan ADD COLUMN created_at INTEGER;
    ALTER TABLE plan ADD COLUMN updated_at INTEGER;

    -- When the account was done with its first steps.
    ALTER TABLE account ADD COLUMN onboarded_at INTEGER;

    CREATE TABLE campaign (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        app_id INTEGER NOT NULL REFERENCES app (id),
        name TEXT NOT NULL,
        description TEXT NOT NULL DEFAULT '',
        -- Where `GET /r/{code}` leads.
        landing_url TEXT NOT NULL DEFAULT '',
        -- What its owner set; that it has begun and ended by its dates is seen when it is read.
        status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'PAUSED', 'SCHEDULED', 'EXPIRED')),
        referral_type TEXT NOT NULL CHECK (referral_type IN ('ONE_SIDED', 'TWO_SIDED', 'MULTI_LEVEL')),
        reward_model TEXT NOT NULL CHECK (reward_model IN ('FIXED_CURRENCY', 'PERCENTAGE', 'TIERED')),
        -- Millionths of a major unit, or of a percent.
        reward_value INTEGER NOT NULL CHECK (reward_value >= 0),
        -- Minor units.
        reward_cap INTEGER CHECK (reward_cap >= 0),
        first_time_only INTEGER NOT NULL DEFAULT 0 CHECK (first_time_only IN (0, 1)),
        start_at INTEGER,
        end_at INTEGER,
        -- Days after the code was made, or after its last click, in which a conversion counts.
        conversion_window INTEGER CHECK (conversion_window > 0),
        -- Days after which a reward that nobody took is gone.
        reward_expiration INTEGER CHECK (reward_expiration > 0),
        level1_reward INTEGER CHECK (level1_reward >= 0),
        level2_reward INTEGER CHECK (level2_reward >= 0),
        level1_cap INTEGER CHECK (level1_cap >= 0),
        level2_cap INTEGER CHECK (level2_cap >= 0),
        -- The JSON that the client sent.
        tier_config TEXT,
        code_prefix TEXT NOT NULL DEFAULT '',
        code_format TEXT NOT NULL CHECK (code_format IN ('RANDOM', 'USERNAME', 'EMAIL_PREFIX')),
        payout_type TEXT NOT NULL
            CHECK (payout_type IN ('CASH', 'STORE_CREDIT', 'IN_APP_DISCOUNT', 'COUPON_CODE', 'POINTS', 'OTHER')),
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        deleted_at INTEGER
    ) STRICT;
    CREATE INDEX campaign_app ON campaign (app_id, id);
    CREATE INDEX campaign_account ON campaign (account_id, id);

    -- A referrer's code.
    CREATE TABLE referral (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        app_id INTEGER NOT NULL REFERENCES app (id),
        campaign_id INTEGER NOT NULL REFERENCES campaign (id),
        code TEXT NOT NULL UNIQUE,
        referrer_id TEXT NOT NULL,
        -- For whom the code was made, where that is known.
        referee_id TEXT,
        username TEXT,
        email TEXT,
        -- Where the client's request came from, and a digest of what it called itself.
        address TEXT NOT NULL,
        device BLOB,
        status TEXT NOT NULL CHECK (status IN ('PENDING', 'CLICKED', 'CONVERTED', 'FLAGGED', 'REJECTED')),
        risk_score INTEGER NOT NULL DEFAULT 0,
        clicked_at INTEGER,
        created_at INTEGER NOT NULL,
        -- Out of the lists; its code no longer works.
        deleted_at INTEGER
    ) STRICT;
    CREATE INDEX referral_campaign ON referral (campaign_id, id);
    CREATE INDEX referral_campaign_time ON referral (campaign_id, created_at, deleted_at);
    CREATE INDEX referral_account ON referral (account_id, id);
    CREATE INDEX referral_app ON referral (app_id, id);
    CREATE INDEX referral_status ON referral (account_id, status, id);
    CREATE INDEX referral_address ON referral (app_id, address, created_at);
    CREATE INDEX referral_referrer ON referral (app_id, referrer_id, created_at);
    CREATE INDEX referral_device ON referral (app_id, device, created_at) WHERE device IS NOT NULL;

    CREATE TABLE referral_click (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        referral_id INTEGER NOT NULL REFERENCES referral (id),
        campaign_id INTEGER NOT NULL REFERENCES campaign (id),
        referee_id TEXT,
        address TEXT NOT NULL,
        device BLOB,
        clicked_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX referral_click_referral ON referral_click (referral_id, clicked_at);
    CREATE INDEX referral_click_referee ON referral_click (referral_id, clicked_at) WHERE referee_id IS NOT NULL;
    CREATE INDEX referral_click_campaign ON referral_click (campaign_id, clicked_at);

    CREATE TABLE conversion (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        app_id INTEGER NOT NULL REFERENCES app (id),
        campaign_id INTEGER NOT NULL REFERENCES campaign (id),
        referral_id INTEGER NOT NULL REFERENCES referral (id),
        referrer_id TEXT NOT NULL,
        -- Empty: not known; a code has at most one such.
        referee_id TEXT NOT NULL,
        -- Minor units.
        amount INTEGER CHECK (amount >= 0),
        currency TEXT NOT NULL,
        metadata TEXT,
        -- The payment at the provider that it is about, so that its refund or dispute takes the rewards back.
        payment_id TEXT,
        address TEXT NOT NULL,
        device BLOB,
        status TEXT NOT NULL CHECK (status IN ('CONVERTED', 'FLAGGED', 'REJECTED', 'REVERSED')),
        risk_score INTEGER NOT NULL DEFAULT 0,
        converted_at INTEGER NOT NULL,
        -- What the app told that went back, in minor units; 1 of a conversion without an amount.
        refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded >= 0),
        reversed_at INTEGER,
        UNIQUE (referral_id, referee_id)
    ) STRICT;
    CREATE INDEX conversion_campaign ON conversion (campaign_id, converted_at);
    CREATE INDEX conversion_account ON conversion (account_id, id);
    CREATE INDEX conversion_referee ON conversion (app_id, referee_id);
    CREATE INDEX conversion_referrer ON conversion (campaign_id, referrer_id, converted_at);
    CREATE INDEX conversion_app_referrer ON conversion (app_id, referrer_id, converted_at);
    CREATE INDEX conversion_payment ON conversion (payment_id) WHERE payment_id IS NOT NULL;

    -- What somebody earns by a conversion. The money is in the ledger under `reward:<public id>:…`.
    CREATE TABLE reward (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        app_id INTEGER NOT NULL REFERENCES app (id),
        campaign_id INTEGER NOT NULL REFERENCES campaign (id),
        referral_id INTEGER NOT NULL REFERENCES referral (id),
        conversion_id INTEGER NOT NULL REFERENCES conversion (id),
        -- Who gets it: the referrer (level 1), the referrer's referrer (level 2), or the referee (level 0).
        user_id TEXT NOT NULL,
        level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 2),
        -- Minor units; points in hundredths, in the currency 'pts'.
        amount INTEGER NOT NULL CHECK (amount > 0),
        -- Of the amount, by refunds, disputes and fraud.
        taken_back INTEGER NOT NULL DEFAULT 0 CHECK (taken_back BETWEEN 0 AND amount),
        -- What the user got: less than the amount where earlier pay-outs had been taken back.
        paid_out INTEGER NOT NULL DEFAULT 0 CHECK (paid_out >= 0),
        currency TEXT NOT NULL,
        payout_type TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'PAID', 'CANCELLED')),
        cancel_reason TEXT CHECK (cancel_reason IN ('owner', 'fraud', 'refund', 'dispute', 'expired')),
        -- Until then it is held back, so that what is refunded soon is never paid.
        held_until INTEGER NOT NULL,
        expires_at INTEGER,
        created_at INTEGER NOT NULL,
        approved_at INTEGER,
        paid_at INTEGER,
        cancelled_at INTEGER,
        -- How often it changed: by this its entries in the ledger are told apart.
        changes INTEGER NOT NULL DEFAULT 0,
        UNIQUE (conversion_id, level)
    ) STRICT;
    CREATE INDEX reward_account ON reward (account_id, id);
    CREATE INDEX reward_campaign ON reward (campaign_id, id);
    CREATE INDEX reward_campaign_time ON reward (campaign_id, created_at);
    CREATE INDEX reward_status ON reward (account_id, status, id);
    CREATE INDEX reward_user ON reward (account_id, user_id, id);
    CREATE INDEX reward_uneven ON reward (app_id, user_id, currency)
        WHERE paid_at IS NOT NULL AND paid_out <> amount - taken_back;
    CREATE INDEX reward_held ON reward (held_until) WHERE status = 'PENDING';
    CREATE INDEX reward_expiry ON reward (expires_at)
        WHERE status IN ('PENDING', 'APPROVED') AND expires_at IS NOT NULL;

    -- A referral or conversion that earns nothing until somebody has looked at it.
    CREATE TABLE fraud_flag (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        app_id INTEGER NOT NULL REFERENCES app (id),
        campaign_id INTEGER NOT NULL REFERENCES campaign (id),
        referral_id INTEGER NOT NULL REFERENCES referral (id),
        conversion_id INTEGER REFERENCES conversion (id),
        -- Names of rules with spaces between.
        rules TEXT NOT NULL,
        -- A person's own words, where a person raised it.
        remark TEXT,
        score INTEGER NOT NULL,
        resolution TEXT CHECK (resolution IN ('legitimate', 'fraud')),
        created_at INTEGER NOT NULL,
        resolved_at INTEGER,
        resolved_by INTEGER REFERENCES person (id)
    ) STRICT;
    CREATE INDEX fraud_flag_account ON fraud_flag (account_id, id);
    CREATE INDEX fraud_flag_referral ON fraud_flag (referral_id);
    CREATE INDEX fraud_flag_app ON fraud_flag (app_id, id);
    CREATE INDEX fraud_flag_open ON fraud_flag (account_id, id) WHERE resolved_at IS NULL;

    -- What a campaign brought in all, in a day and in an hour: what every report reads. Each row of the tables above
    -- counts where its own time lies. `conversions` are the confirmed ones, `revenue` their amounts, `rewards` and
    -- `reward_amount` what they earned and was not cancelled.
    CREATE TABLE campaign_total (
        campaign_id INTEGER PRIMARY KEY REFERENCES campaign (id),
        referrals INTEGER NOT NULL DEFAULT 0,
        clicks INTEGER NOT NULL DEFAULT 0,
        conversions INTEGER NOT NULL DEFAULT 0,
        revenue INTEGER NOT NULL DEFAULT 0,
        rewards INTEGER NOT NULL DEFAULT 0,
        reward_amount INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE campaign_day (
        campaign_id INTEGER NOT NULL REFERENCES campaign (id),
        day INTEGER NOT NULL,
        referrals INTEGER NOT NULL DEFAULT 0,
        clicks INTEGER NOT NULL DEFAULT 0,
        conversions INTEGER NOT NULL DEFAULT 0,
        revenue INTEGER NOT NULL DEFAULT 0,
        rewards INTEGER NOT NULL DEFAULT 0,
        reward_amount INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (campaign_id, day)
    ) STRICT, WITHOUT ROWID;
    -- Hours since 1970.
    CREATE TABLE campaign_hour (
        campaign_id INTEGER NOT NULL REFERENCES campaign (id),
        hour INTEGER NOT NULL,
        referrals INTEGER NOT NULL DEFAULT 0,
        clicks INTEGER NOT NULL DEFAULT 0,
        conversions INTEGER NOT NULL DEFAULT 0,
        revenue INTEGER NOT NULL DEFAULT 0,
        rewards INTEGER NOT NULL DEFAULT 0,
        reward_amount INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (campaign_id, hour)
    ) STRICT, WITHOUT ROWID;

    -- The latest calls of apps' keys, one by one; how many there were is in `request_day`.
    CREATE TABLE app_request (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        app_id INTEGER NOT NULL REFERENCES app (id),
        endpoint TEXT NOT NULL,
        status INTEGER NOT NULL,
        address TEXT NOT NULL,
        user_agent TEXT NOT NULL,
        campaign_id INTEGER REFERENCES campaign (id),
        requested_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX app_request_account ON app_request (account_id, id);
    CREATE INDEX app_request_app ON app_request (app_id, id);

    -- What the dashboard tells a person, or with a null person every member.
    CREATE TABLE notification (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES account (id),
        person_id INTEGER REFERENCES person (id),
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        message TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX notification_account ON notification (account_id, id);
    CREATE TABLE notification_read (
        notification_id INTEGER NOT NULL REFERENCES notification (id),
        person_id INTEGER NOT NULL REFERENCES person (id),
        read_at INTEGER NOT NULL,
        PRIMARY KEY (notification_id, person_id)
    ) STRICT, WITHOUT ROWID;
    """
