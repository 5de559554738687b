-- Puts :keys keys into the store behind the account :account, with digests spread as real ones are. Run by fill.py on a
-- store that nobody serves. The table is Purser's (Sources/Portal/Schema/): when it changes, this changes with it.

INSERT INTO api_key (account_id, person_id, digest, hint, label, created_at)
WITH RECURSIVE serial (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM serial WHERE n + 1 < :keys)
SELECT :account, (SELECT person_id FROM member WHERE account_id = :account LIMIT 1), randomblob(32), 'bioql_...fill',
       printf('fill %d', n), :now
  FROM serial;
