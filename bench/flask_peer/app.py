"""The same two endpoints as most would write them: Flask, gunicorn, SQLite.

Not a straw man: one connection per worker for its whole life, keys looked up by digest through an
index, write-ahead log, and one immediate transaction per authorization. DATABASE names the file;
`python app.py KEY` creates it with one account that owns KEY.
"""

import hashlib
import os
import sqlite3
import sys
import time

from flask import Flask, jsonify, request

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE users (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
    stripe_customer_id TEXT, created_at TEXT NOT NULL
);
CREATE TABLE api_keys (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, user_id INTEGER NOT NULL);
CREATE TABLE quotas (user_id INTEGER PRIMARY KEY, used INTEGER NOT NULL, allowed INTEGER NOT NULL);
CREATE TABLE usage (
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, backend TEXT NOT NULL,
    shots INTEGER NOT NULL, cost INTEGER NOT NULL, created_at INTEGER NOT NULL
);
CREATE INDEX usage_by_user ON usage (user_id, created_at);
"""

app = Flask(__name__)
opened = None


def database():
    """This worker's connection. A sync worker serves one request at a time, so nobody shares it."""
    global opened
    if opened is None:
        opened = sqlite3.connect(os.environ["DATABASE"], isolation_level=None, timeout=10)
        opened.row_factory = sqlite3.Row
        opened.execute("PRAGMA synchronous = FULL")
    return opened


def digest(key):
    return hashlib.sha256(key.encode()).hexdigest()


def caller():
    """The user whose key the request carries, and that key; the user is None if nobody owns it."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        return None, key
    row = database().execute(
        "SELECT users.* FROM api_keys JOIN users ON users.id = api_keys.user_id WHERE digest = ?", (digest(key),)
    ).fetchone()
    return row, key


@app.get("/auth/user")
def show_user():
    user, key = caller()
    if user is None:
        return jsonify(error="Invalid API key"), 401
    return jsonify(
        id=user["id"], name=user["name"], email=user["email"], api_key=key,
        stripe_customer_id=user["stripe_customer_id"], created_at=user["created_at"],
    )


@app.post("/api/v1/usage/authorize")
def authorize():
    asked = request.get_json()
    shots, cost = int(asked["shots"]), int(asked["shots"]) * 1000
    with database() as store:
        store.execute("BEGIN IMMEDIATE")
        user, _ = caller()
        if user is None:
            return jsonify(error="Invalid API key"), 401
        quota = store.execute(
            "UPDATE quotas SET used = used + ? WHERE user_id = ? AND used + ? <= allowed RETURNING allowed - used",
            (shots, user["id"], shots),
        ).fetchone()
        if quota is None:
            return jsonify(allowed=False, reason="Quota exceeded"), 403
        store.execute(
            "INSERT INTO usage (user_id, backend, shots, cost, created_at) VALUES (?, ?, ?, ?, ?)",
            (user["id"], asked["backend"], shots, cost, int(time.time() * 1000)),
        )
    return jsonify(allowed=True, remaining=quota[0], cost=cost / 1_000_000)


def create(key):
    with sqlite3.connect(os.environ["DATABASE"]) as store:
        store.executescript(SCHEMA)
        store.execute("INSERT INTO users VALUES (1, 'Bench', 'bench@example.com', NULL, '2025-01-01T00:00:00Z')")
        store.execute("INSERT INTO api_keys VALUES (1, ?, 1)", (digest(key),))
        store.execute("INSERT INTO quotas VALUES (1, 0, 1000000000)")


if __name__ == "__main__":
    create(sys.argv[1])
