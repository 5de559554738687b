"""Plans and prices: what anybody sees of them, what operators make of them, by page and by shell."""

import json

import pytest
from answers import assert_problem
from people import Browser, invite, owner
from stack import Stack

FEE = {"name": "base", "label": "Team", "model": "flat", "amount": 25}


@pytest.fixture(scope="module")
def house():
    with Stack() as stack:
        people = stack.seed()
        person = people["operator"]
        stack.operator = Browser(stack).sign_in(person["email"], api_key=person["api_key"])
        yield stack
        assert stack.findings() == []


def plan(stack, code):
    return next(one for one in stack.get("/api/v1/plans").json["data"] if one["code"] == code)


def test_anybody_sees_the_plans_that_are_offered_with_prices_and_limits(house):
    growth = plan(house, "partner_growth")
    assert (growth["family"], growth["tier"], growth["trial_days"]) == ("partner", "growth", 0)
    assert {limit["subject"]: limit["quantity"] for limit in growth["limits"]} == {"apps": 5, "calls": 100_000}
    assert {price["interval"]: price["amount"] for price in growth["prices"]} == {"month": 49, "year": 470}
    codes = [one["code"] for one in house.get("/api/v1/plans?family=billing").json["data"]]
    assert codes == ["billing_trial", "billing_starter", "billing_professional", "billing_enterprise"]


def test_prices_are_listed_of_plans_and_of_what_is_used(house):
    prices = house.get("/api/v1/prices").json
    assert {"partner_pro", "billing_trial"} <= {one["plan"] for one in prices["plans"]}
    assert next(one for one in prices["backends"] if one["backend"] == "ibm_torino")["unit_price"] == 3


def test_an_operator_makes_changes_prices_and_archives_a_plan(house):
    body = {"code": "team", "name": "Team", "trial_days": 14, "features": ["Five seats"],
            "limits": [{"subject": "seats", "quantity": 5},
                       {"subject": "calls", "quantity": 20_000, "overage_price": 0.001}],
            "prices": [{"interval": "month", "prices": {"currency": "usd", "items": [FEE]}}]}
    made = house.operator.post("/api/v1/admin/plans", body)
    assert made.status == 201, made
    assert made.json["prices"][0]["amount"] == 25
    assert_problem(house.operator.post("/api/v1/admin/plans", body), 409, code="plan_exists")
    changed = house.operator.patch("/api/v1/admin/plans/team", {"name": "Teams", "trial_days": 7}).json["plan"]
    assert (changed["name"], changed["trial_days"], len(changed["limits"])) == ("Teams", 7, 2)
    priced = house.operator.post("/api/v1/admin/plans/team/prices", {
        "interval": "month", "prices": {"currency": "usd", "items": [FEE | {"amount": 30}]},
        "effective_from": "2199-01-01T00:00:00Z"})
    assert (priced.status, priced.json["amount"]) == (201, 30)
    assert plan(house, "team")["prices"][0]["amount"] == 25
    assert len(house.operator.get("/api/v1/admin/plans/team").json["plan"]["prices"]) == 2
    archived = house.operator.patch("/api/v1/admin/plans/team", {"archived": True})
    assert archived.json["plan"]["archived_at"]
    assert "team" not in [one["code"] for one in house.get("/api/v1/plans").json["data"]]
    actions = [entry["action"] for entry in house.operator.get("/api/v1/admin/audit?limit=10").json["entries"]]
    assert actions[:4] == ["plan.archived", "plan.priced", "plan.changed", "plan.created"]


@pytest.mark.parametrize("body, field", [
    ({"code": "x", "name": "X", "limits": [{"subject": "moons", "quantity": 1}]}, "limits[0].subject"),
    ({"code": "x", "name": "X", "limits": [{"subject": "keys", "quantity": 1, "overage_price": 1}]},
     "limits[0].overage_price"),
    ({"code": "Big Plan", "name": "X"}, "code"),
    ({"code": "x", "name": "X", "family": "partner"}, "code"),
])
def test_a_plan_with_a_mistake_is_refused_by_its_field(house, body, field):
    problem = assert_problem(house.operator.post("/api/v1/admin/plans", body), 400)
    assert problem["errors"][0]["field"] == field


def test_prices_of_the_past_are_never_changed(house):
    body = {"interval": "month", "prices": {"currency": "usd", "items": [FEE]}}
    path = "/api/v1/admin/plans/billing_starter/prices"
    assert_problem(house.operator.post(path, body | {"effective_from": "2020-01-01T00:00:00Z"}), 400)
    body = body | {"effective_from": "2198-01-01T00:00:00Z"}
    assert house.operator.post(path, body).status == 201
    assert_problem(house.operator.post(path, body), 409, code="prices_exist")


def test_the_free_plan_stays(house):
    assert_problem(house.operator.patch("/api/v1/admin/plans/free", {"archived": True}), 409, code="plan_needed")


def test_a_backends_price_holds_for_the_next_use(house):
    user = house.register("prices@example.com")
    body = {"api_key": user["api_key"], "requested_shots": 1, "backend": "new_simulator"}
    assert house.post("/billing/check-limits", body).json["cost"] == 0.001
    answer = house.operator.post("/api/v1/admin/prices", {
        "meter": "shots", "backend": "new_simulator", "unit_price": 0.25, "simulator": True})
    assert (answer.status, answer.json["unit_price"]) == (201, 0.25)
    assert house.post("/billing/check-limits", body).json["cost"] == 0.25


def test_the_shell_does_the_same_from_a_file_or_standard_input(house, tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"code": "shell_plan", "name": "By shell",
                                "prices": [{"interval": "year", "prices": {"currency": "usd", "items": [FEE]}}]}))
    assert "shell_plan" in house.shell("plan", "create", str(file)).stdout
    assert "shell_plan" in house.shell("plan", "list").stdout
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({"currency": "usd", "items": [FEE | {"amount": 5}]}))
    assert "5.00 usd a month" in house.shell("plan", "price", "shell_plan", str(prices)).stdout
    shown = json.loads(house.shell("plan", "show", "shell_plan", "--json").stdout)["plan"]
    assert {price["interval"] for price in shown["prices"]} == {"month", "year"}
    house.shell("plan", "archive", "shell_plan")
    assert plan_codes(house).isdisjoint({"shell_plan"})
    house.shell("plan", "archive", "shell_plan", "--undo")
    assert "shell_plan" in plan_codes(house)
    assert house.shell("plan", "create", str(tmp_path / "none.json"), check=False).returncode == 1


def plan_codes(stack):
    return {one["code"] for one in stack.get("/api/v1/plans").json["data"]}


def test_a_plans_seats_are_what_members_and_invitations_take(house):
    house.operator.post("/api/v1/admin/plans", {
        "code": "pair", "name": "Pair", "limits": [{"subject": "seats", "quantity": 2}]})
    olga = owner(house, "seats@example.com")
    house.shell("account", "plan", str(olga.account), "pair")
    invite(house, olga, "second@example.com", "viewer")
    refused = olga.post("/api/v1/invitations", {"email": "third@example.com", "role": "viewer"})
    assert_problem(refused, 403, code="seat_limit_reached", members={"upgrade_required"})
    seats = next(one for one in olga.get("/api/v1/limits").json["limits"] if one["subject"] == "seats")
    assert (seats["used"], seats["limit"]) == (1, 2)


def test_calls_of_a_day_and_in_all_are_limited(house):
    house.operator.post("/api/v1/admin/plans", {
        "code": "tiny", "name": "Tiny", "limits": [{"subject": "calls_day", "quantity": 3},
                                                   {"subject": "calls_total", "quantity": 1000}]})
    olga = owner(house, "calls@example.com")
    house.shell("account", "plan", str(olga.account), "tiny")
    keys = [json.loads(house.shell("key", "create", str(olga.account), "--json").stdout)["api_key"] for _ in range(2)]
    told = [house.post("/api/v1/keys/verify", {"key": keys[0]}, key=keys[1]).json for _ in range(4)]
    assert [one["valid"] for one in told] == [True, True, True, False], told
    limits = {one["subject"]: one for one in olga.get("/api/v1/limits").json["limits"]}
    assert (limits["calls_day"]["used"], limits["calls_total"]["used"]) == (3, 3)
