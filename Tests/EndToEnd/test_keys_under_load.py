"""Keys that are revoked and rotated while many clients use them."""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from answers import assert_problem, sign_in, usage

KEYS = "/api/v1/keys"
WORKERS = 4


@pytest.fixture(scope="module")
def stack():
    from stack import Stack
    with Stack(WORKERS=str(WORKERS)) as made:
        yield made


class Client(threading.Thread):
    """Asks the same again and again over one connection; notes when each request began and whether it was let in."""

    def __init__(self, stack, ask, is_let_in):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=30)
        self.ask, self.is_let_in, self.told, self.is_over = ask, is_let_in, [], threading.Event()

    def run(self):
        method, path, body, headers = self.ask
        while not self.is_over.is_set():
            begun = time.monotonic()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            self.told.append((begun, time.monotonic(), self.is_let_in(answer.status, answer.read())))
        self.connection.close()


def make(stack, session, **settings):
    answer = stack.post(KEYS, {"label": "made", **settings}, headers=session)
    assert answer.status == 201, answer
    return answer.json["api_key"], answer.json["key"]["id"]


def revocation(stack, user, session, clients_of):
    """Revokes a key under the load of eight clients; when it was acknowledged, and what they were told."""
    text, identity = make(stack, session)
    clients = [client for _ in range(4) for client in clients_of(text)]
    assert len(clients) == 8
    for client in clients:
        client.start()
    time.sleep(0.5)
    asked = time.monotonic()
    assert stack.ask("DELETE", f"{KEYS}/{identity}", headers=session).status == 200
    acknowledged = time.monotonic()
    time.sleep(0.5)
    for client in clients:
        client.is_over.set()
    for client in clients:
        client.join(10)
    return asked, acknowledged, [one for client in clients for one in client.told]


def test_no_request_that_begins_after_a_revocation_was_acknowledged_gets_in(stack):
    user = stack.register()
    stack.shell("account", "plan", user["email"], "enterprise")
    session = sign_in(stack, user)
    gateway, _ = make(stack, session, scopes=["keys:verify"])

    def clients_of(text):
        yield Client(stack, ("GET", "/auth/user", None, {"Authorization": f"Bearer {text}"}),
                     lambda status, _: status == 200)
        yield Client(stack, ("POST", "/api/v1/keys/verify", json.dumps({"key": text}),
                             {"Authorization": f"Bearer {gateway}", "Content-Type": "application/json"}),
                     lambda _, body: json.loads(body)["valid"])

    for turn in range(3):
        asked, acknowledged, told = revocation(stack, user, session, clients_of)
        before = [one for one in told if one[1] < asked]
        after = [one for one in told if one[0] >= acknowledged]
        let_in = [one for one in told if one[2]]
        assert len(before) > 100 and all(is_let_in for _, _, is_let_in in before)
        assert len(after) > 100 and not any(is_let_in for _, _, is_let_in in after)
        last = max(begun for begun, _, _ in let_in)
        print(f"turn {turn}: {len(told)} requests; the revocation took {1000 * (acknowledged - asked):.1f} ms; the last "
              f"request that got in began {1000 * (acknowledged - last):.1f} ms before it was acknowledged")


class Rotation(threading.Thread):
    """Keys that take each other's place all the time, now and then revoked and made anew; `current` is the newest."""

    def __init__(self, stack, session):
        super().__init__(daemon=True)
        self.stack, self.session, self.count, self.is_over = stack, session, 0, threading.Event()
        self.current = make(stack, session)

    def run(self):
        while not self.is_over.is_set():
            body = {"grace_seconds": self.count % 2}
            answer = self.stack.post(f"{KEYS}/{self.current[1]}/rotate", body, headers=self.session)
            assert answer.status == 201, answer
            self.current = answer.json["api_key"], answer.json["key"]["id"]
            self.count += 1
            if self.count % 5 == 0:
                revoked = self.stack.ask("DELETE", f"{KEYS}/{self.current[1]}", headers=self.session)
                assert revoked.status == 200, revoked
                self.current = make(self.stack, self.session)

    def race(self, ask, times):
        """Asks `times` times, 64 at once; how many were let pass. `ask` answers None for a key that just ended."""
        refused = []

        def attempt(_):
            while (verdict := ask(self.current[0])) is None:
                refused.append(1)
            return verdict

        self.start()
        try:
            with ThreadPoolExecutor(64) as pool:
                return sum(pool.map(attempt, range(times)))
        finally:
            self.is_over.set()
            self.join(30)
            print(f"{self.count} rotations, {len(refused)} requests with a key that had just ended")
            assert self.count > 5


def test_racing_for_a_quota_with_keys_rotated_and_revoked_exactly_what_is_left_passes(stack):
    user = stack.register(email="race@example.com")

    def authorize(key):
        answer = stack.post("/api/v1/usage/authorize", {"backend": "simulator", "shots": 1}, key=key)
        if answer.status == 200:
            return answer.json["allowed"]
        assert_problem(answer, 401, code="invalid_key")

    assert Rotation(stack, sign_in(stack, user)).race(authorize, 400) == 100
    assert usage(stack, user["api_key"])["total_shots"] == 100


def test_racing_for_a_months_calls_with_keys_rotated_and_revoked_exactly_what_is_left_passes(stack):
    user = stack.register(email="calls@example.com")
    gateway = user["api_key"]
    # The free plan's thousand calls.
    spent = stack.post("/api/v1/keys/verify", {"key": gateway, "cost": 900}, key=gateway)
    assert spent.json["remaining"] == 100

    def verify(key):
        told = stack.post("/api/v1/keys/verify", {"key": key}, key=gateway).json
        if told["code"] not in ("REVOKED", "EXPIRED"):
            assert told["code"] in ("VALID", "USAGE_EXCEEDED")
            return told["valid"]

    session = sign_in(stack, user)
    assert Rotation(stack, session).race(verify, 400) == 100
    assert stack.get("/api-v2/dashboard/stats", headers=session).json["monthlyUsage"] == 1000


def test_the_books_are_sound(stack):
    assert stack.findings() == []
