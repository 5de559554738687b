/// Each queue of the outbox finds what is due for it without reading past what waits for another.
let mailTables: StaticString = """
    DROP INDEX outbox_waiting;
    CREATE INDEX outbox_due ON outbox (kind, next_attempt_at) WHERE failed_at IS NULL;
    CREATE INDEX outbox_given_up ON outbox (kind, failed_at) WHERE failed_at IS NOT NULL;
    """
