"""What a gateway is told about the keys that callers bring it."""

import time

import pytest
from answers import assert_problem, sign_in
from stack import wait_until

VERIFY = "/api/v1/keys/verify"
KEYS = "/api/v1/keys"


@pytest.fixture
def session(stack, user):
    stack.shell("account", "plan", user["email"], "pro")
    return sign_in(stack, user)


@pytest.fixture
def gateway(stack, session):
    """A key that may ask about others and nothing else."""
    return make(stack, session, scopes=["keys:verify"])[0]


def make(stack, session, **settings):
    answer = stack.post(KEYS, {"label": "made", **settings}, headers=session)
    assert answer.status == 201, answer
    return answer.json["api_key"], answer.json["key"]


def verify(stack, gateway, key, **more):
    answer = stack.post(VERIFY, {"key": key, **more}, key=gateway)
    assert answer.status == 200, answer
    assert answer.json["valid"] == (answer.json["code"] == "VALID")
    return answer.json


def test_a_good_key_is_told_with_what_it_may(stack, session, gateway):
    text, key = make(stack, session, scopes=["usage:read", "usage:write"])
    told = verify(stack, gateway, text)
    assert (told["code"], told["key_id"], told["plan"]) == ("VALID", key["id"], "pro")
    assert told["scopes"] == ["usage:read", "usage:write"] and isinstance(told["account_id"], int)
    assert told["reset"].endswith("-01T00:00:00Z") and "test" not in told and "rate_limits" not in told
    assert "scopes" not in verify(stack, gateway, make(stack, session)[0])
    assert verify(stack, gateway, make(stack, session, is_test=True)[0])["test"] is True


def test_says_why_a_key_is_not_good(stack, session, gateway):
    text, key = make(stack, session)
    path = f"{KEYS}/{key['id']}"
    stack.ask("PATCH", path, {"enabled": False}, headers=session)
    assert verify(stack, gateway, text)["code"] == "DISABLED"
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    stack.ask("PATCH", path, {"enabled": True, "expires_at": soon}, headers=session)
    wait_until(lambda: verify(stack, gateway, text)["code"] == "EXPIRED", what="the end of the key")
    stack.ask("DELETE", path, headers=session)
    told = verify(stack, gateway, text)
    assert (told["code"], told["key_id"]) == ("REVOKED", key["id"])


@pytest.mark.parametrize("text", ["", "short", "bioql_unknown", "bioql_" + "0" * 38, "é" * 20, "x" * 256, "a b c d e f"])
def test_what_is_no_key_is_not_found(stack, gateway, text):
    assert verify(stack, gateway, text) == {"valid": False, "code": "NOT_FOUND"}


def test_scopes_that_a_call_needs(stack, session, gateway):
    text, _ = make(stack, session, scopes=["usage:read", "billing:read"])
    for needed, code in ((["usage:read"], "VALID"), (["usage:read", "billing:read"], "VALID"), ([], "VALID"),
                         (["usage:read", "usage:write"], "INSUFFICIENT_PERMISSIONS")):
        assert verify(stack, gateway, text, scopes=needed)["code"] == code


def test_the_address_that_a_call_comes_from(stack, session, gateway):
    text, _ = make(stack, session, networks=["192.0.2.0/24", "2001:db8::/32"])
    for address, code in (("192.0.2.77", "VALID"), ("::ffff:192.0.2.77", "VALID"), ("2001:db8:1::9", "VALID"),
                          ("192.0.3.1", "FORBIDDEN"), ("2001:db9::1", "FORBIDDEN"), ("nonsense", "FORBIDDEN")):
        assert verify(stack, gateway, text, address=address)["code"] == code
    # The gateway's own address says nothing about the caller's.
    assert verify(stack, gateway, text)["code"] == "FORBIDDEN"


def test_the_keys_own_windows(stack, session, gateway):
    windows = [{"requests": 2, "seconds": 3600}, {"requests": 3, "seconds": 86400}]
    text, _ = make(stack, session, rate_limits=windows)
    told = [verify(stack, gateway, text) for _ in range(4)]
    assert [one["code"] for one in told] == ["VALID", "VALID", "RATE_LIMITED", "RATE_LIMITED"]
    assert [[window["remaining"] for window in one["rate_limits"]] for one in told] == [[1, 2], [0, 1], [0, 1], [0, 1]]
    assert [window["retry_after"] > 1700 for window in told[2]["rate_limits"]] == [True, False]
    # To ask without a call costs nothing.
    assert verify(stack, gateway, text, cost=0)["code"] == "VALID"


def test_a_call_that_is_refused_elsewhere_uses_up_no_window(stack, session, gateway):
    text, _ = make(stack, session, scopes=["usage:read"], rate_limits=[{"requests": 1, "seconds": 3600}])
    for _ in range(3):
        assert verify(stack, gateway, text, scopes=["usage:write"])["code"] == "INSUFFICIENT_PERMISSIONS"
    assert verify(stack, gateway, text, scopes=["usage:read"])["code"] == "VALID"


def test_only_a_key_with_the_scope_may_ask(stack, session):
    text, _ = make(stack, session)
    narrow, _ = make(stack, session, scopes=["usage:read", "account:read"])
    assert_problem(stack.post(VERIFY, {"key": text}, key=narrow), 403, code="insufficient_scope")
    assert_problem(stack.post(VERIFY, {"key": text}, headers=session), 401)
    assert_problem(stack.post(VERIFY, {"key": text}), 401)


def test_a_gateway_learns_nothing_of_other_accounts_keys(stack, user, gateway):
    other = stack.register(email=f"other-{user['id']}@example.com")
    assert verify(stack, gateway, other["api_key"]) == {"valid": False, "code": "NOT_FOUND"}


def test_an_operators_gateway_asks_about_anybodys(make_stack):
    stack = make_stack()
    people = stack.seed()
    told = verify(stack, people["operator"]["api_key"], people["new account"]["api_key"])
    assert (told["code"], told["plan"]) == ("VALID", "free")
    assert verify(stack, people["new account"]["api_key"], people["operator"]["api_key"])["code"] == "NOT_FOUND"


def test_a_keys_own_quota_ends_its_calls_and_outlives_its_rotation(stack, session, gateway):
    text, key = make(stack, session, monthly_quota=3)
    told = [verify(stack, gateway, text) for _ in range(2)] + [verify(stack, gateway, text, cost=2)]
    assert [(one["code"], one.get("remaining")) for one in told] == [
        ("VALID", 2), ("VALID", 1), ("USAGE_EXCEEDED", None)]
    # What was refused has used up nothing, and a new key in its place begins where it ended.
    successor = stack.post(f"{KEYS}/{key['id']}/rotate", headers=session).json
    assert successor["key"]["monthly_usage"] == 2
    assert verify(stack, gateway, successor["api_key"])["remaining"] == 0
    assert [verify(stack, gateway, one)["code"] for one in (text, successor["api_key"])] == ["USAGE_EXCEEDED"] * 2
    assert stack.get(f"{KEYS}/{key['id']}", headers=session).json["monthly_usage"] == 3


def test_a_test_keys_calls_are_not_the_accounts(stack, user, session, gateway):
    text, _ = make(stack, session, is_test=True, monthly_quota=5)

    def used():
        return stack.get("/api-v2/dashboard/stats", headers=session).json["monthlyUsage"]

    before = used()
    told = [verify(stack, gateway, text)["code"] for _ in range(6)]
    assert told == ["VALID"] * 5 + ["USAGE_EXCEEDED"] and used() == before


def test_the_plan_ends_the_calls_of_all_keys(stack, user):
    session = sign_in(stack, user)
    (one, _), (two, _) = (make(stack, session) for _ in range(2))
    assert verify(stack, one, two, cost=990)["code"] == "VALID"
    left = verify(stack, one, two, cost=0)["remaining"]
    assert left <= 10
    assert verify(stack, one, two, cost=left + 1)["code"] == "USAGE_EXCEEDED"
    assert verify(stack, one, user["api_key"], cost=left)["remaining"] == 0
    assert [verify(stack, one, key)["code"] for key in (one, two)] == ["USAGE_EXCEEDED"] * 2
    # The keys go on working here: whoever must pay or upgrade needs them.
    assert stack.get("/auth/user", key=two).status == 200
    stack.shell("account", "plan", user["email"], "pro")
    assert verify(stack, one, two)["code"] == "VALID"


def test_a_gateways_question_counts_for_the_key_that_it_is_about(stack, user, session, gateway):
    text, key = make(stack, session, scopes=["usage:read"])
    for scopes in ([], [], ["usage:write"]):
        verify(stack, gateway, text, scopes=scopes)
    verify(stack, gateway, text, cost=0)
    account = verify(stack, gateway, text, cost=0)["account_id"]

    def counted():
        return {(row["key_id"], row["status"]): row["n"] for row in stack.sql(
            f"SELECT key_id, status, sum(requests) n FROM request_day WHERE account_id = {account} "
            f"AND endpoint = 'POST {VERIFY}' GROUP BY key_id, status")}

    wait_until(lambda: sum(counted().values()) == 3, what="the count")
    assert counted() == {(int(key["id"]), 200): 2, (int(key["id"]), 403): 1}
    assert stack.get(f"{KEYS}/{key['id']}", headers=session).json["monthly_usage"] == 2


def test_bad_questions_are_refused(stack, gateway, user):
    for body in ({}, {"key": None}, {"key": 7}, {"key": "x" * 257}, {"key": "x", "scopes": ["all"]},
                 {"key": "x", "cost": -1}, {"key": "x", "cost": 1_000_001}):
        assert_problem(stack.post(VERIFY, body, key=gateway), 400)
