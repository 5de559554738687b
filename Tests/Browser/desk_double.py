"""A double of Purser for the site's tests: serves nginx/site as nginx does, and answers the API as the contract says.

It keeps accounts in memory, can be told to refuse, to wait or to break off, and remembers every request it got.
"""

import json
import secrets
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SITE = Path(__file__).resolve().parents[2] / "nginx" / "site"
CHART = Path("/usr/share/javascript/chart.js/chart.min.js")
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self' https://checkout.stripe.com https://billing.stripe.com; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TICKET_CREATED = "Support ticket created successfully. We'll get back to you within {hours} hours."
FIRST_ANSWER_HOURS = {"low": 48, "medium": 24, "high": 12, "critical": 4}
LAST_DAY = date(2025, 3, 31)


@dataclass
class Account:
    id: int
    name: str
    email: str
    password: str
    key: str
    backends: dict = field(default_factory=dict)
    daily: list = field(default_factory=lambda: [0] * 30)
    spent: float = 0
    invoices: list = field(default_factory=list)
    balance: float = 0
    #: What its authenticator shows; None without a second factor.
    code: str | None = None
    #: How often the invoices are still read with the old balance after a payment; None while nothing was paid.
    reads_until_settled: int | None = None

    def user(self, key):
        return {
            "id": self.id, "name": self.name, "email": self.email, "api_key": key,
            "stripe_customer_id": f"cus_{self.id}", "created_at": "2025-01-01T00:00:00.000Z",
        }

    def usage(self):
        shots = sum(self.backends.values())
        days = [(LAST_DAY - timedelta(days=back)).isoformat() for back in range(29, -1, -1)]
        return {
            "total_shots": shots, "total_spent": self.spent, "molecules_designed": shots // 100,
            "backends_used": len(self.backends), "backends": self.backends,
            "daily_usage": {"dates": days, "shots": self.daily},
        }

    def statement(self):
        if self.reads_until_settled == 0:
            self.balance = 0
            self.invoices = [{**one, "status": "paid"} for one in self.invoices]
        elif self.reads_until_settled is not None:
            self.reads_until_settled -= 1
        return {"current_balance": self.balance, "invoices": self.invoices}


@dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: object


class Desk:
    """The double's state and its levers."""

    def __init__(self):
        self.accounts = []
        self.sessions = {}
        #: Sign-ins that wait for their code, by token.
        self.unfinished = {}
        #: The links of mails: token to (what for, what it is about).
        self.links = {}
        self.requests = []
        self.refusals = defaultdict(list)
        self.gates = {}
        self.missing = set()
        self.settling_reads = 2
        self.providers = []
        #: What a signed-in browser is answered besides, by method and path.
        self.answers = {("GET", "/api/v1/account"): {"name": "Account", "role": "owner", "is_operator": False}}
        self.add("Developer", "dev@bioql.local", secrets.token_hex(8), "bioql_dev_test123",
                 backends={"ibm_quantum": 8000, "ionq": 4000, "simulator": 2500, "aws_braket": 500}, spent=2500.5,
                 daily=[500] * 30, balance=350.0,
                 invoices=[invoice("inv_001", "2025-03-01", "Usage in February", 350.0, "pending")])

    def add(self, name, email, password, key=None, **more):
        key = key or f"bioql_{secrets.token_hex(16)}"
        account = Account(len(self.accounts) + 1, name, email, password, key, **more)
        self.accounts.append(account)
        return account

    def refuse(self, path, status, detail, headers=None, **more):
        """The next request to the path gets this problem."""
        self.refusals[path].append((status, problem(status, detail, **more), headers or {}))

    def hold(self, path):
        """Requests to the path wait until the event that this answers is set."""
        self.gates[path] = threading.Event()
        return self.gates[path]

    def route(self, method, path):
        if (method, path) not in self.answers and not self.refusals[path]:
            return None

        def answer(handler, desk, _):
            handler.by_session()
            return 200, desk.answers[method, path]
        return answer

    def sent(self, path):
        return [request for request in self.requests if request.path == path]

    def by_key(self, key):
        return next((one for one in self.accounts if one.key == key), None)

    def by_email(self, email):
        return next((one for one in self.accounts if one.email == email), None)


def invoice(id, day, description, amount, status, **more):
    """As a key reads it; a session reads `currency`, `owed` and links `more`."""
    return {"id": id, "date": day, "description": description, "amount": amount, "status": status, **more}


def problem(status, detail, **more):
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail,
            "error": detail, **more}


class Problem(Exception):
    def __init__(self, status, detail, **more):
        super().__init__(detail)
        self.status = status
        self.body = problem(status, detail, **more)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, desk):
        super().__init__(("127.0.0.1", port), Handler)
        self.desk = desk


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def serve(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        route = ROUTES.get((self.command, url.path)) or self.server.desk.route(self.command, url.path)
        if route is None:
            self.serve_file(url)
            return
        desk = self.server.desk
        desk.requests.append(Request(self.command, url.path, dict(self.headers), raw.decode()))
        if url.path in desk.gates:
            desk.gates[url.path].wait(30)
        if desk.refusals[url.path]:
            self.answer(*desk.refusals[url.path].pop(0))
            return
        try:
            self.answer(*route(self, desk, self.json_body(raw) if self.command == "POST" else None))
        except Problem as refused:
            self.answer(refused.status, refused.body)

    def json_body(self, raw):
        if self.headers.get("Content-Type") != "application/json":
            raise Problem(415, "Send JSON")
        return json.loads(raw)

    def answer(self, status, body, headers=None):
        kind = "application/json" if status < 400 else "application/problem+json"
        headers = {"Content-Type": kind, "Cache-Control": "no-store", **(headers or {})}
        self.send(status, json.dumps(body).encode(), headers)

    def serve_file(self, url):
        desk = self.server.desk
        if url.path == "/sandbox/checkout":
            # The provider's page, at an origin of its own: the same server by its other name.
            self.send(200, b'<!DOCTYPE html><title>Sandbox checkout</title><link rel="icon" href="data:,">'
                      b"<h1>Sandbox checkout</h1>",
                      {"Content-Type": "text/html"})
            return
        path = CHART if url.path == "/assets/vendor/chart.js" else (SITE / url.path.lstrip("/")).resolve()
        if url.path == "/":
            path = SITE / "index.html"
        known = path == CHART or path.is_relative_to(SITE)
        if not known or not path.is_file() or url.path in desk.missing:
            self.send(404, (SITE / "404.html").read_bytes(), {"Content-Type": TYPES[".html"], **PAGE_HEADERS})
            return
        self.send(200, path.read_bytes(), {"Content-Type": TYPES[path.suffix], **PAGE_HEADERS})

    def send(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def by_bearer(self):
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        account = self.server.desk.by_key(key) if scheme == "Bearer" else None
        if account is None:
            raise Problem(401, "Invalid API key", code="invalid_key")
        return account, key

    def by_session(self):
        cookies = parse_qs(self.headers.get("Cookie", "").replace("; ", "&"))
        account = self.server.desk.sessions.get(cookies.get("session_token", [""])[0])
        if account is None or "Authorization" in self.headers:
            raise Problem(401, "Not authenticated")
        return account, None


def sign_in(handler, desk, body):
    account = desk.by_email(body["email"])
    secret = body.get("password") or body.get("api_key")
    wanted = account and (account.password if "password" in body else account.key)
    if account is None or secret != wanted:
        raise Problem(401, "Invalid credentials")
    if account.code:
        token = secrets.token_hex(16)
        desk.unfinished[token] = account
        raise Problem(401, "Enter the code of your second factor", code="second_factor_required", token=token)
    answer = {"id": account.id, "name": account.name, "email": account.email}
    if "api_key" in body:
        answer["api_key"] = body["api_key"]
    return 200, answer, open_session(desk, account)


def open_session(desk, account):
    token = secrets.token_hex(16)
    desk.sessions[token] = account
    return {"Set-Cookie": f"session_token={token}; Path=/; HttpOnly; SameSite=Lax"}


def finish_sign_in(handler, desk, body):
    account = desk.unfinished.get(body["token"])
    if account is None:
        raise Problem(401, "This sign-in has expired, please begin again", code="invalid_token")
    if body["code"] != account.code:
        raise Problem(403, "This code is wrong or was used before", code="invalid_code")
    del desk.unfinished[body["token"]]
    return 200, {"id": account.id, "name": account.name, "email": account.email}, open_session(desk, account)


def forgot(handler, desk, body):
    return 200, {"success": True, "message": "If there is an account with this address, a mail is on its way."}


def take_link(desk, token, kind):
    if desk.links.get(token, ("", None))[0] != kind:
        raise Problem(400, "This link has expired or was used before", code="invalid_token")
    return desk.links.pop(token)[1]


def verify(handler, desk, body):
    take_link(desk, body["token"], "verify")
    return 200, {"success": True}


def reset(handler, desk, body):
    if body["password"].startswith("password"):
        message = "is too easy to guess"
        raise Problem(400, f"password {message}", errors=[{"field": "password", "message": message}])
    take_link(desk, body["token"], "reset").password = body["password"]
    return 200, {"success": True}


def show_invitation(handler, desk, body):
    if desk.links.get(body["token"], ("", None))[0] != "invite":
        raise Problem(400, "This link has expired or was used before", code="invalid_token")
    email = desk.links[body["token"]][1]
    return 200, {"account": "Helix Labs", "role": "developer", "inviter": "owner@example.com", "email": email,
                 "is_known": desk.by_email(email) is not None}


def accept_invitation(handler, desk, body):
    account = desk.add(body["name"], take_link(desk, body["token"], "invite"), body["password"])
    return 200, {"account": 1, "name": "Helix Labs", "role": "developer"}, open_session(desk, account)


def accept_invitation_signed_in(handler, desk, body):
    account, _ = handler.by_session()
    take_link(desk, body["token"], "invite")
    return 200, {"account": 1, "name": "Helix Labs", "role": "developer"}, open_session(desk, account)


def sign_out(handler, desk, _):
    account, _ = handler.by_session()
    desk.sessions = {token: one for token, one in desk.sessions.items() if one is not account}
    return 200, {"success": True}, {"Set-Cookie": "session_token=; Path=/; Max-Age=0"}


def register(handler, desk, body):
    if desk.by_email(body["email"]):
        raise Problem(409, "Email already registered", errors=[{"field": "email", "message": "This address is taken."}])
    account = desk.add(body["name"], body["email"], body["password"])
    user = {"id": account.id, "email": account.email, "name": account.name, "api_key": account.key, "tier": "free",
            "balance": 10.0, "stripe_customer_id": None, "stripe_subscription_id": None}
    return 201, {"success": True, "user": user, "stripe_customer_created": False, "stripe_subscription_created": False,
                 "invoice_threshold_usd": 3000, "message": "Welcome aboard."}


def show_providers(handler, desk, _):
    return 200, {"providers": desk.providers}


def show_user(caller):
    return lambda handler, desk, _: (200, Account.user(*caller(handler)))


def show_usage(caller):
    return lambda handler, desk, _: (200, caller(handler)[0].usage())


def show_invoices(caller):
    return lambda handler, desk, _: (200, caller(handler)[0].statement())


def create_payment(caller):
    def create(handler, desk, body):
        account, _ = caller(handler)
        if not body["amount"] > 0:
            raise Problem(400, "Amount must be positive")
        account.reads_until_settled = desk.settling_reads
        port = handler.server.server_address[1]
        return 200, {"session_id": "cs_1", "url": f"http://localhost:{port}/sandbox/checkout?session=cs_1"}
    return create


def create_ticket(caller):
    def create(handler, desk, body):
        account, _ = caller(handler)
        message = TICKET_CREATED.format(hours=FIRST_ANSWER_HOURS[body["priority"]])
        return 200, {"ticket_id": f"TKT-{account.id}-1743400000", "status": "created", "message": message}
    return create


ROUTES = {
    ("POST", "/auth/login"): sign_in,
    ("POST", "/auth/login/totp"): finish_sign_in,
    ("POST", "/auth/password/forgot"): forgot,
    ("POST", "/auth/password/reset"): reset,
    ("POST", "/auth/verify"): verify,
    ("POST", "/auth/invitation"): show_invitation,
    ("POST", "/auth/invitation/accept"): accept_invitation,
    ("POST", "/api/v1/me/invitations/accept"): accept_invitation_signed_in,
    ("GET", "/auth/oidc/providers"): show_providers,
    ("POST", "/auth/logout"): sign_out,
    ("POST", "/auth/register"): register,
    ("GET", "/auth/user"): show_user(Handler.by_bearer),
    ("GET", "/analytics/usage"): show_usage(Handler.by_bearer),
    ("GET", "/dashboard/invoices"): show_invoices(Handler.by_bearer),
    ("POST", "/billing/create-payment"): create_payment(Handler.by_bearer),
    ("POST", "/support/ticket"): create_ticket(Handler.by_bearer),
    ("GET", "/api/v1/me"): show_user(Handler.by_session),
    ("GET", "/api/v1/me/usage"): show_usage(Handler.by_session),
    ("GET", "/api/v1/me/invoices"): show_invoices(Handler.by_session),
    ("POST", "/api/v1/me/payments"): create_payment(Handler.by_session),
    ("POST", "/api/v1/me/tickets"): create_ticket(Handler.by_session),
}
