-- Puts :events events of one shot each behind the account :account, spread evenly over the 30 days
-- before :now (milliseconds, UTC) and four backends, and the roll-ups that follow from them.
-- Run by fill.py in one transaction on a store that nobody serves. These are Purser's tables
-- (Sources/Portal/Schema.swift): when they change, this changes with them.

INSERT INTO usage_event (account_id, key_id, meter, backend, quantity, unit_micros, cost_micros, occurred_at,
       recorded_at, event_key)
WITH RECURSIVE serial (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM serial WHERE n + 1 < :events)
SELECT :account, (SELECT min(id) FROM api_key WHERE account_id = :account), 'shots',
       CASE n % 4 WHEN 0 THEN 'simulator' WHEN 1 THEN 'ionq_qpu' WHEN 2 THEN 'ibm_torino' ELSE 'aws_sv1' END,
       1, 1000, 1000, :now - 2592000000 + n * 2592000000 / :events, :now, printf('fill-%012d', n)
  FROM serial;

INSERT INTO usage_day (account_id, meter, day, backend, quantity, cost_micros, events)
SELECT account_id, meter, occurred_at / 86400000, backend, sum(quantity), sum(cost_micros), count(*)
  FROM usage_event
 WHERE account_id = :account
 GROUP BY 1, 2, 3, 4
ON CONFLICT (account_id, meter, day, backend)
DO UPDATE SET quantity = excluded.quantity, cost_micros = excluded.cost_micros, events = excluded.events;

INSERT INTO usage_total (account_id, meter, backend, unit_micros, quantity, cost_micros, events)
SELECT account_id, meter, backend, 1000, sum(quantity), sum(cost_micros), sum(events)
  FROM usage_day
 WHERE account_id = :account
 GROUP BY 1, 2, 3
ON CONFLICT (account_id, meter, backend, unit_micros)
DO UPDATE SET quantity = excluded.quantity, cost_micros = excluded.cost_micros, events = excluded.events;
