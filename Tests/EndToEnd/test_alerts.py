"""Alerts: at 80, 90, 100 and 120 % of a limit or budget, once each, by mail and webhook, and when it is over."""

import itertools

import pytest
from answers import record, sign_in
from hook_receiver import HookReceiver
from mail_double import MailDouble
from stack import Stack, wait_until

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def house():
    with MailDouble() as mail, HookReceiver() as receiver:
        with Stack(WEBHOOK_PRIVATE_RANGES="127.0.0.0/8", **mail.settings) as stack:
            stack.mail, stack.receiver = mail, receiver
            yield stack
            assert stack.findings() == []
            assert "a request failed" not in stack.log


@pytest.fixture
def owner(house):
    user = house.register(email=f"captain{next(numbers)}@example.com")
    user["session"] = sign_in(house, user)
    user["path"] = f"/ok/alerts{user['id']}"
    body = {"url": house.receiver.url + user["path"], "events": ["usage.*", "budget.*"]}
    answer = house.post("/api/v1/webhooks", body, headers=user["session"])
    assert answer.status == 201, answer
    return user


def alerts(house, owner):
    answer = house.get("/api/v1/alerts", headers=owner["session"])
    assert answer.status == 200, answer
    return answer.json["alerts"]


def steps(house, owner, subject="shots"):
    return sorted(alert["percent"] for alert in alerts(house, owner) if alert["subject"] == subject)


def told(house, owner, subject):
    return len([mail for mail in house.mail.to(owner["email"]) if subject in mail.subject])


def test_each_step_is_mailed_posted_and_listed_once(house, owner):
    for shots, step in ((80, 80), (10, 90), (10, 100), (20, 120)):
        record(house, owner["api_key"], shots=shots)
        mail = house.mail.wait_for(owner["email"], subject=f"{step} % of your monthly limit of shots")
        assert "shots are used" in mail.text
    record(house, owner["api_key"], shots=100)
    deliveries = house.receiver.wait(owner["path"], 4)
    assert [(each.json["type"], each.json["data"]["percent"]) for each in deliveries] == [
        ("usage.threshold", step) for step in (80, 90, 100, 120)]
    assert deliveries[0].json["data"] | {"month": ""} == {
        "month": "", "meter": "shots", "percent": 80, "used": 80, "limit": 100}
    assert steps(house, owner) == [80, 90, 100, 120]
    assert [told(house, owner, f"{step} %") for step in (80, 90, 100, 120)] == [1, 1, 1, 1]
    assert {alert["severity"] for alert in alerts(house, owner) if alert["percent"] >= 100} == {"critical"}


def test_a_raised_limit_is_told_as_over(house, owner):
    record(house, owner["api_key"], shots=85)
    house.mail.wait_for(owner["email"], subject="80 %")
    house.shell("account", "plan", owner["email"], "pro")
    house.mail.wait_for(owner["email"], subject="within its limit again")
    assert [alert["resolved_at"] is not None for alert in alerts(house, owner)] == [True]
    deliveries = house.receiver.wait(owner["path"], 2)
    assert [each.json["type"] for each in deliveries] == ["usage.threshold", "usage.resolved"]
    assert deliveries[1].json["data"]["limit"] == 500_000


def test_a_budget_is_told_of_too(house, owner):
    house.shell("account", "plan", owner["email"], "enterprise")
    house.ask("PUT", "/api/v1/budget", {"amount": 10, "stops": True}, headers=owner["session"])
    record(house, owner["api_key"], "ionq_simulator", 800)
    mail = house.mail.wait_for(owner["email"], subject="80 % of your monthly budget")
    assert "$8.00 of $10.00" in mail.text and "refused" in mail.text
    (delivery,) = house.receiver.wait(owner["path"], 1)
    assert delivery.json["type"] == "budget.reached"
    assert delivery.json["data"] | {"month": ""} == {
        "month": "", "percent": 80, "spent": 8, "budget": 10, "stops": True}
    (alert,) = alerts(house, owner)
    assert (alert["subject"], alert["percent"], alert["limit"]) == ("budget", 80, 10)
    house.ask("PUT", "/api/v1/budget", {"amount": 100}, headers=owner["session"])
    house.mail.wait_for(owner["email"], subject="Your spending is within its limit again")


def test_authorized_uses_are_told_of_in_their_own_transaction(house, owner):
    body = {"backend": "ionq_simulator", "shots": 90}
    assert house.post("/api/v1/usage/authorize", body, key=owner["api_key"]).json["allowed"] is True
    assert steps(house, owner) == [80, 90]


def test_calls_are_told_of_within_seconds(house, owner):
    made = house.post("/api/v1/webhooks", {"url": house.receiver.url + "/ok/x"}, headers=owner["session"])
    assert made.status == 201
    for _ in range(800):
        assert house.get("/auth/user", key=owner["api_key"]).status == 200
    wait_until(lambda: steps(house, owner, "calls") == [80], what="the alert")
    house.mail.wait_for(owner["email"], subject="80 % of your monthly limit of calls")


def test_nobody_sees_anothers(house, owner):
    record(house, owner["api_key"], shots=85)
    other = house.register(email=f"captain{next(numbers)}@example.com")
    assert house.get("/api/v1/alerts", headers=sign_in(house, other)).json["alerts"] == []
