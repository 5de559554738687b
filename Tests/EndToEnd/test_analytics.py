"""An account's own analytics: requests, how long they took, what the month will come to, and all of it as files."""

import csv
import io
import time

import pytest
from answers import assert_problem, record, sign_in
from stack import wait_until

REQUESTS = "/api/v1/analytics/requests"
DAY = 86_400


@pytest.fixture
def session(stack, user):
    return sign_in(stack, user)


def day(back=0):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - back * DAY))


def ask(stack, session, path=REQUESTS, **query):
    text = "&".join(f"{name}={value}" for name, value in query.items())
    answer = stack.get(f"{path}?{text}", headers=session)
    assert answer.status == 200, answer
    return answer


def groups(stack, session, **query):
    return {group["name"]: group for group in ask(stack, session, **query).json["groups"]}


def rows(answer):
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert all(line.endswith(b"\r") for line in answer.body.split(b"\n")[:-1])
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))


def make_requests(stack, user):
    """Three good requests by key and one bad one, counted."""
    for _ in range(3):
        assert stack.get("/auth/user", key=user["api_key"]).status == 200
    bad = {"api_key": user["api_key"], "requested_shots": 1}
    assert stack.post("/billing/check-limits", bad).status == 400


def test_requests_are_grouped_every_way(stack, user, session):
    make_requests(stack, user)
    by_endpoint = wait_until(
        lambda: (found := groups(stack, session)).get("POST /billing/check-limits") and found, what="the counts")
    got = by_endpoint["GET /auth/user"]
    assert (got["requests"], got["errors"], got["error_rate"], got["previous_requests"]) == (3, 0, 0, 0)
    assert got["change"] == 100 and 0 < got["p50_ms"] <= got["p95_ms"] <= got["p99_ms"] < 10_000
    failed = by_endpoint["POST /billing/check-limits"]
    assert (failed["requests"], failed["errors"], failed["error_rate"]) == (1, 1, 100)
    assert groups(stack, session, group_by="status")["400"]["requests"] == 1
    by_category = groups(stack, session, group_by="category")
    assert by_category["usage"]["requests"] == 1 and by_category["usage"]["p50_ms"] > 0
    (key_id,) = [row["id"] for row in stack.sql(f"SELECT id FROM api_key WHERE person_id = {user['id']}")]
    by_key = groups(stack, session, group_by="key")
    assert by_key[str(key_id)]["requests"] == 4
    assert by_key[str(key_id)]["label"].startswith("bioql_...")
    assert by_key["0"]["label"] == "signed-in members"
    by_day = ask(stack, session, group_by="day").json
    assert [group["name"] for group in by_day["groups"]] == [day(back) for back in range(29, -1, -1)]
    assert by_day["groups"][-1]["requests"] == by_day["total"]["requests"] >= 4
    assert sum(group["share"] for group in by_day["groups"]) == pytest.approx(100, abs=0.1)


def test_a_period_stands_beside_the_one_before(stack, user, session):
    make_requests(stack, user)
    tomorrow = day(-1)
    shown = wait_until(
        lambda: (found := ask(stack, session, **{"from": tomorrow, "to": tomorrow}).json)
        and found["total"]["previous_requests"] >= 4 and found, what="the counts")
    assert (shown["from"], shown["to"], shown["total"]["requests"]) == (tomorrow, tomorrow, 0)
    assert shown["total"]["change"] == -100


@pytest.mark.parametrize("query, field", [
    ("from=2026-02-30", "from"), ("to=soon", "to"), ("group_by=color", "group_by"),
    ("from=2026-02-02&to=2026-02-01", "from"), ("from=2020-01-01&to=2026-01-01", "from"),
])
def test_a_period_that_makes_no_sense_is_refused(stack, session, query, field):
    for path in (REQUESTS, REQUESTS + ".csv"):
        answer = stack.get(f"{path}?{query}", headers=session)
        assert_problem(answer, 400, code="invalid_field")
        assert answer.json["errors"][0]["field"] == field


def test_the_same_comes_as_a_file(stack, user, session):
    make_requests(stack, user)
    wait_until(lambda: groups(stack, session).get("POST /billing/check-limits"), what="the counts")
    found = {row["endpoint"]: row for row in rows(ask(stack, session, REQUESTS + ".csv"))}
    assert (found["GET /auth/user"]["requests"], found["GET /auth/user"]["errors"]) == ("3", "0")
    assert float(found["GET /auth/user"]["p95_ms"]) > 0


def test_a_label_is_no_formula(stack, user, session):
    made = stack.post("/api/v1/keys", {"label": "=1+1\",x"}, headers=session).json
    assert stack.get("/auth/user", key=made["api_key"]).status == 200
    name = str(made["key"]["id"])
    wait_until(lambda: groups(stack, session, group_by="key").get(name), what="the counts")
    found = {row["key"]: row for row in rows(ask(stack, session, REQUESTS + ".csv", group_by="key"))}
    assert found[name]["label"].endswith("=1+1\",x") and not found[name]["label"].startswith("=")


def test_the_forecast_of_nothing_is_nothing(stack, user, session):
    shown = ask(stack, session, "/api/v1/analytics/forecast").json
    assert shown["month"] == day()[:7]
    meters = {meter["meter"]: meter for meter in shown["meters"]}
    assert (meters["shots"]["used"], meters["shots"]["expected"], meters["shots"]["limit"]) == (0, 0, 100)
    assert shown["bill"] == {"so_far": 0, "expected": 0, "low": 0, "high": 0, "currency": "usd"}


def test_the_forecast_goes_on_from_what_was_used(stack, user, session):
    record(stack, user["api_key"], "ionq_simulator", 100)
    shown = ask(stack, session, "/api/v1/analytics/forecast").json
    shots = {meter["meter"]: meter for meter in shown["meters"]}["shots"]
    assert shots["used"] == 100 <= shots["low"] <= shots["expected"] <= shots["high"]
    assert shots["limit_reached_on"] == day()
    bill = shown["bill"]
    assert bill["so_far"] == 1 <= bill["low"] <= bill["expected"] <= bill["high"]
    found = {row["what"]: row for row in rows(ask(stack, session, "/api/v1/analytics/forecast.csv"))}
    assert (found["shots"]["so_far"], found["bill_usd"]["so_far"]) == ("100", "1.00")


def test_all_events_are_exported_in_their_order(stack, user, session):
    sent = [{"id": f"event-{number}", "backend": "simulator", "shots": number % 7,
             "occurred_at": f"{day(number % 20)}T00:00:00.{number % 1000:03}Z"} for number in range(2500)]
    for start in range(0, 2500, 500):
        answer = stack.post("/api/v1/usage/events", {"events": sent[start:start + 500]}, key=user["api_key"])
        assert answer.json["accepted"] == 500, answer
    query = {"from": day(19), "to": day()}
    found = rows(ask(stack, session, "/api/v1/usage/events.csv", **query))
    assert len(found) == 2500 and {row["event_id"] for row in found} == {event["id"] for event in sent}
    times = [(row["occurred_at"][:19], int(row["id"])) for row in found]
    assert [moment for moment, _ in times] == sorted(moment for moment, _ in times)
    assert sum(int(row["quantity"]) for row in found) == sum(event["shots"] for event in sent)
    assert all(float(row["cost"]) == pytest.approx(int(row["quantity"]) * 0.001) for row in found)
    some = rows(ask(stack, session, "/api/v1/usage/events.csv", **{"from": day(3), "to": day(2)}))
    assert {row["occurred_at"][:10] for row in some} == {day(3), day(2)} and len(some) == 250


def test_an_event_id_is_no_formula(stack, user, session):
    body = {"events": [{"id": "=HYPERLINK(\"x\")", "backend": "simulator", "shots": 1}]}
    assert stack.post("/api/v1/usage/events", body, key=user["api_key"]).json["accepted"] == 1
    (row,) = rows(ask(stack, session, "/api/v1/usage/events.csv"))
    assert row["event_id"] == "'=HYPERLINK(\"x\")"


def test_nobody_sees_anothers(stack, user, session):
    record(stack, user["api_key"], shots=5)
    other = stack.register(email=f"other-{user['id']}@example.com")
    theirs = sign_in(stack, other)
    assert rows(ask(stack, theirs, "/api/v1/usage/events.csv")) == []
    assert ask(stack, theirs, "/api/v1/analytics/forecast").json["meters"][0]["used"] == 0
    for path in (REQUESTS, "/api/v1/analytics/forecast", "/api/v1/usage/events.csv"):
        assert_problem(stack.get(path), 401)


def test_the_books_are_sound(stack):
    assert stack.findings() == []
