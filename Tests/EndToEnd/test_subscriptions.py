"""Subscriptions as accounts see them, and the clocks by which a year of them runs in seconds."""

import itertools
import json
import tempfile
from pathlib import Path

import pytest
from answers import assert_problem
from people import Browser, owner, teammate
from stack import Stack

numbers = itertools.count(1)
BILLING = {"id", "tier", "status", "current_period_start", "current_period_end", "cancel_at_period_end", "amount",
           "interval", "currency", "price", "billing_cycle", "next_billing_date"}


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


def credit(house, browser, amount):
    house.shell("account", "credit", str(browser.account), amount)


def invoices(house, browser):
    return house.sql(f"SELECT total, status FROM invoice WHERE account_id = {browser.account} ORDER BY id")


def test_without_one_the_account_pays_as_it_goes(house, olga):
    assert olga.get("/api/v1/subscription").json == {"subscription": None}
    assert olga.get("/api/v1/subscriptions").json == {"data": [], "next_cursor": None}
    told = olga.get("/api/v1/billing/subscription").json
    assert set(told) == BILLING
    assert told.pop("tier") == "free" and set(told.values()) == {None}
    assert_problem(olga.post("/api/v1/subscription/cancel"), 404, code="no_subscription")


def test_a_free_plan_begins_at_once(house, olga):
    made = olga.post("/api/v1/subscriptions", {"plan": "partner_free"})
    assert (made.status, made.json["status"], made.json["amount"]) == (201, "active", 0)
    assert olga.get("/api/v1/account").json["plan"] == "partner_free"
    assert_problem(olga.post("/api/v1/subscriptions", {"plan": "partner_free"}), 409, code="already_subscribed")


def test_a_paid_plan_begins_at_once_where_credit_covers_it(house, olga):
    assert olga.post("/api/v1/subscriptions", {"plan": "partner_growth"}).status in (402, 503)
    assert olga.get("/api/v1/subscription").json["subscription"] is None
    credit(house, olga, "60.00")
    made = olga.post("/api/v1/subscriptions", {"plan": "partner_growth"})
    assert (made.status, made.json["tier"], made.json["interval"]) == (201, "growth", "month")
    assert invoices(house, olga) == [{"total": 4900, "status": "paid"}]
    told = olga.get("/api/v1/billing/subscription").json
    assert (told["tier"], told["amount"], told["currency"]) == ("growth", 49, "usd")
    assert told["next_billing_date"] == told["current_period_end"]
    upcoming = olga.get("/api/v1/invoices/upcoming").json
    assert (upcoming["total"], upcoming["period_end"]) == (49, told["current_period_end"])
    assert olga.post("/api/v1/subscription/cancel").status == 200
    assert olga.get("/api/v1/invoices/upcoming").json["total"] == 0


def test_a_plan_that_is_not_offered_cannot_be_had(house, olga):
    assert_problem(olga.post("/api/v1/subscriptions", {"plan": "nothing"}), 404, "Plan not found")
    assert_problem(olga.post("/api/v1/subscriptions", {"plan": "pro"}), 409, code="no_such_price")
    body = {"plan": "billing_trial", "interval": "year"}
    assert_problem(olga.post("/api/v1/subscriptions", body), 409, code="no_such_price")


def test_upgrades_are_at_once_downgrades_at_the_periods_end(house, olga):
    credit(house, olga, "500.00")
    assert olga.post("/api/v1/billing/subscription/upgrade", {"tier": "starter"}).json["tier"] == "starter"
    assert olga.post("/api/v1/billing/subscription/upgrade", {"tier": "enterprise"}).json["tier"] == "enterprise"
    totals = [invoice["total"] for invoice in invoices(house, olga)]
    assert totals[0] == 1900 and 7990 <= totals[1] <= 8000
    down = olga.post("/api/v1/subscription/change", {"plan": "billing_starter"}).json["subscription"]
    assert (down["tier"], down["next"]["plan"]) == ("enterprise", "billing_starter")
    kept = olga.post("/api/v1/subscription/resume").json["subscription"]
    assert (kept["tier"], kept["next"]) == ("enterprise", None)


def test_cancelled_it_goes_on_to_the_periods_end_unless_told_otherwise(house, olga):
    credit(house, olga, "19.00")
    olga.post("/api/v1/subscriptions", {"plan": "billing_starter"})
    told = olga.post("/api/v1/billing/subscription/cancel").json
    assert (told["cancel_at_period_end"], told["next_billing_date"]) == (True, None)
    assert olga.post("/api/v1/subscription/resume").json["subscription"]["cancel_at_period_end"] is False
    ended = olga.post("/api/v1/subscription/cancel", {"when": "now", "prorate": True})
    assert ended.json == {"subscription": None}
    assert olga.get("/api/v1/account").json["plan"] == "free"
    (old,) = olga.get("/api/v1/subscriptions").json["data"]
    assert old["status"] == "canceled" and old["ended_at"]


def test_a_repeat_with_its_key_begins_one(house, olga):
    body = {"plan": "partner_free"}
    first, again = (olga.ask("POST", "/api/v1/subscriptions", body, **{"Idempotency-Key": "begin"}) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json


def test_those_who_do_not_pay_only_look(house, olga):
    viewer = teammate(house, olga, f"viewer{next(numbers)}@example.com", "viewer")
    assert viewer.get("/api/v1/subscription").status == 200
    assert_problem(viewer.post("/api/v1/subscriptions", {"plan": "partner_free"}), 403)


def test_a_test_account_lives_by_its_own_clock(house, olga):
    made = json.loads(house.shell("account", "create", "Tested", "--owner", olga.email, "--test-clock",
                                  "2026-01-31T10:00:00Z", "--json").stdout)["account"]
    # What is not paid ends in dunning.
    house.shell("account", "credit", str(made), "1000.00")
    house.shell("account", "subscribe", str(made), "partner_growth")
    answer = house.operator.post(f"/api/v1/admin/test-clocks/{made}", {"now": "2026-12-31T09:59:59Z"})
    assert answer.json == {"account_id": made, "now": "2026-12-31T09:59:59Z", "steps": 10}
    issued = [row["issued_at"] // 1000 for row in
              house.sql(f"SELECT issued_at FROM invoice WHERE account_id = {made} ORDER BY id")]
    assert len(issued) == 11 and issued[1] == 1772272800  # 28 February 2026, 10:00
    path = f"/api/v1/admin/test-clocks/{made}"
    assert house.operator.post(path, {"advance_seconds": 1}).json["steps"] == 1
    assert_problem(house.operator.post(path, {"now": "2026-06-01T00:00:00Z"}), 400)
    real = f"/api/v1/admin/test-clocks/{olga.account}"
    assert_problem(house.operator.post(real, {"advance_seconds": 1}), 409, code="no_test_clock")


def test_a_copy_lives_a_year_in_seconds_and_tells_nobody(house, olga, make_stack):
    credit(house, olga, "1000.00")
    assert olga.post("/api/v1/subscriptions", {"plan": "partner_growth"}).status == 201
    before = house.sql("SELECT count(*) AS n FROM invoice")
    # Where nginx may go too.
    folder = Path(tempfile.mkdtemp(prefix="copy-", dir="/tmp"))
    assert "purser clock advance" in house.shell("clone", "--test-clock", str(folder)).stdout
    assert house.shell("clone", "--test-clock", str(folder), check=False).returncode == 1
    copy = make_stack(state=folder, STRIPE_SECRET_KEY="sk_test_x", PAYMENTS="auto", MAIL_FOLDER=str(folder / "mail"))
    assert "A COPY ON A TEST CLOCK" in copy.log
    assert copy.get("/health").json["stripe_enabled"] is False
    done = copy.shell("clock", "advance", "365d")
    assert "periods closed" in done.stdout
    assert "standing still" in copy.shell("clock", "show").stdout
    mine = copy.sql(f"SELECT count(*) AS n FROM invoice WHERE account_id = {olga.account}")
    assert mine == [{"n": 13}]
    assert copy.findings() == []
    assert not (folder / "mail").exists()
    assert house.sql("SELECT count(*) AS n FROM invoice") == before
    assert house.shell("clock", "advance", "1d", check=False).returncode == 1


def test_the_shell_runs_the_billing_that_is_due(house):
    assert "periods closed" in house.shell("billing", "run").stdout
    assert json.loads(house.shell("billing", "run", "--json").stdout)["failed"] == []
