"""All that the benchmark knows of Purser: how it is started, what it is asked, what it answers, where it stores.

When an endpoint or a table changes, this file, events.sql, fill.sql and keys.sql follow; nothing else here does.
"""

import json
import secrets
import sqlite3

EMAIL = "bench@example.com"
SIGNER = "signer@example.com"
PASSWORD = "seven copper kettles"

REGISTER = ("POST", "/auth/register")
LOGIN = ("POST", "/auth/login")
USER = ("GET", "/auth/user")
VERIFY = ("POST", "/api/v1/keys/verify")
AUTHORIZE = ("POST", "/api/v1/usage/authorize")
EVENTS = ("POST", "/api/v1/usage/events")
ANALYTICS = ("GET", "/analytics/usage")

REGISTRATION = json.dumps({"name": "Bench", "email": EMAIL, "create_stripe_account": False})
SIGNER_REGISTRATION = json.dumps(
    {"name": "Signer", "email": SIGNER, "password": PASSWORD, "create_stripe_account": False}
)
AUTHORIZATION = json.dumps({"backend": "simulator", "shots": 1, "meter": "shots"})

# A body of events is HEAD, events joined by commas, TAIL; an event's own id stands where %s is.
HEAD = '{"events":['
EVENT = '{"id":"%s","meter":"shots","backend":"simulator","quantity":1}'
TAIL = "]}"

# Commands of the shell that lift the account's limits, given to the running Purser.
ACCOUNT_COMMANDS = [["account", "plan", EMAIL, "enterprise"]]
# Commands run before the first start on an empty state.
STATE_COMMANDS = [["migrate"]]
SERVE = ["serve"]

DATABASE = "purser.db"
ACCOUNT_ID = "SELECT m.account_id FROM member m JOIN person p ON p.id = m.person_id WHERE p.email = ?"
EVENTS_STORED = "SELECT count(*) FROM usage_event"

# From spawning Purser on a new state to its first answer, and from SIGTERM to its end.
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 30


def environment(state, socket):
    """Settings of a Purser under load: no limit but the machine's, no mock data, no payments."""
    rate_max = "100000000"
    return {
        "STATE": str(state),
        "SOCKET": str(socket),
        "KEY_PEPPER": secrets.token_hex(32),
        "DEV_MODE": "off",
        "PAYMENTS": "off",
        "SIGN_IN_FAILURES": "0",
        "SIGN_IN_FAILURES_NETWORK": "0",
        **{name: rate_max for name in ("LIMIT_READ", "LIMIT_WRITE", "LIMIT_INGEST", "LIMIT_CREDENTIAL")},
    }


def sign_in(is_right):
    return json.dumps({"email": SIGNER, "password": PASSWORD if is_right else PASSWORD + "?"})


def verification(key):
    return json.dumps({"key": key})


def is_valid(answer):
    return json.loads(answer)["code"] == "VALID"


def events_body(ids):
    return HEAD + ",".join(EVENT % one for one in ids) + TAIL


def verdicts(answer):
    """What became of each event of a body: accepted, duplicate or rejected."""
    return [result["status"] for result in json.loads(answer)["results"]]


def query(database, sql, *values):
    """One value from a database file, read from outside its server without writing or checkpointing."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(sql, values).fetchone()[0]
    finally:
        connection.close()


def shots_reported(answer):
    """All the shots of an account, as its usage page has them."""
    return json.loads(answer)["total_shots"]
