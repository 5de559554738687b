"""What operators do to one account over HTTP: stop it, steer its subscription, charge its card."""

import itertools

import pytest
from answers import assert_problem
from people import Browser, owner
from stack import Stack

numbers = itertools.count(1)
GROWTH = {"plan": "partner_growth"}


@pytest.fixture(scope="module")
def house():
    with Stack(OPENING_CREDIT="0") as stack:
        person = stack.seed()["operator"]
        stack.operator = Browser(stack).sign_in(person["email"], api_key=person["api_key"])
        yield stack
        assert stack.findings() == []


@pytest.fixture
def olga(house):
    return owner(house, f"olga{next(numbers)}@example.com")


def order(house, browser, what, body=None):
    return house.operator.post(f"/api/v1/admin/accounts/{browser.account}/{what}", body)


def told(house, browser):
    """What the account reads of it in its audit log, newest first, and who did it."""
    entries = browser.get("/api/v1/audit?limit=100").json["entries"]
    return [entry["action"] for entry in entries if entry["actor_name"] == "operator@purser.example"]


def sent(house, browser):
    """The events that went to the account's servers."""
    rows = house.sql(f"SELECT event FROM webhook_message WHERE account_id = {browser.account} ORDER BY id")
    return [row["event"] for row in rows]


def test_a_suspended_account_is_refused_until_it_is_resumed(house, olga):
    key = olga.user["api_key"]
    assert house.get("/auth/user", key=key).status == 200
    assert order(house, olga, "suspend").json["account"]["status"] == "suspended"
    use = {"backend": "simulator", "shots": 1}
    assert_problem(house.ask("POST", "/api/v1/usage/authorize", use, key=key), 401)
    assert olga.get("/api/v1/account").json["status"] == "suspended"
    assert order(house, olga, "resume").json["account"]["status"] == "active"
    assert house.ask("POST", "/api/v1/usage/authorize", use, key=key).status == 200
    assert told(house, olga) == ["account.resumed", "account.suspended"]


def test_a_subscription_is_begun_changed_ended_and_kept_without_asking_for_money_first(house, olga):
    hook = olga.post("/api/v1/webhooks", {"url": "https://example.com/hook"})
    assert hook.status == 201
    begun = order(house, olga, "subscription/start", GROWTH)
    assert (begun.status, begun.json["tier"], begun.json["status"]) == (201, "growth", "active")
    assert_problem(order(house, olga, "subscription/start", GROWTH), 409, code="already_subscribed")
    assert_problem(order(house, olga, "subscription/change", GROWTH), 409, code="already_subscribed")
    up = order(house, olga, "subscription/change", {"plan": "partner_pro"})
    assert (up.status, up.json["subscription"]["tier"]) == (200, "pro")
    down = order(house, olga, "subscription/change", GROWTH).json["subscription"]
    assert (down["tier"], down["next"]["plan"]) == ("pro", "partner_growth")
    at_once = order(house, olga, "subscription/change", {**GROWTH, "when": "now"}).json["subscription"]
    assert (at_once["tier"], at_once["next"]) == ("growth", None)
    assert order(house, olga, "subscription/cancel").json["subscription"]["cancel_at_period_end"] is True
    assert order(house, olga, "subscription/resume").json["subscription"]["cancel_at_period_end"] is False
    assert order(house, olga, "subscription/cancel", {"when": "now"}).json == {"subscription": None}
    assert_problem(order(house, olga, "subscription/resume"), 404, code="no_subscription")
    assert [action for action in told(house, olga) if action.startswith("subscription.")] == [
        "subscription.canceled", "subscription.resumed", "subscription.cancel_asked", "subscription.changed",
        "subscription.change_asked", "subscription.changed", "subscription.started"]
    events = [event for event in sent(house, olga) if event.startswith("subscription.")]
    assert events[0] == "subscription.created" and events[-1] == "subscription.canceled" and len(events) == 6


def test_a_repeat_with_its_key_is_done_once(house, olga):
    path = f"/api/v1/admin/accounts/{olga.account}/subscription/start"
    first, again = (house.operator.ask("POST", path, GROWTH, **{"Idempotency-Key": "begin"}) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json


def test_nobody_is_told_of_accounts_that_there_are_not(house):
    for what, body in (("suspend", None), ("resume", None), ("subscription/start", GROWTH),
                       ("subscription/change", GROWTH), ("subscription/cancel", None), ("subscription/resume", None)):
        answer = house.operator.post(f"/api/v1/admin/accounts/999999/{what}", body)
        assert_problem(answer, 404, "There is no account 999999")


def test_a_preview_is_what_the_start_and_the_change_then_ask_for(house, olga):
    ask = "/api/v1/subscription/preview"
    assert_problem(olga.post(ask), 400, "plan is required to begin a subscription")
    before = olga.post(ask, GROWTH).json
    assert (before["amount"], before["fees"], before["unused"], before["when"]) == (49, 49, 0, "now")
    assert (before["payment"], before["invoice"]["amount_due"]) == ("page", 49)
    assert olga.get("/api/v1/subscription").json == {"subscription": None}
    house.shell("account", "credit", str(olga.account), "49.00")
    assert olga.post(ask, GROWTH).json["payment"] == "nothing"
    assert olga.post("/api/v1/subscriptions", GROWTH).status == 201
    yearly = olga.post(ask, {**GROWTH, "interval": "year"}).json
    assert yearly["fees"] == 470 and 48.9 <= yearly["unused"] <= 49
    house.shell("account", "credit", str(olga.account), "500.00")
    assert olga.post("/api/v1/subscription/change", {**GROWTH, "interval": "year"}).status == 200
    invoice = olga.get("/api/v1/invoices").json["data"][0]
    # Seconds lie between the two, and cents at most.
    assert abs(invoice["total"] - yearly["invoice"]["total"]) <= 0.01
    down = olga.post(ask, {"plan": "partner_free"}).json
    assert (down["when"], down["invoice"], down["payment"]) == ("period_end", None, "nothing")


def test_an_account_is_told_whether_the_caller_operates_the_site(house, olga):
    assert olga.get("/api/v1/account").json["is_operator"] is False
    assert house.operator.get("/api/v1/account").json["is_operator"] is True


def test_without_a_provider_no_card_is_charged(house, olga):
    assert order(house, olga, "subscription/start", GROWTH).status == 201
    number = olga.get("/api/v1/invoices").json["data"][0]["number"]
    answer = house.operator.post(f"/api/v1/admin/invoices/{number}/pay")
    assert_problem(answer, 503, code="payments_not_configured")
    assert_problem(house.operator.post("/api/v1/admin/invoices/INV-999999/pay"), 404, "Invoice not found")


def test_a_card_is_charged_by_an_operator_once(payments):
    olga = owner(payments, "olga@example.com")
    key = payments.register("clerk@example.com")["api_key"]
    payments.shell("user", "promote", "clerk@example.com")
    operator = Browser(payments).sign_in("clerk@example.com", api_key=key)
    payments.shell("account", "subscribe", str(olga.account), "partner_growth")
    number = olga.get("/api/v1/invoices").json["data"][0]["number"]
    path = f"/api/v1/admin/invoices/{number}/pay"
    assert_problem(operator.post(path), 402, code="no_payment_method")
    card = {"payment_method_id": "pm_card_visa"}
    assert olga.post("/api/v1/billing/payment-methods", card).status == 200
    paid = operator.post(path).json
    assert (paid["number"], paid["status"], paid["amount"]) == (number, "paid", 49 - 10)
    assert operator.post(path).json["amount"] == 0
    assert olga.get(f"/api/v1/invoices/{number}").json["invoice"]["status"] == "paid"
    assert "invoice.charged" in [entry["action"] for entry in olga.get("/api/v1/audit").json["entries"]]
    assert payments.findings() == []
