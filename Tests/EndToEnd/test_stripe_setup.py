"""`purser stripe setup`: one meter and one price, however often and in whatever trouble it is run."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest


def meters(stack):
    return stack.stripe.get("/v1/billing/meters?limit=100")["data"]


def prices(stack):
    return stack.stripe.get("/v1/prices?limit=100")["data"]


def kept(stack):
    return {row["role"]: row["object_id"] for row in stack.sql("SELECT role, object_id FROM stripe_object")}


def assert_one_of_each(stack):
    (meter,), (price,) = meters(stack), prices(stack)
    assert kept(stack) == {"meter": meter["id"], "price": price["id"]}
    return meter, price


def test_the_meter_sums_shots_and_the_price_is_metered_by_it_in_dollars(payments):
    payments.shell("stripe", "setup")
    meter, price = assert_one_of_each(payments)
    assert (meter["event_name"], meter["display_name"]) == ("quantum_shot", "Quantum shots")
    assert meter["default_aggregation"] == {"formula": "sum"}
    assert (price["currency"], price["unit_amount_decimal"]) == ("usd", "0.00")
    assert (price["recurring"]["usage_type"], price["recurring"]["meter"]) == ("metered", meter["id"])


def test_event_name_words_and_price_are_settings(payments):
    payments.stop_purser()
    payments.settings |= {"METER_EVENT": "tokens", "METER_DISPLAY_NAME": "Tokens", "METER_PRICE": "0.001234"}
    payments.start_purser()
    payments.shell("stripe", "setup")
    meter, price = assert_one_of_each(payments)
    assert (meter["event_name"], meter["display_name"], price["unit_amount_decimal"]) == ("tokens", "Tokens", "0.1234")


def test_three_runs_make_it_once_and_a_wiped_memory_finds_it_again(payments):
    for _ in range(3):
        payments.shell("stripe", "setup")
    before = assert_one_of_each(payments)
    with sqlite3.connect(payments.state / "purser.db", timeout=10) as db:
        db.execute("DELETE FROM stripe_object")
    payments.shell("stripe", "setup")
    assert assert_one_of_each(payments) == before


def test_runs_at_once_make_it_once(payments):
    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(lambda _: payments.shell("stripe", "setup", check=False), range(5)))
    assert [run.returncode for run in done] == [0] * 5, [run.stderr for run in done]
    assert_one_of_each(payments)


@pytest.mark.parametrize("path", ["/v1/billing/meters", "/v1/prices"])
@pytest.mark.parametrize("kind", ["500", "500_after_commit", "timeout_after_commit", "garbage", "close"])
def test_after_a_lost_answer_another_run_finds_what_there_is(payments, path, kind):
    payments.stripe.fault(path, kind, times=4, delay=60, method="POST")
    failed = payments.shell("stripe", "setup", check=False)
    payments.stripe.clear_faults()
    assert failed.returncode != 0 or kind == "garbage"
    assert "went wrong" not in failed.stdout + failed.stderr
    payments.shell("stripe", "setup")
    assert_one_of_each(payments)


def test_a_meter_that_was_replaced_gets_a_price_of_its_own(payments):
    payments.shell("stripe", "setup")
    (old,) = meters(payments)
    payments.stripe._ask("POST", f"/v1/billing/meters/{old['id']}/deactivate", b"", {
        "Authorization": f"Bearer {payments.stripe.secret_key}", "Stripe-Version": "2026-08-26.dahlia"}, 30)
    payments.stop_purser()
    payments.settings["METER_DISPLAY_NAME"] = "Shots, again"
    payments.start_purser()
    payments.shell("stripe", "setup")
    (meter,) = [one for one in meters(payments) if one["status"] == "active"]
    (price,) = [one for one in prices(payments) if one["recurring"]["meter"] == meter["id"]]
    assert kept(payments) == {"meter": meter["id"], "price": price["id"]}


def test_without_a_provider_it_says_so(stack):
    failed = stack.shell("stripe", "setup", check=False)
    assert failed.returncode != 0 and "STRIPE_SECRET_KEY" in failed.stdout + failed.stderr


def test_every_call_names_the_version_it_was_written_for(payments):
    payments.shell("stripe", "setup")
    user = payments.register(payment_method_id="pm_card_visa")
    payments.post("/billing/record-usage", {"api_key": user["api_key"], "backend": "simulator", "shots": 1})
    payments.post("/billing/create-payment", {"amount": 5}, key=user["api_key"])
    own = [call for call in payments.stripe.journal() if call["path"] != "/v1/billing/meter_events"]
    assert {call["stripe_version"] for call in own} == {"2026-08-26.dahlia"}
    assert {call["path"] for call in own} >= {"/v1/customers", "/v1/subscriptions", "/v1/checkout/sessions",
                                              "/v1/billing/meters", "/v1/prices"}
    assert all(call["idempotency_key"] for call in own if call["method"] == "POST")
