"""All that the benchmark knows of Purser: how it is started, what it is asked, what it answers, where it stores.

When an endpoint or a table changes, this file, provider.py and the .sql files follow; nothing else here does.
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
WEBHOOK = ("POST", "/webhooks/stripe")
NEW_WEBHOOK = ("POST", "/api/v1/webhooks")
TICKET = ("POST", "/support/ticket")
# What the partner program's pages are called in the report; they take the cookie of a browser.
PARTNER_PAGES = {
    "dashboard": ("GET", "/api/partner/dashboard-stats"),
    "campaigns": ("GET", "/api/partner/analytics"),
    "metrics": ("GET", "/api/partner/metrics"),
}

REGISTRATION = json.dumps({"name": "Bench", "email": EMAIL, "create_stripe_account": False})
SIGNER_REGISTRATION = json.dumps(
    {"name": "Signer", "email": SIGNER, "password": PASSWORD, "create_stripe_account": False}
)
TICKET_BODY = json.dumps({"priority": "low", "subject": "Bench", "message": "A word about it."})
# What customers' servers are told of it.
TOLD = "ticket.created"
AUTHORIZATION = json.dumps({"backend": "simulator", "shots": 1, "meter": "shots"})

# What an account of the month-end uses in its month: some cents each, of two meters and several backends.
MONTH = [
    {"meter": meter, "backend": backend, "quantity": quantity}
    for meter, backend, quantity in [
        ("shots", "simulator", 700), ("shots", "simulator", 900), ("shots", "ionq_simulator", 40),
        ("shots", "ionq_simulator", 60), ("shots", "aws_sv1", 30), ("shots", "aws_sv1", 20),
        ("shots", "ibm_torino", 1), ("inferences", "other", 5), ("inferences", "other", 7), ("inferences", "other", 9),
    ]
]
BACKENDS = ["simulator", "ionq_simulator", "aws_sv1", "aws_tn1"]

# A body of events is HEAD, events joined by commas, TAIL; an event's own id stands where %s is.
HEAD = '{"events":['
EVENT = '{"id":"%s","meter":"shots","backend":"simulator","quantity":1}'
TAIL = "]}"

# Commands of the shell that lift the account's limits, given to the running Purser.
ACCOUNT_COMMANDS = [["account", "plan", EMAIL, "enterprise"]]
# Commands run before the first start on an empty state.
STATE_COMMANDS = [["migrate"]]
SERVE = ["serve"]
CHECK = ["check"]
BILLING_RUN = ["billing", "run"]
# What the same command asks the running Purser, and what else is asked of it over its socket.
CONTROL_SOCKET = "control.sock"
CLOSE_DUE = ("POST", "/control/billing/run")
SUBSCRIBE = ("POST", "/control/account/subscribe")
SUBSCRIPTION_PLAN = "billing_starter"

DATABASE = "purser.db"
ACCOUNT_ID = "SELECT m.account_id FROM member m JOIN person p ON p.id = m.person_id WHERE p.email = ?"
EVENTS_STORED = "SELECT count(*) FROM usage_event"
EVENTS_INVOICED = "SELECT coalesce(sum(events), 0) FROM invoice_line"
INVOICES = "SELECT count(*) FROM invoice WHERE reason = ?"
MESSAGES = "SELECT public_id, created_at FROM webhook_message"
DELIVERIES_WAITING = "SELECT count(*) FROM webhook_delivery WHERE status = 'waiting'"
WEBHOOKS_STORED = "SELECT count(*) FROM stripe_event WHERE status = ?"

# From spawning Purser on a new state to its first answer, and from SIGTERM to its end.
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 30


# By the name of the server: every use is paid for by invoice, and by none before its time; webhooks are believed.
INVOICED = {"OPENING_CREDIT": "0", "INVOICE_THRESHOLD": "1000000"}
WEBHOOK_SECRET = "whsec_" + secrets.token_hex(16)
SETTINGS = {
    "invoice": INVOICED,
    "monthend": INVOICED,
    "webhook": {"STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET},
    "deliveries": {"WEBHOOK_PRIVATE_RANGES": "127.0.0.0/8"},
}


def environment(state, socket, name):
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
        **{f"LIMIT_{one}": rate_max for one in ("READ", "WRITE", "INGEST", "CREDENTIAL", "WEBHOOK")},
        **SETTINGS.get(name, {}),
    }


def registration(email):
    return json.dumps({"name": email, "email": email, "create_stripe_account": False})


def key_registered(answer):
    return json.loads(answer)["user"]["api_key"]


def subscription(email):
    return {"account": email, "plan": SUBSCRIPTION_PLAN, "interval": "month"}


def uses_body(uses):
    return json.dumps({"events": uses})


def sign_in(is_right):
    return json.dumps({"email": SIGNER, "password": PASSWORD if is_right else PASSWORD + "?"})


def key_sign_in(key):
    return json.dumps({"email": EMAIL, "api_key": key})


def sign_in_by_key(key):
    return json.dumps({"email": EMAIL, "api_key": key})


def clicks_shown(answer):
    """All the clicks of an account, as its partner dashboard has them."""
    return json.loads(answer)["totalClicks"]


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


def rows(database, sql):
    """All rows, read as `query` does."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def shots_reported(answer):
    """All the shots of an account, as its usage page has them."""
    return json.loads(answer)["total_shots"]
