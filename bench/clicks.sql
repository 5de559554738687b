-- Puts :clicks clicks behind five campaigns of one app of the account :account, spread evenly over the 365 days before
-- :now (milliseconds, UTC), with a code for every ten of them and a conversion with its reward for every fifty, the
-- counts in all, by day and by hour that follow, and 90 days of calls. Run by fill.py in one transaction on a store that nobody
-- serves and that has no partner program yet. These are Purser's tables (Sources/Portal/Schema/): when they change, this
-- changes with them.

INSERT INTO app (id, public_id, account_id, name, created_at) VALUES (1, 'app_bench', :account, 'Bench', :now);

INSERT INTO campaign (id, public_id, account_id, app_id, name, status, referral_type, reward_model, reward_value,
       code_format, payout_type, created_at, updated_at)
WITH RECURSIVE serial (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM serial WHERE n + 1 < 5)
SELECT n + 1, printf('cmp_%024d', n), :account, 1, printf('Campaign %d', n), 'ACTIVE', 'ONE_SIDED', 'FIXED_CURRENCY',
       5000000, 'RANDOM', 'CASH', :now - 31536000000, :now
  FROM serial;

INSERT INTO referral (id, public_id, account_id, app_id, campaign_id, code, referrer_id, address, status, created_at)
WITH RECURSIVE serial (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM serial WHERE n + 1 < :clicks / 10)
SELECT n + 1, printf('ref_%024d', n), :account, 1, n % 5 + 1, printf('BENCH%09d', n), printf('user-%d', n),
       '192.0.2.1', 'CLICKED', :now - 31536000000 + n * 31536000000 / (:clicks / 10)
  FROM serial;

INSERT INTO referral_click (public_id, referral_id, campaign_id, address, clicked_at)
WITH RECURSIVE serial (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM serial WHERE n + 1 < :clicks)
SELECT printf('clk_%024d', n), n % (:clicks / 10) + 1, n % (:clicks / 10) % 5 + 1, '192.0.2.2',
       :now - 31536000000 + n * 31536000000 / :clicks
  FROM serial;

INSERT INTO conversion (id, public_id, account_id, app_id, campaign_id, referral_id, referrer_id, referee_id, amount,
       currency, address, status, converted_at)
SELECT id, printf('cnv_%024d', id), account_id, app_id, campaign_id, id, referrer_id, printf('friend-%d', id), 4500,
       'usd', '192.0.2.2', 'CONVERTED', created_at + 60000
  FROM referral
 WHERE (id - 1) / 5 % 5 = 0;

INSERT INTO reward (public_id, account_id, app_id, campaign_id, referral_id, conversion_id, user_id, level, amount,
       currency, payout_type, status, held_until, created_at)
SELECT printf('rwd_%024d', id), account_id, app_id, campaign_id, referral_id, id, referrer_id, 1, 500, 'usd', 'CASH',
       'PENDING', :now + 31536000000, converted_at
  FROM conversion;

INSERT INTO campaign_hour (campaign_id, hour, referrals, clicks, conversions, revenue, rewards, reward_amount)
SELECT campaign_id, hour, sum(referrals), sum(clicks), sum(conversions), sum(revenue), sum(rewards), sum(reward_amount)
  FROM (SELECT campaign_id, created_at / 3600000 AS hour, count(*) AS referrals, 0 AS clicks, 0 AS conversions,
               0 AS revenue, 0 AS rewards, 0 AS reward_amount
          FROM referral
         GROUP BY 1, 2
        UNION ALL
        SELECT campaign_id, clicked_at / 3600000, 0, count(*), 0, 0, 0, 0 FROM referral_click GROUP BY 1, 2
        UNION ALL
        SELECT campaign_id, converted_at / 3600000, 0, 0, count(*), sum(amount), 0, 0 FROM conversion GROUP BY 1, 2
        UNION ALL
        SELECT campaign_id, created_at / 3600000, 0, 0, 0, 0, count(*), sum(amount) FROM reward GROUP BY 1, 2)
 GROUP BY 1, 2;

INSERT INTO campaign_day (campaign_id, day, referrals, clicks, conversions, revenue, rewards, reward_amount)
SELECT campaign_id, hour / 24, sum(referrals), sum(clicks), sum(conversions), sum(revenue), sum(rewards),
       sum(reward_amount)
  FROM campaign_hour
 GROUP BY 1, 2;

INSERT INTO campaign_total (campaign_id, referrals, clicks, conversions, revenue, rewards, reward_amount)
SELECT campaign_id, sum(referrals), sum(clicks), sum(conversions), sum(revenue), sum(rewards), sum(reward_amount)
  FROM campaign_day
 GROUP BY 1;

INSERT INTO api_key (id, account_id, person_id, digest, hint, label, created_at, app_id)
SELECT 1000, :account, min(person_id), zeroblob(32), 'rk_...', 'Bench', :now, 1 FROM member WHERE account_id = :account;

INSERT INTO request_day (account_id, day, key_id, endpoint, category, status, requests)
WITH RECURSIVE serial (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM serial WHERE n + 1 < 90)
SELECT :account, :now / 86400000 - n, 1000, 'POST /api/v1/clicks', 'referrals', 200, :clicks / 365 FROM serial;
