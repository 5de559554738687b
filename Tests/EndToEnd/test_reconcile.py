"""What no webhook brought is fetched, and books that differ from the provider's are shown and put right."""

import json
import sqlite3

import pytest
from people import Browser
from stack import wait_until
from stripe_events import SECRET, event, send, settled
from test_refunds import assert_agreement, desk, side  # noqa: F401


def reconcile(stack, *words, agrees=None):
    done = stack.shell("stripe", "reconcile", "--json", *words, check=False)
    report = json.loads(done.stdout)
    assert done.returncode == (1 if report["drift"] else 0)
    if agrees is not None:
        assert (report["drift"] == []) == agrees, report["drift"]
    return report


def kinds(report):
    return sorted(item["kind"] for item in report["drift"])


def test_sound_books_agree(desk):
    report = reconcile(desk, agrees=True)
    assert (report["payments"], report["missed"]) == (1, 0)
    shown = desk.operator.get("/api/v1/admin/reconciliation").json
    assert shown["report"] == report and shown["events_fetched_at"]
    assert "Books and Stripe agree" in desk.shell("stripe", "reconcile").stdout


def test_events_that_were_never_delivered_are_fetched(desk):
    desk.stripe.drop()
    session = desk.post("/billing/create-payment", {"amount": 40}, key=desk.ada["api_key"]).json["session_id"]
    desk.stripe.pay(session)
    refunded = desk.stripe.refund(session, 1000)
    assert desk.sql("SELECT count(*) AS n FROM payment") == [{"n": 1}]
    report = reconcile(desk, agrees=True)
    assert report["missed"] >= 2
    assert side(desk, "cash") == 10000 + 3000
    assert desk.sql(f"SELECT amount FROM refund WHERE provider_id = '{refunded['id']}'") == [{"amount": 1000}]
    assert reconcile(desk)["missed"] == 0
    # For the last look at the one charge of the fixture.
    desk.stripe.stop_dropping()
    desk.stripe.refund(session, 3000)
    desk.stripe.deliveries(settle=15)
    settled(desk)


def test_what_differs_is_listed_and_put_right(desk):
    """Events lost and their list forgotten: the objects themselves still tell."""
    session = desk.post("/billing/create-payment", {"amount": 40}, key=desk.ada["api_key"]).json["session_id"]
    reconcile(desk)
    desk.stripe.hold()
    desk.stripe.pay(session)
    desk.stripe.refund(session, 4000)
    desk.stripe.refund(desk.payment, 500)
    with sqlite3.connect(desk.store / "purser.db", timeout=10) as db:
        # As if they had been dealt with.
        for told in desk.stripe.everything("/v1/events"):
            db.execute("INSERT INTO stripe_event (id, type, body, received_at, status, next_attempt_at) "
                       "VALUES (?, ?, ?, 1, 'applied', 1) ON CONFLICT DO NOTHING",
                       (told["id"], told["type"], json.dumps(told).encode()))
    report = reconcile(desk, agrees=False)
    assert {"missing_payment", "refunds", "balance", "missing_refund"} <= set(kinds(report))
    assert all(item["repair"] for item in report["drift"])
    warned = json.loads(desk.shell("check", "--json").stdout)
    assert warned["findings"] == [] and "purser stripe reconcile" in warned["warnings"][0]
    repaired = reconcile(desk, "--repair", agrees=True)
    assert repaired["repaired"] == len(report["drift"])
    assert side(desk, "cash") == 9500
    desk.stripe.release()


def taken(desk, cents, customer, currency="usd"):
    """An operator takes money in the provider's dashboard."""
    card = desk.stripe.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    return desk.stripe.post("/v1/payment_intents", amount=cents, currency=currency, customer=customer,
                            payment_method=card, confirm="true", off_session="true")


def test_money_taken_by_hand_at_the_provider_is_booked(desk):
    customer = desk.ada["stripe_customer_id"]
    intent = taken(desk, 1500, customer)
    desk.stripe.deliveries(settle=15)
    settled(desk)
    wait_until(lambda: desk.sql(f"SELECT amount FROM payment WHERE provider_id = '{intent['id']}'") == [
        {"amount": 1500}], what="the payment")
    assert side(desk, "credit") == -(7400 + 1500)
    desk.stripe.refund(intent["id"], 500)
    desk.stripe.deliveries(settle=15)
    settled(desk)
    assert side(desk, "credit") == -(7400 + 1000)
    assert reconcile(desk, agrees=True)["booked"] == []


def test_money_taken_by_hand_of_which_no_event_tells_is_booked_by_repair(desk):
    desk.stripe.drop()
    intent = taken(desk, 1500, desk.ada["stripe_customer_id"])
    with sqlite3.connect(desk.store / "purser.db", timeout=10) as db:
        for told in desk.stripe.everything("/v1/events"):
            db.execute("INSERT INTO stripe_event (id, type, body, received_at, status, next_attempt_at) "
                       "VALUES (?, ?, ?, 1, 'ignored', 1) ON CONFLICT DO NOTHING",
                       (told["id"], told["type"], json.dumps(told).encode()))
    (item,) = reconcile(desk, agrees=False)["drift"]
    assert (item["kind"], "--repair books it" in item["repair"]) == ("missing_payment", True)
    report = reconcile(desk, "--repair", agrees=True)
    assert (report["booked"], report["repaired"]) == ([item["object"]], 1)
    assert desk.sql(f"SELECT amount FROM payment WHERE provider_id = '{intent['id']}'") == [{"amount": 1500}]
    desk.stripe.stop_dropping()


def test_money_in_another_currency_stays_listed(payments):
    taken(payments, 1500, payments.register()["stripe_customer_id"], "eur")
    payments.stripe.deliveries(settle=15)
    settled(payments)
    report = reconcile(payments, "--repair", agrees=False)
    assert (kinds(report), report["booked"]) == (["missing_payment"], [])
    assert "not in the account's currency" in report["drift"][0]["repair"]
    assert payments.findings() == []


def test_books_that_were_tampered_with_are_listed(desk):
    with sqlite3.connect(desk.store / "purser.db", timeout=10) as db:
        db.execute("UPDATE payment SET refunded = 100")
    try:
        assert {"books", "refunds", "balance"} <= set(kinds(reconcile(desk, agrees=False)))
    finally:
        with sqlite3.connect(desk.store / "purser.db", timeout=10) as db:
            db.execute("UPDATE payment SET refunded = 0")


def test_an_event_that_failed_is_listed_and_replayed(desk):
    told = next(one for one in desk.stripe.everything("/v1/events") if one["type"] == "checkout.session.completed")
    with sqlite3.connect(desk.store / "purser.db", timeout=10) as db:
        db.execute("UPDATE stripe_event SET status = 'failed', error = 'broken' WHERE id = ?", (told["id"],))
    (warning,) = json.loads(desk.shell("check", "--json").stdout)["warnings"]
    assert told["id"] in warning and "broken" in warning
    assert f"{told['id']}: applied" in desk.shell("stripe", "replay", told["id"]).stdout
    assert json.loads(desk.shell("check", "--json").stdout)["warnings"] == []
    assert desk.shell("stripe", "replay", "evt_of_nobody", check=False).returncode != 0


def test_with_the_provider_down_it_says_so(desk):
    desk.stripe.fault("/v1/", "500", times=1000)
    failed = desk.shell("stripe", "reconcile", check=False)
    desk.stripe.clear_faults()
    assert failed.returncode != 0 and "does not answer" in failed.stdout + failed.stderr


def test_events_wait_for_a_provider_that_is_down_and_are_applied_when_it_is_back(desk):
    session = desk.post("/billing/create-payment", {"amount": 40}, key=desk.ada["api_key"]).json["session_id"]
    desk.stripe.fault("/v1/checkout/sessions", "hang", times=1000, delay=60, method="GET")
    desk.stripe.fault("/v1/payment_intents", "hang", times=1000, delay=60, method="GET")
    desk.stripe.pay(session, wait=8)
    # Acknowledged all the same, and nobody else waits.
    assert desk.get("/auth/user", key=desk.ada["api_key"], timeout=2).status == 200
    assert desk.sql("SELECT count(*) AS n FROM payment") == [{"n": 1}]
    desk.stripe.clear_faults()
    wait_until(lambda: desk.sql("SELECT count(*) AS n FROM payment") == [{"n": 2}], 60, "the payment")
    settled(desk)
    desk.stripe.refund(session)
    desk.stripe.deliveries(settle=15)


def test_the_endpoint_is_sent_what_is_needed_and_nothing_else(payments):
    words = payments.shell("stripe", "setup", "--webhook").stdout
    endpoints = payments.stripe.get("/v1/webhook_endpoints?limit=100")["data"]
    (mine,) = [one for one in endpoints if one["url"].startswith(payments.url)]
    assert "charge.dispute.closed" in mine["enabled_events"] and "*" not in mine["enabled_events"]
    assert not [type for type in mine["enabled_events"] if type.startswith(("invoice.", "customer.subscription."))]
    assert mine["id"] in words
    payments.shell("stripe", "setup", "--webhook")
    assert len(payments.stripe.get("/v1/webhook_endpoints?limit=100")["data"]) == len(endpoints)
