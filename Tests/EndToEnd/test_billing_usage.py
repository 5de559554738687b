"""Day, month and credits of an account, and what it would have paid on a plan whose prices it could have."""

import itertools
import json
import sqlite3

import pytest
from answers import assert_problem, record, sign_in
from stack import Stack

numbers = itertools.count(1)

PRICES = {"currency": "usd", "items": [
    {"name": "base", "model": "flat", "amount": 49},
    {"name": "credits", "meter": "credits", "model": "per_unit", "unit_price": 0.002, "included": 500}]}


@pytest.fixture(scope="module")
def house():
    with Stack() as stack:
        stack.stop_purser()
        with sqlite3.connect(stack.store / "purser.db") as db:
            db.execute("INSERT INTO plan (code, name, is_prepaid, simulators_only) VALUES ('mate', 'Mate', 0, 0)")
            db.execute("INSERT INTO plan_price (plan_id, currency, interval, effective_from, prices, created_at) "
                       "SELECT id, 'usd', 'month', 0, ?, 0 FROM plan WHERE code = 'mate'", (json.dumps(PRICES),))
        db.close()
        stack.start_purser()
        yield stack
        assert stack.findings() == []


@pytest.fixture
def user(house):
    user = house.register(email=f"mate{next(numbers)}@example.com")
    house.shell("account", "plan", user["email"], "mate")
    return user | {"session": sign_in(house, user)}


def shown(house, user):
    answer = house.get("/api/v1/billing/usage", headers=user["session"])
    assert answer.status == 200, answer
    return answer.json


def test_it_is_empty_at_first(house, user):
    none = {"inference": 0, "embedding": 0, "tts": 0, "stt": 0}
    assert shown(house, user) == {
        "usage": {"today": none, "month": none},
        "credits": {"tier": "mate", "included_credits": 500, "used": 0, "remaining": 500, "overage": 0,
                    "overage_cost": 0, "price_per_1k": 2},
        "tier": "mate", "lago": None}


def test_585_of_500_credits_are_85_over_for_17_cents(house, user):
    events = [{"backend": "m", "meter": meter, "quantity": quantity} for meter, quantity in (
        ("inference", 300), ("inferences", 85), ("embedding", 150), ("tts", 30), ("stt", 20), ("shots", 7))]
    answer = house.post("/api/v1/usage/events", {"events": events}, key=user["api_key"])
    assert answer.json["accepted"] == 6, answer
    month = {"inference": 385, "embedding": 150, "tts": 30, "stt": 20}
    found = shown(house, user)
    assert found["usage"] == {"today": month, "month": month}
    assert found["credits"] == {"tier": "mate", "included_credits": 500, "used": 585, "remaining": 0, "overage": 85,
                                "overage_cost": 0.17, "price_per_1k": 2}


@pytest.mark.parametrize("word, meter", [("embedding", "embedding"), ("tts", "tts"), ("stt", "stt"),
                                         ("inference", "inferences"), ("quantum", "shots"), ("", "shots")])
def test_the_usage_type_names_the_meter_and_is_else_the_clients_own_word(house, user, word, meter):
    body = {"api_key": user["api_key"], "backend": "simulator", "shots_executed": 9, "usage_type": word}
    answer = house.post("/billing/record-usage", body)
    assert answer.status == 200, answer
    rows = house.sql(f"SELECT meter, quantity FROM usage_event WHERE id = {answer.json['usage_id']}")
    assert rows == [{"meter": meter, "quantity": 9}]


def test_other_meters_are_listed_among_the_limits_once_they_are_used(house, user):
    def subjects():
        return {limit["subject"] for limit in house.get("/api/v1/limits", headers=user["session"]).json["limits"]}

    assert "stt" not in subjects()
    house.post("/api/v1/usage/events", {"events": [{"backend": "m", "meter": "stt", "quantity": 1}]},
               key=user["api_key"])
    assert "stt" in subjects()


def test_an_account_is_told_what_it_would_have_paid(house, user):
    record(house, user["api_key"], "simulator", 5)
    answer = house.post("/api/v1/simulate", {"plan": "mate", "months": 2}, headers=user["session"])
    assert answer.status == 200, answer
    # It was made this month: before, it had used nothing and would have paid nothing.
    assert (answer.json["before"], answer.json["after"], answer.json["periods"]) == (0, 0, [])
    assert_problem(house.post("/api/v1/simulate", {"plan": "mate", "interval": "year"}, headers=user["session"]), 400)
    assert_problem(house.post("/api/v1/simulate", {"plan": "mate", "months": 13}, headers=user["session"]), 400)


def test_a_plan_is_simulated_for_those_who_were_there(house, user):
    house.stop_purser()
    with sqlite3.connect(house.store / "purser.db") as db:
        db.execute("UPDATE account SET created_at = 0 WHERE id = (SELECT account_id FROM member WHERE person_id = ?)",
                   (user["id"],))
    db.close()
    house.start_purser()
    answer = house.post("/api/v1/simulate", {"plan": "mate", "months": 2}, headers=user["session"]).json
    # It is on that plan already.
    assert (answer["before"], answer["after"], answer["difference"]) == (98, 98, 0)
    assert [period["amount"] for period in answer["periods"]] == [49, 49]
