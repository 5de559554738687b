"""How often one caller may come."""

import re

import pytest
from answers import assert_problem, sign_in
from stack import wait_until


def limit(answer):
    policy = re.fullmatch(r'"(\w+)";q=(\d+);w=(\d+)', answer.headers["RateLimit-Policy"])
    state = re.fullmatch(r'"(\w+)";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    assert policy[1] == state[1]
    return int(policy[2]), int(policy[3]), int(state[2]), int(state[3])


@pytest.fixture(scope="module")
def narrow():
    from stack import Stack
    with Stack(LIMIT_READ="3", LIMIT_INGEST="3", LIMIT_CREDENTIAL="40", LIMIT_UNKNOWN_KEYS="5") as made:
        yield made


def assert_refused(answer):
    assert_problem(answer, 429, code="rate_limited")
    quota, window, remaining, reset = limit(answer)
    assert (quota, window, remaining) == (3, 60, 0)
    assert 1 <= reset <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_each_answer_tells_what_is_left_and_the_fourth_is_429(narrow):
    key = narrow.register(email="reads@example.com")["api_key"]
    answers = [narrow.get("/auth/user", key=key) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [limit(answer)[:3] for answer in answers] == [(3, 60, 2), (3, 60, 1), (3, 60, 0)]
    for path in ("/auth/user", "/analytics/usage", "/dashboard/invoices"):
        assert_refused(narrow.get(path, key=key))
    ticket = narrow.post("/support/ticket", {"priority": "low", "subject": "s", "message": "m"}, key=key)
    assert ticket.status == 200


def test_another_caller_is_not_held_up(narrow):
    keys = [narrow.register(email=f"{name}@example.com")["api_key"] for name in ("one", "two")]
    for _ in range(4):
        last = narrow.get("/auth/user", key=keys[0])
    assert last.status == 429
    assert narrow.get("/auth/user", key=keys[1]).status == 200


def test_a_key_in_the_body_is_a_caller_of_its_own(narrow):
    keys = [narrow.register(email=f"body-{name}@example.com")["api_key"] for name in ("one", "two")]
    for _ in range(3):
        assert narrow.post("/auth/validate", {"api_key": keys[0]}).status == 200
    assert_refused(narrow.post("/auth/validate", {"api_key": keys[0]}))
    body = {"api_key": keys[0], "requested_shots": 1, "backend": "simulator"}
    assert_refused(narrow.post("/billing/check-limits", body))
    assert narrow.post("/billing/check-limits", body | {"api_key": keys[1]}).status == 200


def test_what_is_refused_is_counted_for_the_account(narrow):
    user = narrow.register(email="counted@example.com")
    session = sign_in(narrow, user)
    for _ in range(5):
        narrow.get("/auth/user", key=user["api_key"])
        narrow.get("/api/v1/me", headers=session)
    account = narrow.sql(f"SELECT account_id FROM member WHERE person_id = {user['id']}")[0]["account_id"]

    def counted():
        return {(row["endpoint"], row["status"]): row["n"] for row in narrow.sql(
            f"SELECT endpoint, status, sum(requests) n FROM request_day WHERE account_id = {account} "
            "GROUP BY endpoint, status")}

    wait_until(lambda: sum(counted().values()) == 10, what="the count")
    assert counted() == {("GET /auth/user", 200): 3, ("GET /auth/user", 429): 2,
                         ("GET /api/v1/me", 200): 3, ("GET /api/v1/me", 429): 2}


def test_guessing_keys_is_limited_by_address(narrow):
    told = [narrow.get("/auth/user", key=f"bioql_guess{number:030d}").status for number in range(12)]
    assert told[:3] == [401, 401, 401] and told[-1] == 429
    user = narrow.register(email="not-a-guess@example.com")
    assert narrow.get("/auth/user", key=user["api_key"]).status == 200


def test_signing_in_is_limited_by_address(make_stack):
    stack = make_stack(LIMIT_CREDENTIAL="3")
    told = [stack.post("/auth/login", {"email": f"{number}@example.com", "api_key": "bioql_wrong"}).status
            for number in range(5)]
    assert told == [401, 401, 401, 429, 429]


def test_the_limits_are_on_unless_told_otherwise(make_stack):
    names = ("READ", "WRITE", "INGEST", "CREDENTIAL", "PAYMENT", "WEBHOOK")
    stack = make_stack(**{f"LIMIT_{name}": "" for name in names})
    quota, window, remaining, _ = limit(stack.get("/auth/user", key=stack.register()["api_key"]))
    assert quota > 1000 and window == 60 and remaining == quota - 1


def test_the_books_are_sound(narrow):
    assert narrow.findings() == []
