"""A mixed load that keeps account of what was promised, while everything under it is killed and restarted.

Each write has an identity of its own and is repeated, under the same id or key, until its outcome is known. Afterwards
`Ledger.compare` reads the store: what was acknowledged is there exactly once, and nothing is there twice.
"""

import http.client
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import stripe

BACKENDS = ["ionq_simulator", "simulator", "aws_sv1", "ibm_torino", "quera_aquila"]


@dataclass
class Journal:
    """What the clients were told. Identities are unique over the whole run."""

    seed: int
    acknowledged: dict = field(default_factory=dict)
    figures: Counter = field(default_factory=Counter)
    wrong: list = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what, number=1):
        with self.lock:
            self.figures[what] += number

    def acknowledge(self, kind, identity, told):
        with self.lock:
            self.acknowledged.setdefault(kind, {})[identity] = told
            self.figures[f"acknowledged {kind}"] += 1

    def complain(self, sentence):
        with self.lock:
            self.wrong.append(sentence)

    def of(self, kind):
        return self.acknowledged.get(kind, {})

    def __str__(self):
        return f"seed {self.seed}; " + ", ".join(f"{name} {number}" for name, number in sorted(self.figures.items()))


@dataclass
class Account:
    key: str
    id: int
    # At the provider; each use of such an account is reported there, so most of the load goes to the others.
    customer: str | None


class Client(threading.Thread):
    """One client: writes and reads in turn until told to stop; finishes what it has begun."""

    def __init__(self, number, port, accounts, journal, stop, secret, keep):
        super().__init__(name=f"client-{number}", daemon=True)
        self.number, self.port, self.accounts, self.journal = number, port, accounts, journal
        self.stop, self.secret, self.keep = stop, secret, keep
        self.random = random.Random(f"{journal.seed}-{number}")
        self.connection = None
        self.serial = 0
        self.sent_before = []

    def run(self):
        acts = [(self.record, 6), (self.authorize, 6), (self.ingest, 4), (self.ticket, 3), (self.register, 1),
                (self.webhook, 3), (self.read, 4), (self.repeat, 2)]
        choices, weights = zip(*acts)
        try:
            while not self.stop.is_set():
                self.random.choices(choices, weights)[0]()
        except Exception as error:  # noqa: BLE001: a client that dies must fail the test
            self.journal.complain(f"{self.name} failed: {error!r}")

    # ---- one request

    def once(self, method, path, body, headers):
        """Status and body, or None when nobody knows what happened."""
        self.journal.count("requests")
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, OSError):
            self.connection.close()
            self.connection = None
            return None

    def insist(self, path, body, key=None, headers=()):
        """Repeats the same request until there is an answer that settles it: status, body and whether a repeat."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        deadline = time.monotonic() + 120
        attempt = 0
        while time.monotonic() < deadline:
            all_headers = {"Content-Type": "application/json"} | dict(headers() if callable(headers) else headers)
            if key:
                all_headers["Authorization"] = f"Bearer {key}"
            answer = self.once("POST", path, data, all_headers)
            if answer and answer[0] not in (502, 503, 504):
                return answer[0], json.loads(answer[1]), attempt > 0
            if answer and answer[0] == 503:
                self.journal.count("told to come back")
            else:
                self.journal.count("unknown outcomes")
            attempt += 1
            time.sleep(self.random.uniform(0.01, 0.08))
        raise TimeoutError(f"{path} was not settled")

    def someone(self):
        paying = self.random.random() < 0.03
        return self.random.choice([account for account in self.accounts if bool(account.customer) == paying])

    def identity(self, kind):
        self.serial += 1
        return f"{kind}{self.number}_{self.serial}"

    def expect(self, kind, identity, status, answer, *good):
        if status in good:
            return True
        self.journal.complain(f"{kind} {identity}: {status} {answer}")
        return False

    # ---- what it does

    def write(self, kind, path, body, key, identity):
        """A write under an Idempotency-Key. Kept, to be repeated later."""
        headers = {"Idempotency-Key": identity}
        status, answer, _ = self.insist(path, body, key, headers)
        if self.expect(kind, identity, status, answer, 200):
            self.journal.acknowledge(kind, identity, (body, answer))
            self.sent_before.append((kind, path, body, key, headers, answer))

    def record(self):
        account, identity = self.someone(), self.identity("r")
        body = {"api_key": account.key, "backend": self.random.choice(BACKENDS), "cost": 1, "success": True,
                "shots": self.random.randrange(1, 50), "usage_type": identity}
        self.write("record", "/billing/record-usage", body, None, identity)

    def authorize(self):
        account, identity = self.someone(), self.identity("a")
        # A backend of its own makes the event findable by it.
        body = {"backend": f"simulator.{identity}", "shots": self.random.randrange(1, 50)}
        self.write("authorize", "/api/v1/usage/authorize", body, account.key, identity)

    def ticket(self):
        account, identity = self.someone(), self.identity("t")
        body = {"priority": "low", "subject": identity, "message": "chaos"}
        self.write("ticket", "/support/ticket", body, account.key, identity)

    def ingest(self):
        account, batch = self.someone(), self.identity("e")
        events = [{"id": f"{batch}-{index}", "backend": self.random.choice(BACKENDS),
                   "shots": self.random.randrange(1, 9)}
                  for index in range(self.random.randrange(1, 20))]
        status, answer, is_repeat = self.insist("/api/v1/usage/events", {"events": events}, account.key)
        if not self.expect("events", batch, status, answer, 200):
            return
        states = {result["status"] for result in answer["results"]}
        if not states <= ({"accepted", "duplicate"} if is_repeat else {"accepted"}) or len(states) != 1:
            # A batch is one transaction: it was there whole before, or not at all.
            self.journal.complain(f"events {batch}: {answer}")
        for event in events:
            self.journal.acknowledge("event", event["id"], (event["shots"], account.id))
        self.sent_before.append(("events", "/api/v1/usage/events", {"events": events}, account.key, {}, None))

    def register(self):
        identity = self.identity("p")
        email = f"{identity}@chaos.example"
        body = {"name": identity, "email": email, "create_stripe_account": self.random.random() < 0.3}
        status, answer, is_repeat = self.insist("/auth/register", body)
        # 409 to a repeat: the first one had been stored, and its answer was lost.
        if self.expect("register", identity, status, answer, 201, *([409] if is_repeat else [])):
            self.journal.acknowledge("account", email, answer.get("user", {}).get("api_key"))

    def webhook(self):
        account, identity = self.random.choice([one for one in self.accounts if one.customer]), self.identity("w")
        amount = self.random.randrange(100, 5000)
        session = {"id": f"cs_{identity}", "object": "checkout.session", "mode": "payment", "payment_status": "paid",
                   "status": "complete", "created": int(time.time()),
                   "amount_total": amount, "currency": "usd", "customer": account.customer,
                   "payment_intent": f"pi_{identity}"}
        self.keep(session)
        body = json.dumps({"id": f"evt_{identity}", "object": "event", "type": "checkout.session.completed",
                           "created": int(time.time()), "data": {"object": session}}).encode()

        def headers():
            stamp = int(time.time())
            signature = stripe.WebhookSignature._compute_signature(f"{stamp}.{body.decode()}", self.secret)
            return {"Stripe-Signature": f"t={stamp},v1={signature}"}

        for _ in range(self.random.choice([1, 1, 2, 3])):
            status, answer, _ = self.insist("/webhooks/stripe", body, headers=headers)
            if not self.expect("webhook", identity, status, answer, 200):
                return
        self.journal.acknowledge("payment", identity, (amount, account.id))

    def read(self):
        account = self.random.choice(self.accounts)
        path = self.random.choice(["/auth/user", "/analytics/usage", "/dashboard/invoices", "/pricing"])
        answer = self.once("GET", path, None, {"Authorization": f"Bearer {account.key}"})
        if answer is None or answer[0] in (502, 503, 504):
            self.journal.count("reads that failed")
        elif answer[0] != 200 or (path == "/auth/user" and json.loads(answer[1])["api_key"] != account.key):
            self.journal.complain(f"GET {path}: {answer}")

    def repeat(self):
        """An old request once more: the same answer, and no second effect."""
        if not self.sent_before:
            return
        kind, path, body, key, headers, before = self.random.choice(self.sent_before[-50:])
        status, answer, _ = self.insist(path, body, key, headers)
        self.journal.count("repeats")
        if kind == "events":
            same = status == 200 and {result["status"] for result in answer["results"]} == {"duplicate"}
        else:
            same = status == 200 and answer == before
        if not same:
            self.journal.complain(f"the repeat of {kind} {body} answered {status} {answer}, before {before}")


class Load:
    """Clients at work: `with Load(...) as journal:`; the end waits until each knows what became of its last request."""

    def __init__(self, stack, accounts, secret, seed, clients=6):
        self.journal, self.stop = Journal(seed), threading.Event()
        # Where there is a provider, Purser asks it about what a webhook tells.
        keep = stack.stripe.put if hasattr(stack, "stripe") else lambda thing: None
        self.clients = [Client(number, stack.port, accounts, self.journal, self.stop, secret, keep)
                        for number in range(clients)]

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self.journal

    def __exit__(self, *_):
        self.stop.set()
        for client in self.clients:
            client.join(150)
            if client.is_alive():
                self.journal.complain(f"{client.name} did not end")


def once_each(stack, statement, wanted, what):
    """Compares `SELECT identity, …` with what was acknowledged; a sentence for each difference."""
    rows = [tuple(row.values()) for row in stack.sql(statement)]
    seen = Counter(row[0] for row in rows)
    found = {row[0]: row[1:] for row in rows}
    wrong = [f"{what} {identity} is stored {number} times" for identity, number in seen.items() if number != 1]
    wrong += [f"{what} {identity} was acknowledged and is not stored" for identity in wanted if identity not in found]
    wrong += [f"{what} {identity} is stored, though it was never settled"
              for identity in found if identity not in wanted]
    wrong += [f"{what} {identity} is stored as {found[identity]}, acknowledged as {value}"
              for identity, value in wanted.items() if identity in found and found[identity] != value]
    return wrong


def compare(stack, journal):
    """What the store does not hold as it was acknowledged; nothing, when all is well."""
    wrong = once_each(
        stack, """SELECT detail ->> '$.usage_type', id, quantity FROM usage_event
                  WHERE detail ->> '$.usage_type' IS NOT NULL""",
        {name: (told["usage_id"], body["shots"]) for name, (body, told) in journal.of("record").items()}, "use")
    wrong += once_each(
        stack, "SELECT substr(backend, 11), id, quantity FROM usage_event WHERE backend LIKE 'simulator.%'",
        {name: (told["usage_id"], body["shots"]) for name, (body, told) in journal.of("authorize").items()}, "use")
    wrong += once_each(
        stack, "SELECT event_key, quantity, account_id FROM usage_event WHERE event_key IS NOT NULL",
        journal.of("event"), "event")
    wrong += once_each(
        stack, "SELECT subject, public_id FROM ticket",
        {name: (told["ticket_id"],) for name, (_, told) in journal.of("ticket").items()}, "ticket")
    wrong += once_each(
        stack, "SELECT substr(provider_id, 4), amount, account_id FROM payment", journal.of("payment"), "payment")
    wrong += once_each(
        stack, "SELECT substr(id, 5), status FROM stripe_event",
        {name: ("applied",) for name in journal.of("payment")}, "webhook")
    wrong += once_each(
        stack, """SELECT p.email, count(DISTINCT m.account_id), count(DISTINCT k.id),
                   (SELECT count(*) FROM ledger_entry e WHERE e.account_id = m.account_id AND e.debit = 'promotion')
                 FROM person p JOIN member m ON m.person_id = p.id JOIN api_key k ON k.person_id = p.id
                 WHERE p.email LIKE '%@chaos.example' GROUP BY p.id""",
        {email: (1, 1, 1) for email in journal.of("account")}, "account")
    everything = len(journal.of("record")) + len(journal.of("authorize")) + len(journal.of("event"))
    stored = stack.sql("SELECT count(*) AS n FROM usage_event")[0]["n"]
    return wrong + ([] if stored == everything else [f"{stored} uses are stored, {everything} were acknowledged"])
