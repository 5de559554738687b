"""A year of fifty accounts, from January of a leap year on, after which books, invoices and provider must agree."""

import csv
import io
import os
import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest
from people import Browser
from stack import Stack, free_port, wait_until
from stripe_double import StripeDouble
from stripe_events import settled
from year_cast import LIVES, Customer

CUSTOMERS = 50
FORTNIGHT = 14 * 86400
TEAM = {"currency": "usd", "items": [
    {"name": "base", "label": "Team", "model": "flat", "amount": 25.5},
    {"name": "credits", "label": "Credits", "meter": "credits", "model": "graduated", "tiers": [
        {"up_to": 1000, "unit_price": 0.0035}, {"unit_price": 0.00115, "flat": 1}]}]}
COUPONS = [{"code": "QUARTER", "name": "A quarter off", "percent": 25, "invoices": 3},
           {"code": "TWENTY", "name": "A fifth off", "percent": 20, "invoices": 2},
           {"code": "TENNER", "name": "Ten off", "amount": 10, "currency": "usd", "invoices": 1}]
TAXES = [{"name": "VAT", "percent": 19, "country": "DE", "default": True},
         {"name": "VAT", "percent": 23, "country": "IE", "default": True, "inclusive": True}]


def seconds(year, month, day, hour=0):
    return int(datetime(year, month, day, hour, tzinfo=timezone.utc).timestamp())


class Year:
    """The house and the double side by side; both clocks go forward by fortnights."""

    def __init__(self, stack, double):
        self.stack, self.double = stack, double
        self.seed = os.environ.get("YEAR_SEED") or str(random.randrange(10 ** 6))
        print(f"YEAR_SEED={self.seed}")
        self.now = seconds(2028, 1, 1)
        double.advance(self.now - int(time.time()))
        user = stack.register("operator@year.example", "Olive", create_stripe_account=False)
        stack.shell("user", "promote", user["email"])
        self.operator = Browser(stack).sign_in(user["email"], api_key=user["api_key"])
        self.make("plans", {"code": "year_team", "name": "Team", "trial_days": 14,
                            "prices": [{"interval": "month", "prices": TEAM}]})
        for coupon in COUPONS:
            self.make("coupons", coupon)
        for tax in TAXES:
            self.make("tax-rates", tax)
        self.customers = self.each(self.customer, range(CUSTOMERS))

    def make(self, what, body):
        answer = self.operator.post(f"/api/v1/admin/{what}", body)
        assert answer.status == 201, answer

    def customer(self, number):
        # Most begin in the last days of a month, so that short months tell.
        day = 31 - number % 7 if number % 3 else 2 + number % 28
        life = LIVES[number % len(LIVES)]
        return Customer(self, life, number // len(LIVES), seconds(2028, 1, day, number % 24))

    def each(self, act, them):
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(act, them))

    def pass_by(self):
        end = seconds(2029, 2, 1)
        while self.now < end:
            self.each(Customer.lives, self.customers)
            first = self.now == seconds(2028, 1, 1)
            later = min(end, seconds(2028, 2, 1) if first else self.now + FORTNIGHT)
            self.double.advance(later - self.now)
            # So that no webhook comes a month late, by these clocks.
            self.double.deliveries(settle=60)
            self.now = later
            self.each(lambda one: one.comes_to(later), self.customers)
        self.come_to_rest()

    def come_to_rest(self):
        """Nothing is on its way any more: no event, no charge, no refund."""
        # Whether a charge that has ended still waits in the outbox is no matter.
        under_way = ("SELECT (SELECT count(*) FROM charge_attempt WHERE status = 'asked') + "
                     "(SELECT count(*) FROM refund WHERE status = 'asked') + "
                     "(SELECT count(*) FROM outbox WHERE kind LIKE 'stripe.%' AND kind <> 'stripe.charge') AS n")
        self.double.deliveries(settle=60)
        wait_until(lambda: self.stack.sql(under_way) == [{"n": 0}], 60, "rest")
        assert self.double.pending() == []
        settled(self.stack)


@pytest.fixture(scope="module")
def year(tmp_path_factory, spec):
    port = free_port()
    state = tmp_path_factory.mktemp("year") / "stripe"
    double = StripeDouble(state=state, spec=spec, webhook_url=f"http://127.0.0.1:{port}/webhooks/stripe")
    with double, Stack(stripe=double, port=port, INVOICE_THRESHOLD="200", OPENING_CREDIT="3") as stack:
        year = Year(stack, double)
        year.pass_by()
        yield year
        assert "a request failed" not in stack.log


def sums(rows, key, value):
    found = {}
    for row in rows:
        found[row[key]] = found.get(row[key], 0) + row[value]
    return {name: amount for name, amount in found.items() if amount}


def everything(year, path):
    """All pages of an operator's list."""
    found, cursor = [], None
    while True:
        mark = "&" if "?" in path else "?"
        answer = year.operator.get(f"/api/v1/admin/{path}{mark}limit=100" + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status == 200, answer
        found += answer.json["data"]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            return found


def cents(amount):
    """Of what is exact in JSON, and a float only here."""
    return round(amount * 100)


def test_all_of_it_has_happened(year):
    def count(table, where="1"):
        return year.stack.sql(f"SELECT count(*) AS n FROM {table} WHERE {where}")[0]["n"]

    happened = {
        "invoices": count("invoice", "kind = 'invoice'") > 400,
        "payments": count("payment") > 300,
        **{f"invoice {status}": count("invoice", f"status = '{status}'") for status in
           ("paid", "void", "uncollectible")},
        **{f"invoice for {reason}": count("invoice", f"reason = '{reason}'") for reason in
           ("start", "period", "change", "usage", "threshold", "manual")},
        **{f"{change} subscription": count("subscription_change", f"kind = '{change}'") for change in
           ("started", "renewed", "trial_ended", "upgraded", "downgraded", "canceled", "past_due", "recovered")},
        **{f"{outcome} dispute": count("dispute", f"status = '{outcome}'") for outcome in
           ("won", "lost", "warning_closed")},
        **{f"{status} refund": count("refund", f"status = '{status}'") for status in ("succeeded", "failed")},
        **{f"{status} charge": count("charge_attempt", f"status = '{status}'") for status in
           ("succeeded", "failed", "needs_action")},
        **{f"credit {kind}": count("credit_grant", f"kind = '{kind}'") for kind in ("promotion", "paid", "note")},
        "credit expired": count("credit_grant", "expired_at IS NOT NULL"),
        "credit voided": count("credit_grant", "voided_at IS NOT NULL"),
        "top-ups": count("charge_attempt", "invoice_id IS NULL AND status = 'succeeded'"),
        "discounts": count("invoice", "discount > 0"),
        "taxes": count("invoice", "tax > 0"),
        "credit notes": count("invoice", "kind = 'credit_note'"),
        **{f"{kind} use": count("usage_correction", f"kind = '{kind}'") for kind in ("void", "amend")},
        "restrictions": count("audit_entry", "action = 'account.restricted'"),
    }
    assert [what for what, times in happened.items() if not times] == []
    print(f"{count('invoice')} invoices and notes, {count('payment')} payments, {count('ledger_entry')} entries")


def test_books_and_provider_hold_the_same_for_every_customer(year):
    theirs = {}
    for charge in year.double.everything("/v1/charges"):
        if charge["paid"]:
            kept = charge["amount"] - charge["amount_refunded"]
            theirs[charge["customer"]] = theirs.get(charge["customer"], 0) + kept
    customers = {charge["id"]: charge["customer"] for charge in year.double.everything("/v1/charges")}
    for dispute in year.double.everything("/v1/disputes"):
        if dispute["status"] == "lost":
            theirs[customers[dispute["charge"]]] -= dispute["amount"]
    rows = year.stack.sql("SELECT a.stripe_customer_id AS customer, CASE e.debit WHEN 'cash' THEN e.amount ELSE "
                          "-e.amount END AS amount FROM ledger_entry e JOIN account a ON a.id = e.account_id "
                          "WHERE e.debit = 'cash' OR e.credit = 'cash'")
    assert sums(rows, "customer", "amount") == {customer: amount for customer, amount in theirs.items() if amount}
    [cash] = year.stack.sql("SELECT debits - credits AS cents FROM ledger_balance WHERE side = 'cash'")
    balance = sum(entry["amount"] for entry in year.double.everything("/v1/balance_transactions"))
    assert cash["cents"] == balance == sum(theirs.values())


def test_the_plainest_lives_have_paid_what_can_be_said_beforehand(year):
    paid = {row["account_id"]: row["paid"] for row in
            year.stack.sql("SELECT account_id, sum(amount) AS paid FROM payment GROUP BY account_id")}
    plain = [one for one in year.customers if one.expected is not None]
    # The opening credit went first.
    assert {one.name: paid[one.account] + 300 for one in plain} == {one.name: one.expected for one in plain}
    assert len(plain) >= 7


def test_what_is_owed_is_the_same_wherever_it_is_shown(year):
    listed = everything(year, "invoices")
    for one in year.customers:
        theirs = [invoice for invoice in listed if invoice["account"] == one.account]
        balance = one.ask("GET", "/api/v1/balance")
        assert cents(balance["receivable"]) == sum(cents(invoice["owed"]) for invoice in theirs), one.name
        mine = {invoice["id"]: invoice["amount"] for invoice in one.ask("GET", "/api/v1/me/invoices")["invoices"]}
        shown = {invoice["number"]: invoice["total"] for invoice in theirs if invoice["status"] != "void"}
        assert mine == shown, one.name
    stored = year.stack.sql("SELECT number, total FROM invoice WHERE kind = 'invoice'")
    answer = year.operator.get("/api/v1/admin/invoices.csv")
    written = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert ({invoice["number"]: cents(invoice["total"]) for invoice in listed}
            == {invoice["number"]: cents(float(invoice["total"])) for invoice in written}
            == {invoice["number"]: invoice["total"] for invoice in stored})


def test_every_series_of_numbers_is_without_a_gap(year):
    series = {}
    for row in year.stack.sql("SELECT number FROM invoice WHERE status <> 'draft' ORDER BY id"):
        name, number = re.fullmatch(r"([A-Z]+)-(\d+)", row["number"]).groups()
        series.setdefault(name, []).append(int(number))
    assert set(series) == {"INV", "CN"}
    for name, numbers in series.items():
        assert numbers == list(range(1, len(numbers) + 1)), name


def test_every_invoice_computed_again_from_its_events_is_equal(year):
    numbers = [row["number"] for row in year.stack.sql("SELECT number FROM invoice WHERE status <> 'draft'")]
    different = {}
    for number in numbers:
        answer = year.operator.get(f"/api/v1/admin/invoices/{number}/verify")
        assert answer.status == 200, answer
        if not answer.json["equal"]:
            different[number] = answer.json["differences"]
    assert different == {}
    assert "Equal" in year.stack.shell("invoice", "verify", numbers[-1]).stdout


def test_nothing_is_left_in_between(year):
    rows = year.stack.sql("SELECT side, sum(debits - credits) AS cents FROM ledger_balance GROUP BY side")
    sides = {row["side"]: row["cents"] for row in rows}
    assert (sides["disputed"], sum(sides.values())) == (0, 0)
    assert sides["loss"] > 0 and sides["tax"] < 0


def test_the_books_are_sound_and_the_provider_agrees(year):
    assert year.stack.findings() == []
    assert year.double.violations() == []
    report = year.stack.shell("stripe", "reconcile", "--json", check=False)
    assert report.returncode == 0, report.stdout
