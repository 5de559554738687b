"""Uses passed on to Lago: each once, whatever happens on the way, and shown together with what Lago knows."""

import datetime
import itertools

import pytest
from answers import record, sign_in
from lago_double import LagoDouble
from stack import Stack, wait_until

numbers = itertools.count(1)


@pytest.fixture
def house():
    with LagoDouble() as lago, Stack(**lago.settings) as stack:
        stack.lago = lago
        # What is recorded from the first start on is passed on.
        wait_until(lambda: stack.sql("SELECT * FROM usage_forwarding"), what="the beginning")
        yield stack
        assert stack.findings() == []


@pytest.fixture
def user(house):
    user = house.register(email=f"lagoon{next(numbers)}@example.com")
    house.shell("account", "plan", user["email"], "enterprise")
    return user | {"session": sign_in(house, user)}


def ingest(house, user, *events):
    answer = house.post("/api/v1/usage/events", {"events": list(events)}, key=user["api_key"])
    assert answer.status == 200 and answer.json["rejected"] == 0, answer


def usage(house, user):
    answer = house.get("/api/v1/billing/usage", headers=user["session"])
    assert answer.status == 200, answer
    return answer.json


def arrived(house, count):
    wait_until(lambda: len(house.lago.events) >= count, what=f"{count} events at Lago")
    last = house.sql("SELECT max(id) AS id FROM usage_event")[0]["id"]
    wait_until(lambda: house.sql("SELECT event_id AS id FROM usage_forwarding")[0]["id"] == last, what="the cursor")
    assert len(house.lago.events) == count


def test_every_use_arrives_once_in_batches_of_a_hundred(house, user):
    ingest(house, user, *({"backend": "m", "meter": "embedding", "quantity": 2} for _ in range(250)))
    record(house, user["api_key"], shots=3)
    arrived(house, 251)
    assert max(len(batch) for batch in house.lago.batches) <= 100
    assert house.lago.units(1, "embedding") == 500 and house.lago.units(1, "shots") == 3


def test_an_answer_that_was_lost_counts_nothing_twice(house, user):
    house.lago.loses_answers = 1
    ingest(house, user, *({"backend": "m", "meter": "tts", "quantity": 1} for _ in range(20)))
    arrived(house, 20)
    assert len(house.lago.batches) >= 2


@pytest.mark.parametrize("status", [500, 429, 401])
def test_what_it_does_not_take_now_it_gets_later(house, user, status):
    house.lago.status = status
    ingest(house, user, {"backend": "m", "meter": "stt", "quantity": 7})
    wait_until(lambda: "uses wait to be passed on" in house.log, what="the warning")
    # Nobody here waits for Lago.
    assert usage(house, user)["usage"]["month"]["stt"] == 7
    assert usage(house, user)["lago"] is None
    house.lago.status = None
    arrived(house, 1)


def test_a_metric_that_it_does_not_know_holds_up_nothing_else(house, user):
    house.lago.unknown_codes = {"tts"}
    ingest(house, user, {"backend": "m", "meter": "tts", "quantity": 1}, {"backend": "m", "meter": "stt", "quantity": 1})
    arrived(house, 1)
    refused = house.sql("SELECT refused, error FROM usage_forwarding")[0]
    assert refused["refused"] == 1 and "metric_not_found" in refused["error"]


def test_a_restart_goes_on_where_it_was(house, user):
    record(house, user["api_key"], shots=1)
    arrived(house, 1)
    house.stop_purser()
    house.start_purser()
    record(house, user["api_key"], shots=1)
    arrived(house, 2)
    assert sum(len(batch) for batch in house.lago.batches) == 2


def test_figures_are_the_larger_of_both(house, user):
    first = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-01T00:00:00Z")
    house.lago.period_start = first
    ingest(house, user, {"backend": "m", "meter": "embedding", "quantity": 5},
           {"backend": "m", "meter": "stt", "quantity": 4})
    arrived(house, 2)
    house.lago.others["1"]["embedding"] = 30
    shown = usage(house, user)
    assert shown["usage"]["today"] == {"inference": 0, "embedding": 5, "tts": 0, "stt": 4}
    assert shown["usage"]["month"] == {"inference": 0, "embedding": 35, "tts": 0, "stt": 4}
    assert shown["lago"] == {"inference": 0, "embedding": 35, "tts": 0, "stt": 4}
    assert shown["credits"]["used"] == 39
    # It is remembered for a minute.
    asked = house.lago.asked
    for _ in range(5):
        usage(house, user)
    assert house.lago.asked == asked


def test_a_billing_period_that_began_before_the_month_says_nothing_of_the_month(house, user):
    house.lago.others["1"]["embedding"] = 30
    ingest(house, user, {"backend": "m", "meter": "embedding", "quantity": 5})
    assert usage(house, user)["usage"]["month"]["embedding"] == 5
