-- Moves every account's billing period a month back, so that it ended just now. Run by fill.py on a store that nobody
-- serves. The tables are Purser's (Sources/Portal/Schema/): when they change, this changes with them.

UPDATE account SET next_close_at = :now - 1000;

-- What began when the store was filled is what ends now.
UPDATE subscription SET period_end = period_start, period_start = period_start - :month,
       anchor_at = anchor_at - :month, priced_from = priced_from - :month;
UPDATE account SET next_close_at = (SELECT period_end FROM subscription WHERE account_id = account.id)
 WHERE id IN (SELECT account_id FROM subscription);
