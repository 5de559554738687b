"""How often an app may call: the plan, what a plan bills beyond, 120 % of it, and the app's own limit."""

import itertools
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from answers import assert_problem
from people import owner
from stack import Stack, wait_until

APPS = "/api/partner/apps"
# Of a code that there is not: a call that was let in is 404.
CALL = {"referralCode": "nobodys"}
names = itertools.count(1)


@pytest.fixture(scope="module")
def house():
    with Stack() as stack:
        yield stack
        assert stack.findings() == []
        assert "a request failed" not in stack.log


class Partner:
    """An account on a plan, with an app whose key has made so many calls this month."""

    def __init__(self, stack, plan, calls=0, **app):
        self.stack = stack
        self.browser = owner(stack, f"caller{next(names)}@example.com")
        stack.shell("account", "plan", str(self.browser.account), plan)
        made = self.browser.post(APPS, {"name": "Shop", **app})
        assert made.status == 201, made
        self.app, self.key = made.json["id"], made.json["apiKey"]
        if calls:
            self.have_called(calls)

    def have_called(self, calls):
        self.stack.stop_purser()
        now = time.gmtime()
        month, day = now.tm_year * 100 + now.tm_mon, int(time.time()) // 86_400
        with sqlite3.connect(self.stack.store / "purser.db") as db:
            account = self.browser.account
            key, = db.execute("SELECT max(id) FROM api_key WHERE account_id = ?", (account,)).fetchone()
            db.execute("INSERT INTO key_month (key_id, month, calls) VALUES (?, ?, ?)", (key, month, calls))
            db.execute("INSERT INTO call_month (account_id, month, calls) VALUES (?, ?, ?)", (account, month, calls))
            db.execute("INSERT INTO call_day (account_id, day, calls) VALUES (?, ?, ?)", (account, day, calls))
        db.close()
        self.stack.start_purser()

    def call(self, path="/api/v1/clicks", key=None):
        return self.stack.post(path, CALL, key=key or self.key)

    def statuses(self, number, workers=1):
        with ThreadPoolExecutor(workers) as pool:
            return sorted(pool.map(lambda _: self.call().status, range(number)))

    @property
    def usage(self):
        """What the pages show: the app's calls, and the plan's."""
        limits = {limit["subject"]: limit for limit in self.browser.get("/api/v1/limits").json["limits"]
                  if limit["kind"] == "plan"}
        return self.browser.get(f"{APPS}/{self.app}").json["currentUsage"], limits["calls"]["used"]


def assert_wait(answer):
    """429 until the month's end."""
    assert_problem(answer, 429, "Monthly API limit exceeded", "quota_exceeded")
    now = time.gmtime()
    days = 31 if now.tm_mon == 12 else time.gmtime(
        time.mktime((now.tm_year, now.tm_mon + 1, 1, 0, 0, 0, 0, 0, 0)) - 86_400).tm_mday
    left = (days - now.tm_mday + 1) * 86_400 - now.tm_hour * 3600 - now.tm_min * 60 - now.tm_sec
    assert abs(int(answer.headers["Retry-After"]) - left) < 10


def test_within_the_plan_every_call_passes_by_either_dialect(house):
    partner = Partner(house, "partner_free")
    assert [partner.call(path).status for path in ("/api/v1/clicks", "/v1/clicks")] == [404, 404]
    assert partner.usage == (2, 2)
    answer = partner.stack.post("/v1/clicks", CALL, headers={"X-API-Key": partner.key})
    assert answer.status == 404 and answer.headers["Access-Control-Allow-Origin"] == "*"


def test_of_64_clients_at_once_exactly_what_is_left_of_the_free_plan_passes(house):
    partner = Partner(house, "partner_free", calls=9_960)
    assert partner.statuses(64, workers=64) == [404] * 40 + [429] * 24
    assert partner.usage == (10_000, 10_000)
    assert_wait(partner.call())


def test_beyond_the_plan_calls_are_billed_up_to_120_percent(house):
    partner = Partner(house, "partner_growth", calls=119_980)
    assert partner.statuses(64, workers=64) == [403] * 44 + [404] * 20
    assert partner.usage == (120_000, 120_000)
    assert_problem(partner.call(), 403, "App or partner is suspended", "suspended")
    billed = f"SELECT sum(quantity) AS calls FROM usage_event WHERE account_id = {partner.browser.account}"
    wait_until(lambda: house.sql(billed)[0]["calls"] == 20, what="the calls beyond on the bill")


def test_the_plans_limit_itself_is_passed_without_a_gap(house):
    partner = Partner(house, "partner_growth", calls=99_995)
    assert partner.statuses(10) == [404] * 10
    billed = f"SELECT sum(quantity) AS calls FROM usage_event WHERE account_id = {partner.browser.account}"
    wait_until(lambda: house.sql(billed)[0]["calls"] == 5, what="the calls beyond on the bill")


def test_an_apps_own_limit_holds_beside_the_plans(house):
    partner = Partner(house, "partner_growth", monthlyLimit=10)
    other = partner.browser.post(APPS, {"name": "Other"}).json["apiKey"]
    assert partner.statuses(64, workers=64) == [404] * 10 + [429] * 54
    assert_wait(partner.call())
    assert partner.call(key=other).status == 404
    assert partner.usage == (10, 11)
    assert partner.browser.patch(f"{APPS}/{partner.app}", {"monthlyLimit": 11}).status == 200
    assert partner.statuses(2) == [404, 429]
    assert partner.browser.patch(f"{APPS}/{partner.app}", {"monthlyLimit": None}).status == 200
    assert partner.call().status == 404


def test_what_is_refused_is_in_the_log_and_not_in_the_usage(house):
    partner = Partner(house, "partner_free", monthlyLimit=1)
    assert [partner.call().status, partner.call().status] == [404, 429]
    rows = (f"SELECT r.status FROM app_request r JOIN app a ON a.id = r.app_id WHERE a.public_id = '{partner.app}' "
            "ORDER BY r.id")
    wait_until(lambda: [row["status"] for row in house.sql(rows)] == [404, 429], what="both calls in the log")
    assert partner.usage == (1, 1)
