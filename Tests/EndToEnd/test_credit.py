"""Prepaid credit: given, shown, spent in order, expired, taken back; the rule for when it runs low; the books."""

import csv
import io
import itertools
from datetime import datetime, timedelta, timezone

import pytest
from answers import assert_problem, record, sign_in
from mail_double import MailDouble
from stack import Stack, wait_until

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def house():
    with MailDouble() as mail, Stack(**mail.settings) as stack:
        stack.mail = mail
        operator = stack.seed()["operator"]
        stack.operator = sign_in(stack, operator)
        yield stack
        assert stack.findings() == []
        assert "a request failed" not in stack.log


@pytest.fixture
def owner(house):
    user = house.register(email=f"saver{next(numbers)}@example.com")
    house.shell("account", "plan", user["email"], "enterprise")
    user["session"] = sign_in(house, user)
    account = house.get("/api/v1/account", headers=user["session"]).json
    return user | {"account": account["id"]}


def ask(house, method, path, owner, body=None, status=200):
    answer = house.ask(method, path, body, headers=owner["session"])
    assert answer.status == status, answer
    return answer.json


def credit(house, owner):
    return ask(house, "GET", "/api/v1/credit", owner)


def give(house, owner, amount, **more):
    path = f"/api/v1/admin/accounts/{owner['account']}/credit"
    answer = house.post(path, {"amount": amount, **more}, headers=house.operator)
    assert answer.status == 201, answer
    return answer.json


def test_an_account_begins_with_its_opening_credit(house, owner):
    shown = credit(house, owner)
    (grant,) = shown["grants"]
    assert (shown["balance"], shown["currency"], shown["next_cursor"]) == (10, "usd", None)
    assert (grant["name"], grant["kind"], grant["amount"], grant["remaining"]) == ("Opening credit", "promotion", 10, 10)
    assert shown["rule"]["alert_below"] is None and shown["rule"]["top_up_below"] is None


def test_what_an_operator_gives_is_spent_by_priority_then_expiry(house, owner):
    later = (datetime.now(timezone.utc) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    give(house, owner, 5, name="A gift", expires_at=later)
    give(house, owner, 2.50, name="First of all", priority=1)
    record(house, owner["api_key"], "ionq_simulator", 400)
    left = {grant["name"]: grant["remaining"] for grant in credit(house, owner)["grants"]}
    assert left == {"First of all": 0, "A gift": 3.5, "Opening credit": 10}
    entry = house.sql(f"SELECT action FROM audit_entry WHERE account_id = {owner['account']} "
                      "AND action LIKE 'account.credit%'")
    assert [row["action"] for row in entry] == ["account.credit_granted"] * 2


@pytest.mark.parametrize("body", [{"amount": 0}, {"amount": -1}, {"amount": 0.001}, {"amount": 10 ** 13},
                                  {"amount": 1, "expires_at": "2020-01-01T00:00:00Z"}, {"amount": 1, "priority": 101},
                                  {"amount": 1, "name": ""}, {}])
def test_a_gift_is_an_amount_that_can_be_charged(house, owner, body):
    path = f"/api/v1/admin/accounts/{owner['account']}/credit"
    assert_problem(house.post(path, body, headers=house.operator), 400)
    assert credit(house, owner)["balance"] == 10


def test_a_gift_with_a_key_is_given_once(house, owner):
    path = f"/api/v1/admin/accounts/{owner['account']}/credit"
    headers = house.operator | {"Idempotency-Key": f"gift {owner['account']}"}
    first, second = (house.post(path, {"amount": 3}, headers=headers) for _ in range(2))
    assert first.json == second.json and credit(house, owner)["balance"] == 13
    assert_problem(house.post("/api/v1/admin/accounts/999999/credit", {"amount": 1}, headers=house.operator), 404)


def test_credit_expires_by_itself(house, owner):
    soon = (datetime.now(timezone.utc) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    grant = give(house, owner, 4, name="For a moment", expires_at=soon)
    record(house, owner["api_key"], "ionq_simulator", 100)

    def expired():
        return next(one for one in credit(house, owner)["grants"] if one["id"] == grant["id"])["expired_at"]

    wait_until(expired, what="the expiry")
    shown = credit(house, owner)
    assert shown["balance"] == 10
    assert {one["name"]: one["remaining"] for one in shown["grants"]} == {"For a moment": 0, "Opening credit": 10}


def test_an_operator_takes_back_what_is_left_of_a_gift(house, owner):
    grant = give(house, owner, 4, priority=1)
    record(house, owner["api_key"], "ionq_simulator", 100)
    path = f"/api/v1/admin/grants/{grant['id']}/void"
    answer = house.post(path, headers=house.operator)
    assert (answer.status, answer.json["voided"], answer.json["grant"]["remaining"]) == (200, 3, 0)
    assert credit(house, owner)["balance"] == 10
    assert_problem(house.post(path, headers=house.operator), 409, code="credit_is_spent")
    assert_problem(house.post(path, headers=owner["session"]), 403)


def test_the_shell_gives_credit_too(house, owner):
    house.shell("account", "credit", owner["email"], "25.00")
    assert credit(house, owner)["balance"] == 35


def test_grants_come_in_pages(house, owner):
    for number in range(4):
        give(house, owner, 1, name=f"gift {number}")
    names, cursor = [], ""
    while cursor is not None:
        page = ask(house, "GET", f"/api/v1/credit?limit=2{cursor and '&cursor=' + str(cursor)}", owner)
        names += [grant["name"] for grant in page["grants"]]
        cursor = page["next_cursor"]
    assert names == ["gift 3", "gift 2", "gift 1", "gift 0", "Opening credit"]


def test_a_rule_is_set_shown_and_removed(house, owner):
    path = "/api/v1/credit/rule"
    rule = ask(house, "PUT", path, owner, {"alert_below": 5, "top_up_below": 2, "top_up_amount": 50})["rule"]
    assert rule == credit(house, owner)["rule"]
    assert (rule["alert_below"], rule["top_up_below"], rule["top_up_amount"], rule["top_ups_at_most"]) == (5, 2, 50, 10)
    assert_problem(house.ask("PUT", path, {"top_up_below": 2}, headers=owner["session"]), 400)
    assert_problem(house.ask("PUT", path, {"alert_below": 0.001}, headers=owner["session"]), 400)
    assert ask(house, "PUT", path, owner, {})["rule"]["alert_below"] is None


def test_low_credit_is_told_of_once(house, owner):
    ask(house, "PUT", "/api/v1/credit/rule", owner, {"alert_below": 5})
    record(house, owner["api_key"], "ionq_simulator", 600)
    mail = house.mail.wait_for(owner["email"], subject="Your credit is below 5.00 USD")
    assert "4.00 USD of credit are left" in mail.text
    record(house, owner["api_key"], "ionq_simulator", 100)
    other = house.register(email=f"saver{next(numbers)}@example.com")
    other["session"] = sign_in(house, other)
    ask(house, "PUT", "/api/v1/credit/rule", other, {"alert_below": 20})
    # The rule that was set later was looked at: so was this one again.
    house.mail.wait_for(other["email"], subject="Your credit is below 20.00 USD")
    assert len([each for each in house.mail.to(owner["email"]) if "credit is below" in each.subject]) == 1


def test_without_a_provider_nothing_can_be_bought(house, owner):
    for path in ("/api/v1/credit/top-ups", "/api/v1/credit/top-ups/charge"):
        assert_problem(house.post(path, {"amount": 5}, headers=owner["session"]), 503, code="payments_not_configured")


def test_the_balance_is_the_ledgers(house, owner):
    record(house, owner["api_key"], "ionq_simulator", 1300)
    shown = ask(house, "GET", "/api/v1/balance", owner)
    assert shown == {"owed": 3, "credit": 0, "unbilled": 3, "receivable": 0, "currency": "usd"}


def test_the_entries_are_the_accounts_own_newest_first(house, owner):
    give(house, owner, 1, name="x")
    record(house, owner["api_key"], "ionq_simulator", 1200)
    page = ask(house, "GET", "/api/v1/ledger/entries?limit=3", owner)
    sides = [(entry["debit"], entry["credit"], entry["amount"]) for entry in page["data"]]
    assert sides == [("unbilled", "revenue", 1), ("credit", "revenue", 11), ("promotion", "credit", 1)]
    rest = ask(house, "GET", f"/api/v1/ledger/entries?cursor={page['next_cursor']}", owner)
    assert [entry["reason"] for entry in rest["data"]] == ["credit granted"] and rest["next_cursor"] is None
    answer = house.get("/api/v1/ledger/entries.csv", headers=owner["session"])
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert [(row["debit"], row["credit"], row["amount"]) for row in rows] == [
        ("unbilled", "revenue", "1.00"), ("credit", "revenue", "11.00"), ("promotion", "credit", "1.00"),
        ("promotion", "credit", "10.00")]


def test_paid_credit_comes_from_a_page_at_the_provider(payments):
    user = payments.register()
    session = sign_in(payments, user)
    wait_until(lambda: payments.sql("SELECT id FROM account WHERE stripe_customer_id IS NOT NULL"), what="the customer")
    page = payments.post("/api/v1/credit/top-ups", {"amount": 40}, headers=session)
    assert page.status == 200 and page.json["url"].startswith("http"), page
    payments.stripe.pay(page.json["session_id"], wait=5)
    shown = wait_until(lambda: (found := payments.get("/api/v1/credit", headers=session).json)["balance"] == 50 and found,
                       what="the credit")
    assert [(grant["kind"], grant["remaining"]) for grant in shown["grants"]] == [("paid", 40), ("promotion", 10)]
    assert payments.findings() == []
