"""Loads events into a store that nobody serves, faster than any client could send them."""

import sqlite3
import time
from pathlib import Path


def statements(text):
    """The statements of an SQL text, one by one."""
    pending = ""
    for line in text.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def fill(database, sql, values):
    """Runs the statements of the file `sql` with the named `values` in one transaction, and returns the seconds.

    Without a write-ahead log and without fsync: ten million events would go to the disk twice. A
    crash here costs a store of the benchmark and nothing else.
    """
    begun = time.monotonic()
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        for pragma in ("journal_mode = DELETE", "journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        for statement in statements(Path(sql).read_text()):
            connection.execute(statement, values)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
    return time.monotonic() - begun
