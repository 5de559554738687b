"""Dev keys: fixed figures for whoever builds a page, and nothing behind them."""

import re
from datetime import datetime

import pytest
from answers import assert_problem

KEY = "bioql_dev_test123"
TICKET = {"priority": "high", "subject": "s", "message": "m"}
FIVE = [("GET", "/auth/user", None), ("GET", "/analytics/usage", None), ("GET", "/dashboard/invoices", None),
        ("POST", "/billing/create-payment", {"amount": 25}), ("POST", "/support/ticket", TICKET)]


@pytest.mark.parametrize("key", [KEY, "bioql_dev_", "bioql_dev_someone-else"])
def test_the_user_is_the_developer(stack, key):
    answer = stack.get("/auth/user", key=key)
    assert (answer.status, answer.json) == (200, {
        "id": 999, "name": "BioQL Developer", "email": "dev@bioql.local", "api_key": key,
        "stripe_customer_id": "cus_dev_test", "created_at": "2025-01-01T00:00:00Z",
        "email_verified": True})


def test_the_usage_is_made_up(stack):
    body = stack.get("/analytics/usage", headers={"X-API-Key": KEY}).json
    dates, shots = body["daily_usage"].pop("dates"), body["daily_usage"].pop("shots")
    assert body == {
        "total_shots": 15000, "total_spent": 2500.50, "molecules_designed": 45, "backends_used": 4, "daily_usage": {},
        "backends": {"ibm_quantum": 8000, "ionq": 4000, "simulator": 2500, "aws_braket": 500}}
    days = [datetime.fromisoformat(date).toordinal() for date in dates]
    assert days == list(range(days[0], days[0] + 30))
    assert len(shots) == 30 and all(isinstance(number, int) and number >= 0 for number in shots)


def test_one_invoice_is_pending(stack):
    body = stack.get("/dashboard/invoices", key=KEY).json
    assert body["current_balance"] == 350
    [invoice] = body["invoices"]
    assert {"id": "inv_001", "status": "pending", "amount": 350}.items() <= invoice.items()
    assert set(invoice) == {"id", "date", "description", "amount", "status"}


@pytest.mark.parametrize("amount", [1, 350.0, 99.99])
def test_a_payment_leads_to_the_test_page(stack, amount):
    answer = stack.post("/billing/create-payment", {"amount": amount}, key=KEY)
    assert (answer.status, answer.json) == (
        200, {"session_id": "cs_test_dev_mock_session", "url": "https://checkout.stripe.com/test"})


def test_a_ticket_gets_an_id(stack):
    body = stack.post("/support/ticket", TICKET, key=KEY).json
    assert re.fullmatch(r"TKT-999-\d{10}\S*", body["ticket_id"])
    assert body["status"] == "created"
    assert body["message"] == "Support ticket created successfully. We'll get back to you within 12 hours."


def test_the_same_mistakes_are_mistakes(stack):
    assert_problem(stack.post("/billing/create-payment", {"amount": 0}, key=KEY), 400)
    assert_problem(stack.post("/support/ticket", {}, key=KEY), 400)


def test_nothing_is_stored_or_counted(make_stack):
    stack = make_stack(DEV_MODE="on", STRIPE_API_BASE="http://127.0.0.1:1", PAYMENTS="auto",
                       STRIPE_SECRET_KEY="sk_test_x")
    user = stack.register()
    # What is sent in its own time, and what is counted of the true key's call.
    late = {"outbox", "request_day", "latency_day", "call_month", "call_day", "key_month"}
    tables = [row["name"] for row in stack.sql("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def content():
        return {name: stack.sql(f"SELECT count(*) n FROM {name}") for name in tables if name not in late}

    before = content()
    for method, path, body in FIVE:
        for headers in ({}, {"Idempotency-Key": "k"}):
            answer = stack.ask(method, path, body, key=KEY, headers=headers)
            assert answer.status == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
    # What a true key does is counted within about a second, so by then theirs would have been.
    stack.get("/auth/user", key=user["api_key"])
    from stack import wait_until
    wait_until(lambda: stack.sql("SELECT sum(requests) n FROM request_day") == [{"n": 1}], what="the count")
    assert content() == before
    assert stack.sql("SELECT DISTINCT key_id FROM request_day") == [{"key_id": 1}]


@pytest.mark.parametrize("method, path, body", [
    ("GET", "/billing/usage/999", None), ("GET", "/stats", None), ("POST", "/auth/validate", {"api_key": KEY}),
    ("POST", "/api/v1/usage/authorize", {"backend": "simulator", "shots": 1}),
    ("POST", "/billing/record-usage", {"api_key": KEY, "backend": "simulator", "shots": 1}),
])
def test_other_endpoints_do_not_know_dev_keys(stack, method, path, body):
    assert_problem(stack.ask(method, path, body, key=KEY), 401, "Invalid API key")


def test_a_key_that_only_resembles_one_is_invalid(stack):
    for key in ("bioql_devious", "bioql_dev", "BIOQL_dev_x", "xbioql_dev_x", "rk_dev_x"):
        assert_problem(stack.get("/auth/user", key=key), 401, "Invalid API key")


def test_off_a_dev_key_is_just_invalid(make_stack):
    stack = make_stack()
    for method, path, body in FIVE:
        assert_problem(stack.ask(method, path, body, key=KEY), 401, "Invalid API key", "invalid_key")


def test_an_operators_own_prefix_has_dev_keys_too(make_stack):
    stack = make_stack(DEV_MODE="on", KEY_PREFIX="acme")
    assert stack.get("/auth/user", key="acme_dev_1").json["id"] == 999
    assert_problem(stack.get("/auth/user", key=KEY), 401)
    assert stack.register()["api_key"].startswith("acme_")


def test_the_books_are_sound(stack):
    assert stack.findings() == []
