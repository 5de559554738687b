"""POST /api/v1/usage/authorize: ask, record and pay in one step, however many ask at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from answers import assert_problem, record, usage


def authorize(stack, user, shots=1, backend="ionq_simulator", **more):
    answer = stack.post("/api/v1/usage/authorize", {"backend": backend, "shots": shots}, key=user["api_key"], **more)
    assert answer.status == 200, answer
    return answer.json


def race(count, ask):
    with ThreadPoolExecutor(64) as pool:
        return list(pool.map(ask, range(count)))


def test_what_is_allowed_is_recorded_and_paid(stack, user):
    body = authorize(stack, user, 30)
    assert isinstance(body.pop("usage_id"), int)
    assert body == {"allowed": True, "cost": 0.30, "remaining": 70, "limit": 100, "plan": "free"}
    assert (usage(stack, user["api_key"])["total_shots"], usage(stack, user["api_key"])["total_spent"]) == (30, 0.3)
    assert stack.post("/auth/validate", {"api_key": user["api_key"]}).json["user"]["balance"] == 9.7


@pytest.mark.parametrize("shots, backend, code", [
    (101, "ionq_simulator", "quota_exceeded"), (1, "ibm_torino", "backend_not_in_plan"),
])
def test_what_is_refused_is_not_recorded(stack, user, shots, backend, code):
    body = authorize(stack, user, shots, backend)
    assert isinstance(body.pop("reason"), str) and body.pop("cost") > 0
    assert body == {"allowed": False, "code": code, "upgrade_required": True, "remaining": 100, "limit": 100,
                    "plan": "free"}
    assert usage(stack, user["api_key"])["total_shots"] == 0


def test_a_prepaid_plan_ends_with_its_credit(stack, user):
    record(stack, user["api_key"], "ibm_torino", 3)
    body = authorize(stack, user, 51, "aws_tn1")
    assert (body["allowed"], body["code"]) == (False, "insufficient_funds")
    check = {"api_key": user["api_key"], "requested_shots": 51, "backend": "aws_tn1"}
    assert stack.post("/billing/check-limits", check).status == 403
    assert authorize(stack, user, 50, "aws_tn1")["allowed"] is True
    assert authorize(stack, user, 1)["code"] == "insufficient_funds"
    assert stack.get("/dashboard/invoices", key=user["api_key"]).json["current_balance"] == 0


def test_a_plan_that_is_billed_runs_on(stack, user):
    stack.shell("account", "plan", user["email"], "enterprise")
    body = authorize(stack, user, 20, "ibm_torino")
    assert (body["allowed"], body["cost"], body["remaining"], body["limit"]) == (True, 60, None, None)
    assert stack.get("/dashboard/invoices", key=user["api_key"]).json["current_balance"] == 50


def test_inferences_have_a_quota_of_their_own(stack, user):
    body = {"backend": "inference", "quantity": 100, "meter": "inferences"}
    assert stack.post("/api/v1/usage/authorize", body, key=user["api_key"]).json["remaining"] == 0
    body["quantity"] = 1
    assert stack.post("/api/v1/usage/authorize", body, key=user["api_key"]).json["code"] == "quota_exceeded"
    assert authorize(stack, user, 100)["allowed"] is True


def test_racing_for_a_quota_exactly_what_is_left_passes(stack, user):
    record(stack, user["api_key"], shots=60)
    answers = race(128, lambda _: authorize(stack, user))
    allowed = [answer for answer in answers if answer["allowed"]]
    assert len(allowed) == 40
    assert sorted(answer["remaining"] for answer in allowed) == list(range(40))
    refused = {(answer["code"], answer["remaining"]) for answer in answers if not answer["allowed"]}
    assert refused == {("quota_exceeded", 0)}
    month = stack.get(f"/billing/usage/{user['id']}", key=user["api_key"]).json
    assert (month["shots_used"], month["shots_remaining"], month["total_cost"]) == (100, 0, 1)


def test_racing_in_bites_never_passes_the_quota(stack, user):
    answers = race(64, lambda number: authorize(stack, user, 7))
    assert sum(answer["allowed"] for answer in answers) == 100 // 7
    assert stack.post("/auth/validate", {"api_key": user["api_key"]}).json["quota"] == {"shots_used": 98}


def test_recording_and_authorizing_at_once_lose_nothing(stack, user):
    def ask(number):
        if number % 2:
            return record(stack, user["api_key"])["usage_id"]
        return authorize(stack, user).get("usage_id")
    ids = [id for id in race(160, ask) if id is not None]
    recorded, authorized = 80, len(ids) - 80
    assert len(set(ids)) == len(ids) and 20 <= authorized <= 80
    assert usage(stack, user["api_key"])["total_shots"] == recorded + authorized
    assert authorize(stack, user)["code"] == "quota_exceeded"


def test_racing_for_credit_it_never_goes_below_nothing(make_stack):
    stack = make_stack(OPENING_CREDIT="0.37")
    user = stack.register()
    answers = race(64, lambda _: authorize(stack, user))
    assert sum(answer["allowed"] for answer in answers) == 37
    assert {answer["code"] for answer in answers if not answer["allowed"]} == {"insufficient_funds"}
    assert stack.post("/auth/validate", {"api_key": user["api_key"]}).json["user"]["balance"] == 0
    assert stack.get("/dashboard/invoices", key=user["api_key"]).json["current_balance"] == 0
    assert stack.findings() == []


def test_no_key_authorizes_nothing(stack, user):
    body = {"backend": "simulator", "shots": 1, "api_key": user["api_key"]}
    assert_problem(stack.post("/api/v1/usage/authorize", body), 401)


def test_the_books_are_sound(stack):
    assert stack.findings() == []
