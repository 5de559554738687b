"""What must reach Stripe reaches it, once: the uses that its meter counts."""

import itertools
import json
import sqlite3
import time

import pytest
from stack import wait_until

EVENTS = "/v1/billing/meter_events"


@pytest.fixture
def house(payments):
    payments.shell("stripe", "setup")
    return payments


def use(stack, user, shots, backend="ionq_simulator"):
    answer = stack.post("/billing/record-usage", {"api_key": user["api_key"], "backend": backend, "shots": shots})
    assert answer.status == 200, answer


def use_many(stack, user, count, mark="u"):
    for start in range(0, count, 1000):
        events = [{"id": f"{mark}{start + number}", "backend": "simulator", "shots": 1 + number % 7}
                  for number in range(min(1000, count - start))]
        answer = stack.post("/api/v1/usage/events", {"events": events}, key=user["api_key"])
        assert answer.json["accepted"] == len(events), answer


def waiting(stack):
    return stack.sql("SELECT count(*) - count(failed_at) AS n FROM outbox WHERE kind <> 'mail'")[0]["n"]


def reported(stack):
    return stack.stripe.meter_events()


def assert_all_reported_once(stack, timeout=60):
    wait_until(lambda: waiting(stack) == 0, timeout, "the outbox")
    uses = [row["quantity"] for row in stack.sql("SELECT quantity FROM usage_event WHERE meter = 'shots' AND quantity > 0")]
    events = reported(stack)
    assert sorted(int(event["payload"]["value"]) for event in events) == sorted(uses)
    assert len({event["identifier"] for event in events}) == len(uses)
    assert [event for event in events if event["error"]] == []


def test_every_way_to_use_is_reported_once(house):
    user = house.register()
    key, customer = user["api_key"], user["stripe_customer_id"]
    use(house, user, 12)
    house.post("/billing/record-usage", {"api_key": key, "backend": "simulator", "shots_executed": 0, "success": False})
    house.post("/billing/log-usage", {"api_key": key, "backend": "x", "shots": 3, "time_seconds": 1, "notes": "n"})
    authorize = {"backend": "simulator", "shots": 5}
    for _ in range(2):
        answer = house.post("/api/v1/usage/authorize", authorize, key=key, headers={"Idempotency-Key": "a"})
        assert answer.json["allowed"], answer
    refused = house.post("/api/v1/usage/authorize", {"backend": "simulator", "shots": 5000}, key=key)
    assert not refused.json["allowed"]
    events = [{"id": "e1", "backend": "simulator", "shots": 7}, {"id": "e1", "backend": "simulator", "shots": 7},
              {"id": "e2", "backend": "simulator", "shots": -1}, {"id": "e3", "backend": "simulator", "quantity": 9}]
    assert house.post("/api/v1/usage/events", {"events": events}, key=key).json["accepted"] == 2
    assert_all_reported_once(house)
    assert sorted(int(event["payload"]["value"]) for event in reported(house)) == [5, 7, 9, 12]
    for event in reported(house):
        assert (event["event_name"], event["payload"]["stripe_customer_id"]) == ("quantum_shot", customer)
        assert abs(event["timestamp"] - time.time()) < 120


def test_before_set_up_nothing_is_reported_and_nothing_waits(payments):
    use(payments, payments.register(), 5)
    assert (waiting(payments), reported(payments)) == (0, [])


def test_who_is_no_customer_is_not_reported(house):
    use(house, house.register(create_stripe_account=False), 5)
    assert (waiting(house), reported(house)) == (0, [])


def test_what_was_used_before_the_account_was_linked_is_reported_then(house):
    house.stripe.fault("/v1/customers", "500", times=2)
    user = house.register()
    assert user["stripe_customer_id"] is None
    use(house, user, 5)
    wait_until(lambda: house.get("/auth/user", key=user["api_key"]).json["stripe_customer_id"], 30, "the link")
    use(house, user, 6)
    assert_all_reported_once(house)


def test_uses_of_long_ago_are_reported_as_far_back_as_stripe_takes_them(house):
    user = house.register()
    then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 300 * 86_400))
    house.post("/api/v1/usage/events", {"events": [{"id": "old", "backend": "simulator", "shots": 4,
                                                    "occurred_at": then}]}, key=user["api_key"])
    assert_all_reported_once(house)


@pytest.mark.parametrize("kind", ["500", "429", "409", "close", "garbage", "500_after_commit", "timeout_after_commit"])
def test_whatever_the_trouble_each_use_arrives_once(house, kind):
    user = house.register()
    house.stripe.fault(EVENTS, kind, times=3, delay=11)
    for shots in range(1, 9):
        use(house, user, shots)
    assert_all_reported_once(house)


def test_after_an_outage_everything_arrives_once_and_meanwhile_nothing_is_worn_out(house):
    user = house.register()
    house.stripe.stop()
    use_many(house, user, 1000)
    time.sleep(3)
    # The breaker keeps all but a few untouched, and the log readable.
    tried = house.sql("SELECT count(*) AS n FROM outbox WHERE attempts > 0")[0]["n"]
    assert tried < 50 and house.log.count("an outbox item") < 100
    assert waiting(house) == 1000
    house.stripe.start()
    wait_until(lambda: house.get("/auth/user", key=user["api_key"]).status == 200, 5)
    assert_all_reported_once(house, 120)


def test_an_item_that_stripe_refuses_stands_aside_for_a_person_and_the_others_pass(house):
    user = house.register()
    with sqlite3.connect(house.state / "purser.db", timeout=10) as db:
        account = db.execute("SELECT id FROM account").fetchone()[0]
        row = "INSERT INTO outbox (kind, account_id, payload, idempotency_key, next_attempt_at, created_at) "
        db.execute(row + "VALUES ('stripe.meter_event', ?, ?, 'poison', 0, 0)",
                   (account, '{"event_name":"no_such_meter","value":1,"timestamp":1}'))
        db.execute(row + "VALUES ('no.such.kind', ?, '{}', 'unknown', 0, 0)", (account,))
    use_many(house, user, 200)
    wait_until(lambda: len(reported(house)) == 200, 60, "the others")
    wait_until(lambda: house.sql("SELECT kind FROM outbox WHERE failed_at IS NOT NULL") == [
        {"kind": "stripe.meter_event"}], 15, "giving up")
    # What only another version knows waits for it. Nothing of this is silent.
    told = json.loads(house.shell("check", "--json").stdout)
    rows = house.sql("SELECT kind FROM outbox WHERE failed_at IS NULL")
    assert (told["outbox_failed"], told["outbox_waiting"]) == (1, len(rows))
    assert [row["kind"] for row in rows if row["kind"] != "mail"] == ["no.such.kind"]


def test_those_who_wait_for_an_answer_pass_a_thousand_reports(house):
    user = house.register()
    house.stripe.fault(EVENTS, "slow", times=5000, delay=0.2)
    use_many(house, user, 1000)
    for number in range(3):
        answer = house.post("/billing/create-payment", {"amount": 5}, key=user["api_key"], timeout=10)
        assert answer.status == 200, answer
    assert waiting(house) > 0
    house.stripe.clear_faults()
    assert_all_reported_once(house, 120)


def test_stopping_does_not_wait_for_the_outbox_and_the_rest_goes_out_next_time(house):
    user = house.register()
    house.stripe.fault(EVENTS, "slow", times=5000, delay=0.3)
    use_many(house, user, 500)
    assert house.stop_purser(timeout=20) == 0
    assert waiting(house) > 100
    house.stripe.clear_faults()
    house.start_purser()
    assert_all_reported_once(house, 120)


def test_killed_in_between_each_use_still_arrives_once(house):
    user = house.register()
    marks = itertools.count()
    for _ in range(4):
        use_many(house, user, 150, mark=f"k{next(marks)}-")
        seen = len(reported(house))
        wait_until(lambda: len(reported(house)) > seen + 10, 30, "some reports")
        house.stop_purser(9)
        house.start_purser()
    assert_all_reported_once(house, 120)
    assert house.findings() == []
