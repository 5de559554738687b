-- Puts :customers accounts into the store, which the payment provider knows by the ids of provider.py. Run by fill.py
-- on a store that nobody serves. The table is Purser's (Sources/Portal/Schema/): when it changes, this changes with it.

INSERT INTO account (name, plan_id, stripe_customer_id, created_at)
WITH RECURSIVE serial (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM serial WHERE n + 1 < :customers)
SELECT printf('Customer %d', n), (SELECT plan_id FROM account WHERE id = :account), printf('cus_bench%08d', n), :now
  FROM serial;
