"""Budgets: what an account is willing to spend in a month, kept to the cent however many ask at once."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from answers import assert_problem, record, sign_in

BUDGET = "/api/v1/budget"


@pytest.fixture
def payer(stack, user):
    """An account that runs up a bill, with the headers of its owner's browser."""
    stack.shell("account", "plan", user["email"], "enterprise")
    return user | {"session": sign_in(stack, user)}


def set_budget(stack, payer, amount, **more):
    answer = stack.ask("PUT", BUDGET, {"amount": amount, **more}, headers=payer["session"])
    assert answer.status == 200, answer
    return answer.json


def authorize(stack, payer, shots=1, backend="ionq_simulator"):
    body = {"backend": backend, "shots": shots}
    answer = stack.post("/api/v1/usage/authorize", body, key=payer["api_key"])
    assert answer.status == 200, answer
    return answer.json


def test_there_is_none_at_first(stack, payer):
    shown = stack.get(BUDGET, headers=payer["session"]).json
    assert (shown["amount"], shown["stops"], shown["spent"]) == (None, False, 0)
    assert (shown["remaining"], shown["percent"]) == (None, None)


def test_it_is_set_shown_changed_and_removed(stack, payer):
    record(stack, payer["api_key"], "ibm_torino", 2)
    shown = set_budget(stack, payer, 24.50)
    assert shown == stack.get(BUDGET, headers=payer["session"]).json
    assert (shown["amount"], shown["stops"], shown["spent"]) == (24.5, False, 6)
    assert (shown["remaining"], shown["percent"]) == (18.5, 24)
    assert set_budget(stack, payer, 5, stops=True)["remaining"] == 0
    for _ in range(2):
        assert stack.ask("DELETE", BUDGET, headers=payer["session"]).json == {"deleted": True}
    assert stack.get(BUDGET, headers=payer["session"]).json["amount"] is None
    actions = [row["action"] for row in stack.sql(
        "SELECT e.action FROM audit_entry e JOIN member m ON m.account_id = e.account_id "
        f"WHERE m.person_id = {payer['id']} AND e.action LIKE 'budget.%' ORDER BY e.id")]
    assert actions == ["budget.changed", "budget.changed", "budget.removed"]


@pytest.mark.parametrize("amount", [-1, 0.001, 10 ** 10, "5", None, True])
def test_an_amount_is_dollars_and_cents(stack, payer, amount):
    answer = stack.ask("PUT", BUDGET, {"amount": amount}, headers=payer["session"])
    assert_problem(answer, 400, code="invalid_field")
    assert answer.json["errors"][0]["field"] == "amount"


def test_one_that_stops_refuses_what_it_does_not_cover(stack, payer):
    set_budget(stack, payer, 1, stops=True)
    assert authorize(stack, payer, 99)["allowed"] is True
    refused = authorize(stack, payer, 2)
    assert (refused["allowed"], refused["code"], refused["upgrade_required"]) == (False, "budget_exceeded", False)
    check = {"api_key": payer["api_key"], "requested_shots": 2, "backend": "ionq_simulator"}
    answer = stack.post("/billing/check-limits", check)
    assert (answer.status, answer.json["code"]) == (403, "budget_exceeded")
    # A use that has happened is recorded all the same.
    record(stack, payer["api_key"], "ionq_simulator", 50)
    assert stack.get(BUDGET, headers=payer["session"]).json["spent"] == 1.49
    assert authorize(stack, payer, 1)["code"] == "budget_exceeded"
    assert authorize(stack, payer, 0)["allowed"] is True


def test_one_that_only_tells_refuses_nothing(stack, payer):
    set_budget(stack, payer, 1)
    assert authorize(stack, payer, 500)["allowed"] is True


def test_a_raised_one_holds_from_the_next_use_on(stack, payer):
    set_budget(stack, payer, 0.01, stops=True)
    assert authorize(stack, payer, 2)["code"] == "budget_exceeded"
    set_budget(stack, payer, 0.02, stops=True)
    assert authorize(stack, payer, 2)["allowed"] is True


def test_sixty_four_at_once_never_overdraw_it(stack, payer):
    set_budget(stack, payer, 0.77, stops=True)
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda _: authorize(stack, payer), range(160)))
    assert sum(answer["allowed"] for answer in answers) == 77
    assert {answer["code"] for answer in answers if not answer["allowed"]} == {"budget_exceeded"}
    shown = stack.get(BUDGET, headers=payer["session"]).json
    assert (shown["spent"], shown["remaining"], shown["percent"]) == (0.77, 0, 100)


def test_the_limits_list_it_with_all_others(stack, payer):
    set_budget(stack, payer, 2, stops=True)
    authorize(stack, payer, 50)
    made = stack.post("/api/v1/keys", {"label": "narrow", "monthly_quota": 9}, headers=payer["session"]).json["key"]
    answer = stack.get("/api/v1/limits", headers=payer["session"]).json
    assert answer["plan"] == "enterprise"
    limits = {(limit["kind"], limit["subject"]): limit for limit in answer["limits"]}
    spending = limits["budget", "spending"]
    assert (spending["used"], spending["limit"], spending["remaining"], spending["percent"]) == (0.5, 2, 1.5, 25)
    assert "POST /api/v1/usage/authorize" in spending["enforced_by"]
    assert (limits["plan", "shots"]["used"], limits["plan", "shots"]["limit"]) == (50, None)
    assert limits["plan", "calls"]["used"] >= 1
    narrow = limits["key", "calls"]
    assert (str(narrow["id"]), narrow["label"]) == (str(made["id"]), "narrow")
    assert (narrow["used"], narrow["limit"]) == (0, 9)
    assert len({json.dumps(sorted(limit)) for limit in answer["limits"]}) == 1, "one shape"


def test_a_free_plan_says_what_it_allows(stack, user):
    limits = stack.get("/api/v1/limits", headers=sign_in(stack, user)).json["limits"]
    assert {limit["subject"]: limit["limit"] for limit in limits} == {
        "shots": 100, "inferences": 100, "calls": 1000, "keys": 3}


def test_a_gateways_question_is_one_call(stack, payer):
    def calls():
        limits = stack.get("/api/v1/limits", headers=payer["session"]).json["limits"]
        return next(limit["used"] for limit in limits if limit["subject"] == "calls")

    body = {"label": "gateway", "scopes": ["keys:verify"]}
    gateway = stack.post("/api/v1/keys", body, headers=payer["session"]).json["api_key"]
    before = calls()
    for _ in range(5):
        answer = stack.post("/api/v1/keys/verify", {"key": payer["api_key"]}, key=gateway)
        assert answer.json["valid"] is True, answer
    assert calls() == before + 5


def test_a_key_cannot_change_it(stack, payer):
    assert_problem(stack.ask("PUT", BUDGET, {"amount": 5}, key=payer["api_key"]), 401)


def test_the_books_are_sound(stack):
    assert stack.findings() == []
