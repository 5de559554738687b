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


def test_racing_for_a_quota_with_keys_rotated_and_revoked_exactly_what_is_left_passes(stack):
    user = stack.register(email="race@example.com")
    session = sign_in(stack, user)
    current = [make(stack, session)]
    is_over = threading.Event()
    figures = {"rotated": 0, "refused keys": 0}

    def rotate():
        while not is_over.is_set():
            grace = figures["rotated"] % 2
            answer = stack.post(f"{KEYS}/{current[0][1]}/rotate", {"grace_seconds": grace}, headers=session)
            assert answer.status == 201, answer
            current[0] = answer.json["api_key"], answer.json["key"]["id"]
            figures["rotated"] += 1
            if figures["rotated"] % 5 == 0:
                assert stack.ask("DELETE", f"{KEYS}/{current[0][1]}", headers=session).status == 200
                current[0] = make(stack, session)

    def authorize(_):
        while True:
            answer = stack.post("/api/v1/usage/authorize", {"backend": "simulator", "shots": 1}, key=current[0][0])
            if answer.status == 200:
                return answer.json["allowed"]
            assert_problem(answer, 401, code="invalid_key")
            figures["refused keys"] += 1

    rotator = threading.Thread(target=rotate)
    rotator.start()
    with ThreadPoolExecutor(64) as pool:
        allowed = sum(pool.map(authorize, range(400)))
    is_over.set()
    rotator.join(10)
    print(f"{figures['rotated']} rotations, {figures['refused keys']} requests with a key that had just ended")
    assert allowed == 100 and figures["rotated"] > 5
    assert usage(stack, user["api_key"])["total_shots"] == 100


def test_the_books_are_sound(stack):
    assert stack.findings() == []
