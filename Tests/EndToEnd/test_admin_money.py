"""Operators' view of the money: what the older billing clients read, the lists, the files, and who is kept out."""

import csv
import io
import json
import sqlite3
import subprocess
import time

import pytest
from answers import assert_problem, record
from people import Browser, owner
from stack import Stack, purser_binary

MONTH = 30 * 86_400_000


def insert(db, table, **values):
    """A row with what is given, and with zeros where the table wants something that is not."""
    for _, name, kind, needed, default, key in db.execute(f"PRAGMA table_info({table})").fetchall():
        if needed and default is None and not key and name not in values:
            values[name] = 0 if kind == "INTEGER" else ""
    names = ", ".join(values)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", tuple(values.values()))
    return db.execute("SELECT last_insert_rowid()").fetchone()[0]


def prices(amount):
    return json.dumps({"currency": "usd", "items": [{"name": "base", "model": "flat", "amount": amount}]})


@pytest.fixture(scope="module")
def house():
    """Four accounts: by the month, by the year, by the week, and in a trial; a payment that was refunded in part."""
    with Stack() as stack:
        stack.operator = stack.register("operator@money.example", "Olive")
        stack.shell("user", "promote", "operator@money.example")
        for other in range(3):
            record(stack, stack.register(f"other{other}@else.example")["api_key"], "ibm_torino", 1100)
        stack.people = [owner(stack, f"{name}@money.example", f"{name.title()} =Money") for name in
                        ("monthly", "yearly", "weekly", "trying")]
        record(stack, stack.people[0].user["api_key"], "ibm_torino", 1100)
        stack.stop_purser()
        now = int(time.time() * 1000)
        with sqlite3.connect(stack.store / "purser.db") as db:
            plan = insert(db, "plan", code="billing_made", name="Made", is_prepaid=0, simulators_only=0,
                          family="billing")
            fees = {"month": 49, "year": 470, "week": 1}
            versions = {interval: insert(db, "plan_price", plan_id=plan, currency="usd", interval=interval,
                                         effective_from=0, prices=prices(fee), created_at=0)
                        for interval, fee in fees.items()}
            for person, interval, status in zip(stack.people, ("month", "year", "week", "month"),
                                                ("active", "past_due", "active", "trialing")):
                insert(db, "subscription", public_id=f"sub_{person.account}", account_id=person.account,
                       plan_price_id=versions[interval], status=status, anchor_at=now, period=0, period_start=now,
                       period_end=now + MONTH, created_at=now)
                db.execute("UPDATE account SET plan_id = ?, next_close_at = ? WHERE id = ?",
                           (plan, now + MONTH, person.account))
            payment = insert(db, "payment", account_id=stack.people[1].account, provider_id="pi_made", amount=47000,
                             refunded=7000, currency="usd", paid_at=now, description="=cmd()")
            insert(db, "refund", payment_id=payment, provider_id="re_made", amount=7000, currency="usd",
                   reason="asked", status="succeeded", created_at=now)
            insert(db, "charge_attempt", account_id=stack.people[2].account, amount=100, currency="usd",
                   payment_method="pm_1", idempotency_key="made", status="failed", error="Declined",
                   created_at=now + 1)
        stack.start_purser()
        stack.desk = Browser(stack).sign_in(stack.operator["email"], api_key=stack.operator["api_key"])
        yield stack


def get(house, path):
    answer = house.desk.get(path)
    assert answer.status == 200, answer
    return answer.json


def everything(house, path):
    """All pages of a list, three at a time."""
    found, cursor = [], None
    while True:
        mark = "&" if "?" in path else "?"
        page = get(house, f"{path}{mark}limit=3" + (f"&cursor={cursor}" if cursor else ""))
        assert len(page["data"]) <= 3
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def rows():
    lines = subprocess.run([purser_binary(), "routes"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split("\t")[:4] for line in lines]


def test_every_route_of_admin_and_billing_says_who_is_missing_in_the_words_of_its_clients(house):
    seen = 0
    for method, path, _, access in rows():
        if not path.startswith(("/api/v1/admin/", "/api/v1/billing/")):
            continue
        seen += 1
        target = path.replace("{", "").replace("}", "")
        body = {} if method in ("POST", "PUT", "PATCH") else None
        assert_problem(Browser(house).ask(method, target, body), 401, "Not authenticated")
        if path.startswith("/api/v1/admin/"):
            assert access == "operatorSession", path
            assert_problem(house.people[0].ask(method, target, body), 403, "Admin access required")
    assert seen >= 16


def test_stats_count_a_year_as_a_twelfth_and_a_week_as_4_33(house):
    stats = get(house, "/api/v1/admin/billing/stats")
    # 49 + 470 / 12 + 4.33; past due is still owed, a trial is not yet.
    assert stats["tier_breakdown"] == {"made": {"count": 4, "revenue": 92.5}}
    assert stats["monthly_revenue"] == 92.5
    assert (stats["active_subscriptions"], stats["trial_subscriptions"]) == (2, 1)
    assert stats["total_customers"] == house.sql("SELECT count(*) n FROM account")[0]["n"]


def test_customers_subscriptions_and_charges_are_as_older_clients_read_them(house):
    customers = get(house, "/api/v1/admin/billing/customers?limit=4")
    assert customers["total"] > 4 == len(customers["customers"])
    assert {"id": str(house.people[3].account), "email": "trying@money.example", "name": "Trying =Money"}.items() <= (
        customers["customers"][0].items())
    assert isinstance(customers["customers"][0]["metadata"], dict)
    listed = get(house, "/api/v1/admin/billing/subscriptions?status=active")
    assert listed["total"] == 2
    week, month = listed["subscriptions"]
    assert {"customer": str(house.people[2].account), "tier": "made", "status": "active", "amount": 1,
            "currency": "usd", "interval": "week", "cancel_at_period_end": False}.items() <= week.items()
    assert month["amount"] == 49 and month["current_period_end"].endswith("Z")
    charges = get(house, "/api/v1/admin/billing/recent-charges")
    assert charges["total"] == house.sql("SELECT count(*) n FROM payment")[0]["n"] + 1 == len(charges["charges"])
    failed, paid, *_ = charges["charges"]
    assert (failed["status"], failed["paid"], failed["amount"], failed["description"]) == (
        "failed", False, 1, "Declined")
    assert (paid["id"], paid["status"], paid["paid"], paid["refunded"], paid["amount_refunded"]) == (
        "pi_made", "succeeded", True, False, 70)
    assert get(house, "/api/v1/admin/billing/recent-charges?limit=1")["charges"] == [failed]


def test_recurring_revenue_is_exact_and_months_are_the_ledgers(house):
    stats = get(house, "/api/v1/admin/stats?months=3")["currencies"]
    [usd] = stats
    # 12 × 49 + 470 + 52 × 1.
    assert (usd["arr"], usd["mrr"]) == (1110, 92.5)
    assert (usd["customers"], usd["trialing"], usd["past_due"]) == (3, 1, 1)
    assert [month["month"] for month in usd["months"]] == sorted(month["month"] for month in usd["months"])
    [sums] = house.sql("SELECT sum(CASE WHEN credit = 'revenue' THEN amount ELSE -amount END) cents "
                       "FROM ledger_entry WHERE 'revenue' IN (debit, credit)")
    twelve = get(house, "/api/v1/admin/stats?months=12")["currencies"][0]
    assert round(sum(month["revenue"]["total"] for month in twelve["months"]) * 100) == sums["cents"]
    [owed] = house.sql("SELECT sum(debits - credits) cents FROM ledger_balance WHERE side = 'receivable'")
    assert round(usd["outstanding"]["total"] * 100) == owed["cents"] > 0
    parts = [value for name, value in usd["outstanding"].items() if name != "total"]
    assert round(sum(parts), 2) == usd["outstanding"]["total"]


def test_use_that_is_recorded_now_is_in_the_next_answer(house):
    def now():
        return get(house, "/api/v1/admin/stats?months=1")["currencies"][0]["months"][0]["revenue"]["usage"]

    before = now()
    record(house, house.people[1].user["api_key"], "ionq_qpu", 7)
    assert round(now() - before, 2) == 14


def test_lists_are_whole_and_filtered(house):
    invoices = everything(house, "/api/v1/admin/invoices")
    assert len(invoices) == house.sql("SELECT count(*) n FROM invoice WHERE kind = 'invoice'")[0]["n"] > 3
    assert len({invoice["id"] for invoice in invoices}) == len(invoices)
    account = house.people[0].account
    mine = [invoice for invoice in invoices if invoice["account"] == account]
    assert everything(house, f"/api/v1/admin/invoices?account={account}") == mine != []
    assert mine[0]["owed"] == mine[0]["total"] == 3290
    paid = [invoice for invoice in invoices if invoice["status"] == "paid"]
    assert everything(house, "/api/v1/admin/invoices?status=paid") == paid
    entries = everything(house, f"/api/v1/admin/ledger?account={account}")
    assert len(entries) == house.sql(f"SELECT count(*) n FROM ledger_entry WHERE account_id = {account}")[0]["n"]
    assert [payment["id"] for payment in everything(house, "/api/v1/admin/payments")][0] == "pi_made"
    [refund] = everything(house, "/api/v1/admin/refunds?status=succeeded")
    assert (refund["id"], refund["payment"], refund["amount"]) == ("re_made", "pi_made", 70)
    assert everything(house, "/api/v1/admin/refunds?status=failed") == []
    assert everything(house, "/api/v1/admin/credit-notes") == []
    assert len(everything(house, "/api/v1/admin/subscriptions")) == 4
    assert everything(house, "/api/v1/admin/ledger?from=2020-01-01&to=2020-12-31") == []
    assert everything(house, "/api/v1/admin/payments?currency=eur") == []


@pytest.mark.parametrize("query", ["from=2026-02-02&to=2026-02-01", "limit=0", "currency=xxx", "cursor=x"])
def test_a_question_that_makes_no_sense_is_refused(house, query):
    assert_problem(house.desk.get(f"/api/v1/admin/payments?{query}"), 400)


def test_accounts_are_found_by_name_address_and_id(house):
    person = house.people[1]
    for search in ("yearly@money", "Yearly =", "YEARLY", str(person.account)):
        found = everything(house, "/api/v1/admin/accounts?search=" + search.replace("=", "%3D").replace(" ", "%20"))
        assert person.account in [account["id"] for account in found], search
    for nothing in ("yearly_money", "%25", "no one"):
        query = nothing.replace(" ", "%20")
        assert everything(house, f"/api/v1/admin/accounts?search={query}") == []
    assert len(everything(house, "/api/v1/admin/accounts?plan=billing_made")) == 4


def test_one_account_is_shown_with_all_that_belongs_to_it(house):
    shown = get(house, f"/api/v1/admin/accounts/{house.people[1].account}")
    assert shown["account"]["email"] == "yearly@money.example" and shown["account"]["currency"] == "usd"
    assert [member["email"] for member in shown["members"]] == ["yearly@money.example"]
    assert (shown["subscription"]["status"], shown["subscription"]["amount"]) == ("past_due", 470)
    assert [payment["status"] for payment in shown["payments"]] == ["partly_refunded"]
    assert [refund["id"] for refund in shown["refunds"]] == ["re_made"]
    first = get(house, f"/api/v1/admin/accounts/{house.people[0].account}")
    [invoice] = first["open_invoices"]
    assert first["account"]["receivable"] == invoice["owed"] == 3290
    assert first["usage"] == [{"meter": "shots", "quantity": 1100, "cost": 3300}]
    unspent = get(house, f"/api/v1/admin/accounts/{house.people[3].account}")
    assert [(grant["kind"], grant["remaining"]) for grant in unspent["grants"]] == [("promotion", 10)]
    assert_problem(house.desk.get("/api/v1/admin/accounts/999999"), 404)


@pytest.mark.parametrize("name", ["invoices", "payments", "ledger"])
def test_files_hold_what_the_list_shows_and_no_formula(house, name):
    answer = house.desk.get(f"/api/v1/admin/{name}.csv?from=2020-01-01")
    assert answer.headers["Content-Type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(answer.body.decode())))
    shown = everything(house, f"/api/v1/admin/{name}")
    assert len(table) == len(shown)
    for row, item in zip(table, shown):
        assert row["account"] == str(item["account"])
        assert float(row["total" if name == "invoices" else "amount"]) == (
            item["total" if name == "invoices" else "amount"])
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row.values())


def test_the_shell_shows_the_same(house):
    asked = json.loads(house.shell("stats", "--months", "2", "--json").stdout)
    shown = get(house, "/api/v1/admin/stats?months=2")
    assert asked["currencies"] == shown["currencies"]
    text = house.shell("stats", "--months", "2").stdout
    assert "arr" in text and "1110.00" in text and shown["currencies"][0]["months"][1]["month"] in text


def test_nothing_is_an_answer_too():
    with Stack() as stack:
        person = owner(stack, "first@empty.example")
        stack.shell("user", "promote", "first@empty.example")
        person.sign_in(person.email, api_key=person.user["api_key"])
        stats = person.get("/api/v1/admin/billing/stats")
        assert stats.json["monthly_revenue"] == 0 and stats.json["tier_breakdown"] == {}
        assert person.get("/api/v1/admin/billing/subscriptions").json == {"subscriptions": [], "total": 0}
        assert person.get("/api/v1/admin/billing/recent-charges").json == {"charges": [], "total": 0}
        [usd] = person.get("/api/v1/admin/stats").json["currencies"]
        assert (usd["mrr"], usd["outstanding"]["total"], usd["top_accounts"]) == (0, 0, [])
        assert len(usd["months"]) == 12
        assert stack.findings() == []
