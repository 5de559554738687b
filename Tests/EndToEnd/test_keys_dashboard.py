"""The developer dashboard's endpoints, in the words of both generations of its clients."""

import datetime
import re
import time

import pytest
from answers import assert_problem, sign_in
from stack import wait_until

STATS = ("/api-v2/dashboard/stats", "/api/dashboard/stats")
LISTS = ("/api-v2/dashboard/keys", "/api/dashboard/keys")
CREATES = ("/api-v2/dashboard/keys", "/api-v2/dashboard/keys/create", "/api/dashboard/keys-create")
SAFE = "Store this key safely. It will not be shown again."


@pytest.fixture
def session(stack, user):
    """The headers of the user's own browser."""
    return sign_in(stack, user)


def create(stack, session, path=CREATES[0], label="made"):
    answer = stack.post(path, {"label": label}, headers=session)
    assert answer.status == 201, answer
    return answer.json


def works(stack, key):
    return stack.get("/auth/user", key=key).status == 200


@pytest.mark.parametrize("path", CREATES)
def test_a_key_is_made_and_shown_once_under_every_name(stack, user, session, path):
    made = create(stack, session, path, "My app")
    assert re.fullmatch(r"sk_live_[0-9A-Za-z]{38}", made["api_key"]) and made["key"] == made["api_key"]
    assert (made["label"], made["tier"], made["message"]) == ("My app", "free", SAFE)
    assert works(stack, made["api_key"])
    for listing in LISTS:
        shown = stack.get(listing, headers=session)
        assert made["api_key"] not in shown.body.decode()
        key = shown.json["keys"][0]
        assert (key["key_id"], key["id"]) == (made["key_id"], made["key_id"])
        assert key["key_hint"] == "sk_live_..." + made["api_key"][-4:] and key["keyHint"] == made["api_key"][-4:]
        assert (key["label"], key["tier"], key["is_active"]) == ("My app", "free", True)
        assert key["created_at"] == key["createdAt"] and key["last_used_at"] == key["lastUsedAt"]
        assert isinstance(key["usage_count"], int) and "rate_limit" in key


@pytest.mark.parametrize("body", [{}, {"label": ""}, {"label": "   "}])
def test_a_key_without_a_label_gets_one(stack, session, body):
    answer = stack.post(CREATES[0], body, headers=session)
    assert (answer.status, answer.json["label"]) == (201, "API key")


@pytest.mark.parametrize("way", ["path", "body", "number", "query"])
def test_a_key_is_revoked_by_every_name_again_and_again(stack, session, way):
    made = create(stack, session)
    revoke = {
        "path": lambda: stack.post(f"/api-v2/dashboard/keys/{made['key_id']}/revoke", headers=session),
        "body": lambda: stack.post("/api-v2/dashboard/keys/revoke", {"key_id": made["key_id"]}, headers=session),
        "number": lambda: stack.post("/api-v2/dashboard/keys/revoke", {"key_id": int(made["key_id"])}, headers=session),
        "query": lambda: stack.ask("DELETE", f"/api/dashboard/keys-delete?keyId={made['key_id']}", headers=session),
    }[way]
    for _ in range(2):
        answer = revoke()
        assert (answer.status, answer.json) == (200, {"success": True, "message": "Key revoked"})
        assert not works(stack, made["api_key"])
    listed = stack.get(LISTS[0], headers=session).json["keys"]
    assert [key["is_active"] for key in listed] == [False, True]


def test_anothers_key_is_not_found(stack, user, session):
    made = create(stack, session)
    outsider = sign_in(stack, stack.register(email=f"outside-{user['id']}@example.com"))
    for identity in (made["key_id"], "999999999", "no-such-key", "-1", "0", "9" * 40):
        assert_problem(stack.post(f"/api-v2/dashboard/keys/{identity}/revoke", headers=outsider), 404, "Key not found")
        assert_problem(stack.post("/api-v2/dashboard/keys/revoke", {"key_id": identity}, headers=outsider), 404,
                       "Key not found")
        assert_problem(stack.ask("DELETE", f"/api/dashboard/keys-delete?keyId={identity}", headers=outsider), 404,
                       "Key not found")
    assert works(stack, made["api_key"])
    for path in ("/api-v2/dashboard/keys/revoke",):
        assert_problem(stack.post(path, {}, headers=session), 400)


def test_says_unauthorized_and_method_not_allowed_as_its_clients_read_it(stack, session):
    calls = [("GET", path) for path in STATS + LISTS] + [("POST", path) for path in CREATES]
    calls += [("POST", "/api-v2/dashboard/keys/revoke"), ("POST", "/api-v2/dashboard/keys/1/revoke"),
              ("POST", "/api-v2/dashboard/billing/portal"), ("DELETE", "/api/dashboard/keys-delete?keyId=1")]
    for method, path in calls:
        for headers in ({}, {"Cookie": "session_token=nonsense"}, {"Authorization": "Bearer nonsense"}):
            body = {} if method == "POST" else None
            assert_problem(stack.ask(method, path, body, headers=headers), 401, "Unauthorized")
        assert_problem(stack.ask("PUT", path, {}, headers=session), 405, "Method not allowed")


def test_a_key_is_no_person(stack, user):
    for path in STATS + LISTS:
        assert_problem(stack.get(path, key=user["api_key"]), 401, "Unauthorized")


def test_other_sites_cannot_make_keys_with_a_browsers_cookie(stack, session):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert_problem(stack.post(CREATES[0], {"label": "x"}, headers=session | headers), 403, code="cross_origin")


def test_the_figures_are_those_of_the_account(stack, user, session):
    create(stack, session)
    for _ in range(3):
        assert works(stack, user["api_key"])

    def stats():
        return stack.get(STATS[0], headers=session).json

    wait_until(lambda: stats()["usageHistory"][29]["calls"] >= 3, what="the count")
    shown = stats()
    today = datetime.datetime.now(datetime.timezone.utc).date()
    days = [(today - datetime.timedelta(days=back)).isoformat() for back in range(29, -1, -1)]
    assert [day["date"] for day in shown["usageHistory"]] == days
    assert [day["calls"] for day in shown["usageHistory"][:29]] == [0] * 29
    # The history also has what members and their browsers asked; the month has what keys called.
    assert shown["monthlyUsage"] == 3
    assert (shown["activeKeys"], shown["tierName"], shown["plan"]) == (2, "free", "free")
    first = (today.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    assert shown["renewalDate"] == first.isoformat()
    assert shown["currentUsage"] == shown["monthlyUsage"]
    assert set(stack.get(STATS[1], headers=session).json) == set(shown)


def test_a_keys_last_use_is_written_when_the_service_ends(make_stack):
    stack = make_stack()
    user = stack.register()
    session = sign_in(stack, user)
    begun = time.time()
    assert works(stack, user["api_key"])
    assert stack.get(LISTS[0], headers=session).json["keys"][0]["last_used_at"] is None
    stack.stop_purser()
    stack.start_purser()
    used = stack.get(LISTS[0], headers=session).json["keys"][0]["last_used_at"]
    moment = datetime.datetime.fromisoformat(used.replace("Z", "+00:00")).timestamp()
    assert begun - 1 <= moment <= time.time()


# ---- the provider's portal


def portal(stack, session):
    return stack.post("/api-v2/dashboard/billing/portal", headers=session)


def test_the_portal_is_the_customers_own_page_at_the_provider(payments):
    ada = payments.register()
    answer = portal(payments, sign_in(payments, ada))
    assert answer.status == 200 and answer.json["url"].startswith("http"), answer
    (call,) = [one for one in payments.stripe.journal("/v1/billing_portal/sessions") if one["method"] == "POST"]
    assert call["params"] == {"customer": ada["stripe_customer_id"], "return_url": payments.url + "/dashboard.html"}


def test_who_is_no_customer_has_no_portal(payments):
    nobody = payments.register(create_stripe_account=False)
    assert_problem(portal(payments, sign_in(payments, nobody)), 400, "No Stripe customer ID found", code="no_customer")


def test_without_a_provider_there_is_no_portal(stack, session):
    answer = assert_problem(portal(stack, session), 503, code="payments_not_configured")
    assert answer["error"] == "Payments are not configured"


def test_a_provider_that_is_down_is_said_to_be(payments):
    session = sign_in(payments, payments.register())
    payments.stripe.stop()
    assert_problem(portal(payments, session), 503, code="provider_unavailable")
    payments.stripe.start()
