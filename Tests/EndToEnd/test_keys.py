"""A key's life: made, shown once, changed, limited, rotated, revoked."""

import contextlib
import re
import sqlite3
import time

import pytest
from answers import assert_problem, record, sign_in

KEYS = "/api/v1/keys"


@pytest.fixture
def session(stack, user):
    """The headers of the user's own browser."""
    return sign_in(stack, user)


def make(stack, session, **settings):
    """A new key: its text, and what is known of it."""
    answer = stack.post(KEYS, {"label": "made", **settings}, headers=session)
    assert answer.status == 201, answer
    return answer.json["api_key"], answer.json["key"]


def works(stack, key):
    return stack.get("/auth/user", key=key).status == 200


def listed(stack, session, **query):
    text = "&".join(f"{name}={value}" for name, value in query.items())
    answer = stack.get(f"{KEYS}?{text}", headers=session)
    assert answer.status == 200, answer
    return answer.json


def in_seconds(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


# ---- making


def test_a_key_is_shown_once_and_works(stack, user, session):
    text, key = make(stack, session, label="Production")
    assert re.fullmatch(r"bioql_live_[0-9A-Za-z]{38}", text)
    assert works(stack, text)
    assert key["hint"] == f"bioql_live_...{text[-4:]}"
    assert (key["label"], key["status"], key["is_test"]) == ("Production", "active", False)
    assert (key["scopes"], key["networks"], key["rate_limits"], key["monthly_quota"]) == (None, None, [], None)
    assert (key["created_by"], key["last_used_at"]) == (user["email"], None)
    shown = stack.get(f"{KEYS}/{key['id']}", headers=session)
    assert text not in shown.body.decode() and shown.json == key | {"monthly_usage": 1}
    stored = (stack.store / "purser.db").read_bytes() + (stack.store / "purser.db-wal").read_bytes()
    assert text.encode() not in stored


def test_an_idempotency_key_stores_no_key(stack, session):
    answer = stack.post(KEYS, {"label": "once"}, headers=session | {"Idempotency-Key": "abc"})
    assert answer.status == 201
    stored = (stack.store / "purser.db").read_bytes() + (stack.store / "purser.db-wal").read_bytes()
    assert answer.json["api_key"].encode() not in stored


def test_the_list_is_newest_first_in_pages_with_revoked_ones(stack, user, session):
    stack.shell("account", "plan", user["email"], "pro")
    made = [make(stack, session, label=f"number {number}")[1]["id"] for number in range(5)]
    assert stack.ask("DELETE", f"{KEYS}/{made[2]}", headers=session).status == 200
    first = listed(stack, session, limit=4)
    assert [key["id"] for key in first["keys"]] == made[:0:-1]
    assert [key["status"] for key in first["keys"]] == ["active", "active", "revoked", "active"]
    second = listed(stack, session, limit=4, cursor=first["next_cursor"])
    assert [key["label"] for key in second["keys"]] == ["number 0", "First key"] and second["next_cursor"] is None


def test_the_free_plan_allows_three_keys(stack, user, session):
    make(stack, session)
    _, third = make(stack, session)
    refusal = stack.post(KEYS, {"label": "a fourth"}, headers=session)
    assert_problem(refusal, 403, code="key_limit_reached", members=["upgrade_required"])
    # Rotating is possible at the limit, and a revoked key makes room.
    assert stack.post(f"{KEYS}/{third['id']}/rotate", headers=session).status == 201
    assert stack.post(KEYS, {"label": "a fourth"}, headers=session).status == 403
    newest = listed(stack, session)["keys"][0]["id"]
    assert stack.ask("DELETE", f"{KEYS}/{newest}", headers=session).status == 200
    make(stack, session)
    stack.shell("account", "plan", user["email"], "enterprise")
    make(stack, session)


@pytest.mark.parametrize("body, field", [
    ({}, "label"), ({"label": ""}, "label"), ({"label": "x" * 101}, "label"),
    ({"label": "x", "scopes": ["everything"]}, "scopes[0]"),
    ({"label": "x", "networks": ["10.0.0.1/8"]}, "networks[0]"),
    ({"label": "x", "networks": ["localhost"]}, "networks[0]"),
    ({"label": "x", "networks": [f"10.0.0.{n}" for n in range(33)]}, "networks"),
    ({"label": "x", "rate_limits": [{"requests": 0, "seconds": 60}]}, "rate_limits[0].requests"),
    ({"label": "x", "rate_limits": [{"requests": 5, "seconds": 60}, {"requests": 6, "seconds": 60}]}, "rate_limits"),
    ({"label": "x", "monthly_quota": -1}, "monthly_quota"), ({"label": "x", "app_id": 123456}, "app_id"),
    ({"label": "x", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
])
def test_refuses_settings_that_make_no_sense(stack, session, body, field):
    refusal = assert_problem(stack.post(KEYS, body, headers=session), 400)
    assert [error["field"] for error in refusal["errors"]] == [field]


def test_anothers_key_is_not_found(stack, user, session):
    _, key = make(stack, session)
    outsider = sign_in(stack, stack.register(email=f"outsider-{user['id']}@example.com"))
    before = stack.get(f"{KEYS}/{key['id']}", headers=session).json
    for method, path, body in (("GET", "", None), ("PATCH", "", {"label": "mine"}), ("DELETE", "", None),
                               ("POST", "/rotate", {})):
        answer = stack.ask(method, f"{KEYS}/{key['id']}{path}", body, headers=outsider)
        assert_problem(answer, 404, "Key not found")
    assert stack.get(f"{KEYS}/{key['id']}", headers=session).json == before
    assert_problem(stack.get(f"{KEYS}/no-such-key", headers=session), 404, "Key not found")


# ---- limits of one key


def test_scopes_bound_what_a_key_may_do(stack, session):
    text, key = make(stack, session, scopes=["usage:read"])
    assert key["scopes"] == ["usage:read"]
    assert stack.get("/analytics/usage", key=text).status == 200
    for answer in (stack.get("/auth/user", key=text),
                   stack.post("/billing/record-usage", {"api_key": text, "backend": "simulator", "shots": 1})):
        assert_problem(answer, 403, code="insufficient_scope")


def test_networks_bound_where_a_key_works(stack, session):
    inside, _ = make(stack, session, networks=["127.0.0.0/8", "2001:db8::/32"])
    outside, key = make(stack, session, networks=["192.0.2.0/24"])
    assert works(stack, inside)
    assert_problem(stack.get("/auth/user", key=outside), 403, code="network_not_allowed")
    # What a client says of its own address counts for nothing.
    lie = {"X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1", "Forwarded": "for=192.0.2.1"}
    assert stack.get("/auth/user", key=outside, headers=lie).status == 403
    changed = stack.ask("PATCH", f"{KEYS}/{key['id']}", {"networks": ["127.0.0.1"]}, headers=session)
    assert changed.json["networks"] == ["127.0.0.1"]
    assert works(stack, outside)


def test_a_refusal_by_one_window_counts_in_none(stack, session):
    windows = [{"requests": 2, "seconds": 1}, {"requests": 5, "seconds": 86400}]
    text, _ = make(stack, session, rate_limits=windows)
    begun = time.monotonic()
    told = []
    while told.count(200) < 5:
        answer = stack.get("/auth/user", key=text)
        told.append(answer.status)
        assert time.monotonic() < begun + 20
        if answer.status == 429:
            assert_problem(answer, 429, code="rate_limited")
            assert 'key-1s"' in answer.headers.get_all("RateLimit-Policy")[0]
            time.sleep(0.05)
    # All the refusals of the narrow window have taken nothing of the day's five.
    assert told[:3] == [200, 200, 429] and told.count(429) >= 3
    last = stack.get("/auth/user", key=text)
    assert last.status == 429 and int(last.headers["Retry-After"]) > 60


def test_an_expired_key_is_refused(stack, session):
    text, key = make(stack, session, expires_at=in_seconds(2))
    assert works(stack, text)
    deadline = time.monotonic() + 5
    while works(stack, text):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert_problem(stack.get("/auth/user", key=text), 401, "Invalid API key")
    assert stack.get(f"{KEYS}/{key['id']}", headers=session).json["status"] == "expired"
    # It may be given more time.
    stack.ask("PATCH", f"{KEYS}/{key['id']}", {"expires_at": None}, headers=session)
    assert works(stack, text)


def test_a_key_is_switched_off_and_on(stack, session):
    text, key = make(stack, session)
    for enabled, status in ((False, "disabled"), (True, "active")):
        changed = stack.ask("PATCH", f"{KEYS}/{key['id']}", {"enabled": enabled}, headers=session)
        assert (changed.status, changed.json["status"]) == (200, status)
        assert works(stack, text) == enabled


def test_a_change_leaves_the_rest_alone_and_null_takes_away(stack, session):
    _, key = make(stack, session, scopes=["usage:read"], networks=["10.0.0.0/8"], monthly_quota=7,
                  rate_limits=[{"requests": 1, "seconds": 1}], expires_at=in_seconds(3600))
    path = f"{KEYS}/{key['id']}"
    assert stack.ask("PATCH", path, {"label": "renamed"}, headers=session).json == key | {"label": "renamed"}
    cleared = {"scopes": None, "networks": None, "monthly_quota": None, "expires_at": None, "rate_limits": None}
    bare = stack.ask("PATCH", path, cleared, headers=session).json
    assert bare == key | cleared | {"label": "renamed", "rate_limits": []}
    assert stack.ask("PATCH", path, {}, headers=session).json == bare


# ---- rotating and revoking


def test_rotating_gives_a_new_key_and_grace_to_the_old(stack, session):
    old, key = make(stack, session, scopes=["account:read"], label="rotated", monthly_quota=9)
    answer = stack.post(f"{KEYS}/{key['id']}/rotate", {"grace_seconds": 2}, headers=session)
    new, successor = answer.json["api_key"], answer.json["key"]
    assert works(stack, old) and works(stack, new) and old != new
    assert [successor[name] for name in ("scopes", "label", "monthly_quota")] == [["account:read"], "rotated", 9]
    before = stack.get(f"{KEYS}/{key['id']}", headers=session).json
    assert (before["replaced_by"], before["status"]) == (successor["id"], "active")
    deadline = time.monotonic() + 6
    while works(stack, old):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert works(stack, new)
    again = stack.post(f"{KEYS}/{key['id']}/rotate", headers=session)
    assert_problem(again, 409, code="key_expired")


def test_rotating_without_grace_ends_the_old_at_once(stack, session):
    old, key = make(stack, session)
    answer = stack.post(f"{KEYS}/{key['id']}/rotate", {"grace_seconds": 0}, headers=session)
    assert not works(stack, old) and works(stack, answer.json["api_key"])
    assert stack.get(f"{KEYS}/{key['id']}", headers=session).json["status"] == "revoked"


def test_a_key_is_rotated_once(stack, session):
    _, key = make(stack, session)
    assert stack.post(f"{KEYS}/{key['id']}/rotate", headers=session).status == 201
    assert_problem(stack.post(f"{KEYS}/{key['id']}/rotate", headers=session), 409, code="key_replaced")


def test_the_registrations_key_keeps_its_family(stack, user, session):
    first = listed(stack, session)["keys"][-1]
    text = stack.post(f"{KEYS}/{first['id']}/rotate", headers=session).json["api_key"]
    assert re.fullmatch(r"bioql_[0-9A-Za-z]{38}", text)


def test_a_revoked_key_is_refused_for_good(stack, session):
    text, key = make(stack, session)
    path = f"{KEYS}/{key['id']}"
    revoked = stack.ask("DELETE", path, headers=session)
    assert (revoked.status, revoked.json["status"]) == (200, "revoked")
    assert_problem(stack.get("/auth/user", key=text), 401, "Invalid API key", code="invalid_key")
    assert stack.ask("DELETE", path, headers=session).json == revoked.json
    assert_problem(stack.ask("PATCH", path, {"enabled": True}, headers=session), 409, code="key_revoked")
    assert_problem(stack.post(f"{path}/rotate", headers=session), 409, code="key_revoked")


def test_each_step_stands_in_the_audit_log(stack, user, session):
    _, key = make(stack, session, label="audited")
    stack.ask("PATCH", f"{KEYS}/{key['id']}", {"label": "renamed"}, headers=session)
    stack.post(f"{KEYS}/{key['id']}/rotate", headers=session)
    stack.ask("DELETE", f"{KEYS}/{key['id']}", headers=session)
    stack.ask("DELETE", f"{KEYS}/{key['id']}", headers=session)
    rows = stack.sql(f"SELECT action, actor FROM audit_entry WHERE target = 'key:{key['id']}' ORDER BY id")
    assert [row["action"] for row in rows] == ["key.created", "key.changed", "key.rotated", "key.revoked"]
    assert {row["actor"] for row in rows} == {f"person:{user['id']}"}


# ---- a key that is mistyped


def test_a_mistyped_key_is_refused_without_asking_the_store(make_stack):
    stack = make_stack()
    user = stack.register()
    right = user["api_key"]
    wrong = right[:-1] + ("a" if right[-1] != "a" else "b")
    stack.stop_purser()
    # A table that is not there cannot be asked: whoever tries answers 500.
    with contextlib.closing(sqlite3.connect(stack.store / "purser.db")) as db:
        db.execute("ALTER TABLE api_key RENAME TO hidden")
    stack.start_purser()
    assert stack.get("/auth/user", key=right).status == 500
    for text in (wrong, "sk_live_" + "a" * 38, "bioql_test_" + right[-38:-1] + "_", "rk_" + "0" * 38):
        assert_problem(stack.get("/auth/user", key=text), 401, "Invalid API key")
        assert stack.post("/auth/validate", {"api_key": text}).status == 401
    # A form that is not ours may be a key from elsewhere, so it is looked up.
    assert stack.get("/auth/user", key="bioql_" + "a" * 37).status == 500
    assert stack.get("/auth/user", key="other_" + "a" * 38).status == 500


# ---- test keys


def test_a_test_key_is_priced_and_limited_and_never_billed(stack, user, session):
    text, key = make(stack, session, is_test=True)
    assert text.startswith("bioql_test_") and key["is_test"]
    body = {"backend": "ionq_simulator", "shots": 20}
    bearer = {"key": text}
    for answer, cost in (
        (stack.post("/api/v1/usage/authorize", body, **bearer), 0.2),
        (stack.post("/billing/record-usage", body | {"api_key": text}), 0.2),
        (stack.post("/billing/log-usage", {"api_key": text, "backend": "simulator"}), None),
        (stack.post("/billing/check-limits", {"api_key": text, "requested_shots": 20, "backend": "ionq_simulator"}),
         0.2),
        (stack.post("/api/v1/usage/events", {"events": [{"id": "one", **body}]}, **bearer), None),
    ):
        assert answer.status == 200 and answer.json["test"] is True, answer
        assert answer.json.get("cost") == cost
    refused = stack.post("/api/v1/usage/authorize", body | {"shots": 101}, **bearer).json
    assert (refused["allowed"], refused["code"], refused["test"]) == (False, "quota_exceeded", True)
    account = stack.sql(f"SELECT account_id FROM member WHERE person_id = {user['id']}")[0]["account_id"]
    for table in ("usage_event", "usage_month", "usage_day", "usage_total"):
        assert stack.sql(f"SELECT * FROM {table} WHERE account_id = {account} AND "
                         f"{'key_id = ' + key['id'] if table == 'usage_event' else 'meter <> ' + repr('calls')}") == []
    assert stack.get("/analytics/usage", key=text).json["total_shots"] == 0
    assert "test" not in record(stack, user["api_key"])


def test_the_books_are_sound(stack):
    assert stack.findings() == []
