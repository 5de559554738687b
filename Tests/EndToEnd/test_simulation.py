"""What past use would have cost under other prices: for everybody, by the shell, and for an account itself."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from answers import assert_problem, record, sign_in
from stack import Stack

DRAFT = {"currency": "usd", "items": [
    {"name": "base", "model": "flat", "amount": 20},
    {"name": "shots", "meter": "shots", "model": "per_unit", "unit_price": 0.5, "included": 100}]}


@pytest.fixture(scope="module")
def house():
    with Stack() as stack:
        operator = stack.seed()["operator"]
        stack.operator = sign_in(stack, operator)
        yield stack
        assert stack.findings() == []


def simulate(house, body, path="/api/v1/admin/simulate"):
    answer = house.post(path, body, headers=house.operator)
    assert answer.status == 200, answer
    return answer


def accounts(house):
    return house.sql("SELECT count(*) AS n FROM account")[0]["n"]


def test_everybody_is_rated_and_the_totals_are_those_of_the_file(house):
    shown = simulate(house, {"prices": DRAFT}).json
    assert shown["accounts"] + shown["left_out"] == accounts(house)
    assert (shown["currency"], shown["interval"]) == ("usd", "month")
    assert round(shown["after"] - shown["before"], 2) == shown["difference"]
    answer = simulate(house, {"prices": DRAFT}, "/api/v1/admin/simulate.csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert len(rows) == shown["accounts"]
    for name in ("before", "after", "difference"):
        assert round(sum(float(row[name]) for row in rows), 2) == shown[name]
    assert {row["account_id"]: float(row["after"]) for row in rows} == {
        str(row["account_id"]): row["after"] for row in shown["data"]}


def test_an_account_is_rated_by_hand(house):
    account = house.sql("SELECT id FROM account WHERE name = 'Helix Materials'")[0]["id"]
    day = date.today() - timedelta(days=10)
    body = {"prices": DRAFT, "from": str(day), "to": str(day), "account_ids": [account]}
    (row,) = simulate(house, body).json["data"]
    number = (day - date(1970, 1, 1)).days
    used = house.sql("SELECT coalesce(sum(quantity), 0) AS shots, coalesce(sum(cost_micros), 0) AS micros "
                     f"FROM usage_day WHERE account_id = {account} AND day = {number} AND meter = 'shots'")[0]
    month = ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    fee = int(2000 / month + 0.5) / 100
    assert row["before"] == (used["micros"] + 5000) // 10000 / 100
    assert row["after"] == round(fee + max(0, used["shots"] - 100) * 0.5, 2)


def test_the_shell_simulates_a_file(house, tmp_path):
    draft = tmp_path / "draft.json"
    draft.write_text(json.dumps({"prices": DRAFT}))
    shown = json.loads(house.shell("simulate", str(draft), "--json").stdout)
    assert shown == simulate(house, {"prices": DRAFT}).json
    text = house.shell("simulate", str(draft), "--csv").stdout
    assert text.startswith("account_id,name,before,after,difference,currency")
    assert len(text.splitlines()) == shown["accounts"] + 1
    assert "Helix Materials" in house.shell("simulate", str(draft)).stdout
    draft.write_text("{")
    assert house.shell("simulate", str(draft), check=False).returncode == 1


def test_another_currency_says_what_it_leaves_out(house):
    shown = simulate(house, {"prices": DRAFT | {"currency": "eur"}}).json
    assert (shown["accounts"], shown["left_out"], shown["after"]) == (0, accounts(house), 0)
    assert "no price by backend in eur" in shown["note"]


@pytest.mark.parametrize("body", [
    {}, {"prices": DRAFT, "plan": "pro"}, {"prices": {"currency": "usd", "items": [{"name": "x", "model": "flat"}]}},
    {"prices": DRAFT, "from": "2026-02-01", "to": "2026-01-01"}, {"prices": DRAFT, "from": "1990-01-01"},
    {"prices": DRAFT, "interval": "day"}, {"prices": DRAFT, "account_ids": ["x"]}])
def test_what_makes_no_sense_is_refused(house, body):
    assert_problem(house.post("/api/v1/admin/simulate", body, headers=house.operator), 400)


def test_what_is_not_there_is_not_found(house):
    for body in ({"plan": "nonesuch"}, {"prices": DRAFT, "account_ids": [999999]}):
        assert_problem(house.post("/api/v1/admin/simulate", body, headers=house.operator), 404)


def test_an_account_asks_for_itself(house):
    user = house.register(email="curious@example.com")
    session = sign_in(house, user)
    record(house, user["api_key"], shots=5)
    assert_problem(house.post("/api/v1/simulate", {"plan": "nonesuch"}, headers=session), 404)
    assert_problem(house.post("/api/v1/admin/simulate", {"prices": DRAFT}, headers=session), 403)
