-- Puts :events events of one shot each behind the account :account, spread evenly over the 30 days
-- before :now (milliseconds, UTC) and four backends, and the roll-ups that follow from them.
-- Run by fill.py in one transaction on a store that nobody serves. These are Purser's tables
-- (Sources/Portal): when they change, this changes with them.

INSERT INTO usage_events (account_id, key_id, idempotency_key, meter, backend, quantity, cost, occurred_at)
WITH RECURSIVE serial (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM serial WHERE n + 1 < :events)
SELECT :account, (SELECT min(id) FROM api_keys WHERE account_id = :account), printf('fill-%012d', n), 'shots',
       CASE n % 4 WHEN 0 THEN 'simulator' WHEN 1 THEN 'ionq_qpu' WHEN 2 THEN 'ibm_torino' ELSE 'aws_sv1' END,
       1, 1000, :now - 2592000000 + n * 2592000000 / :events
  FROM serial;

INSERT INTO usage_daily (account_id, day, meter, backend, quantity, cost)
SELECT account_id, occurred_at / 86400000, meter, backend, sum(quantity), sum(cost)
  FROM usage_events
 WHERE account_id = :account
 GROUP BY 1, 2, 3, 4
ON CONFLICT (account_id, day, meter, backend)
DO UPDATE SET quantity = excluded.quantity, cost = excluded.cost;
