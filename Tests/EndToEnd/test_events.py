"""POST /api/v1/usage/events: many uses in one body, each answered on its own."""

from datetime import datetime, timedelta, timezone

import pytest
from answers import assert_problem, usage


def send(stack, user, events, **more):
    return stack.post("/api/v1/usage/events", {"events": events}, key=user["api_key"], **more)


def moment(**ago):
    return (datetime.now(timezone.utc) - timedelta(**ago)).isoformat()


def event(id=None, **change):
    return ({"id": id} if id else {}) | {"backend": "ionq_simulator", "shots": 1} | change


def statuses(answer):
    assert answer.status == 200, answer
    results = [result["status"] for result in answer.json["results"]]
    assert {name: answer.json[name] for name in ("accepted", "duplicate", "rejected")} == \
        {name: results.count(name) for name in ("accepted", "duplicate", "rejected")}
    return results


def test_each_event_is_answered_in_its_place(stack, user):
    events = [event("a"), event("a"), event("b", shots=-1), event("b"), event(), event(), {"id": "c"}, 7, None,
              event("d", backend="<b>"), event("e", quantity=3), event("f", meter="inferences")]
    answer = send(stack, user, events)
    assert statuses(answer) == ["accepted", "duplicate", "rejected", "accepted", "accepted", "accepted", "rejected",
                                "rejected", "rejected", "rejected", "accepted", "accepted"]
    results = answer.json["results"]
    assert [result.get("id") for result in results] == ["a", "a", "b", "b", None, None, "c", None, None, "d", "e", "f"]
    assert [result["field"] for result in results if result["status"] == "rejected"][:2] == ["shots", "backend"]
    assert all(result["error"] for result in results if result["status"] == "rejected")
    assert usage(stack, user["api_key"])["total_shots"] == 1 + 1 + 1 + 1 + 3
    quotas = stack.post("/auth/validate", {"api_key": user["api_key"]}).json["quotas"]
    assert (quotas["shots_used"], quotas["inferences_used"]) == (7, 1)


def test_an_id_is_counted_once_for_ever(stack, user):
    assert statuses(send(stack, user, [event("a"), event("b")])) == ["accepted", "accepted"]
    assert statuses(send(stack, user, [event("b", shots=50), event("c"), event("a")])) == \
        ["duplicate", "accepted", "duplicate"]
    assert usage(stack, user["api_key"])["total_shots"] == 3


def test_anothers_ids_are_others(stack, user):
    other = stack.register(email="events-other@example.com")
    assert statuses(send(stack, user, [event("same")])) == ["accepted"]
    assert statuses(send(stack, other, [event("same")])) == ["accepted"]


def test_a_thousand_are_taken_and_one_more_is_not(stack, user):
    thousand = [event(f"{number}") for number in range(1000)]
    assert_problem(send(stack, user, thousand + [event("more")]), 400)
    assert usage(stack, user["api_key"])["total_shots"] == 0
    assert statuses(send(stack, user, thousand)) == ["accepted"] * 1000
    assert statuses(send(stack, user, thousand)) == ["duplicate"] * 1000
    assert usage(stack, user["api_key"])["total_shots"] == 1000
    assert_problem(send(stack, user, []), 400)


def test_use_is_counted_on_the_day_it_happened(stack, user):
    events = [event(occurred_at=moment(days=days), shots=days) for days in (1, 3, 3, 28, 40, 300)]
    assert statuses(send(stack, user, events)) == ["accepted"] * 6
    body = usage(stack, user["api_key"])
    assert (body["total_shots"], body["total_spent"]) == (375, 3.75)
    daily = dict(zip(body["daily_usage"]["dates"], body["daily_usage"]["shots"]))
    wanted = {moment(days=days)[:10]: shots for days, shots in ((1, 1), (3, 6), (28, 28))}
    assert {day: shots for day, shots in daily.items() if shots} == wanted


def test_the_end_of_a_day_is_in_utc(stack, user):
    day = moment(days=5)[:10]
    events = [event(occurred_at=f"{day}T23:59:59.999Z", shots=1), event(occurred_at=f"{day}T00:00:00Z", shots=10),
              event(occurred_at=f"{day}T23:00:00-02:00", shots=100),
              event(occurred_at=f"{day}T01:00:00+02:00", shots=1000)]
    assert statuses(send(stack, user, events)) == ["accepted"] * 4
    daily = usage(stack, user["api_key"])["daily_usage"]
    at = daily["dates"].index(day)
    assert daily["shots"][at - 1:at + 2] == [1000, 11, 100]


@pytest.mark.parametrize("occurred_at, status", [
    (moment(days=366, hours=-1), "accepted"), (moment(days=366, hours=1), "rejected"),
    (moment(seconds=-240), "accepted"), (moment(seconds=-3600), "rejected"), (None, "accepted"),
    ("yesterday", "rejected"), (1_700_000_000, "rejected"), ("2026-02-30T00:00:00Z", "rejected"), ("", "rejected"),
])
def test_a_time_lies_within_a_year_and_not_ahead(stack, user, occurred_at, status):
    answer = send(stack, user, [event("x", occurred_at=occurred_at)])
    assert statuses(answer) == [status]
    if status == "rejected":
        assert answer.json["results"][0]["field"] == "occurred_at"


@pytest.mark.parametrize("id", ["", "x" * 256, 7, {"a": 1}, "nul\x00"])
def test_a_bad_id_is_rejected_with_its_event(stack, user, id):
    answer = send(stack, user, [event("good"), event(shots=1) | {"id": id}])
    assert answer.status == 400 if "\x00" in str(id) else statuses(answer) == ["accepted", "rejected"]


def test_past_events_do_not_use_up_this_months_quota(stack, user):
    send(stack, user, [event(occurred_at=moment(days=40), shots=99)])
    month = stack.get(f"/billing/usage/{user['id']}", key=user["api_key"]).json
    assert (month["shots_used"], month["shots_remaining"]) == (0, 100)


def test_what_nobody_can_pay_is_refused_before_it_breaks_the_sums(make_stack):
    stack = make_stack()
    most = event(backend="quera_aquila", shots=100_000_000)
    users = [stack.register(email=f"{name}@example.com") for name in ("one", "two")]
    for user in users:
        stack.shell("account", "plan", user["email"], "enterprise")
        assert_problem(send(stack, user, [most] * 1000), 400, code="usage_too_large")
        assert statuses(send(stack, user, [most] * 2)) == ["accepted"] * 2
        assert_problem(send(stack, user, [most]), 400, code="usage_too_large")
        body = {"api_key": user["api_key"], "backend": "simulator", "shots": 1}
        assert_problem(stack.post("/billing/record-usage", body), 400)
        assert usage(stack, user["api_key"])["total_shots"] == 200_000_000
        check = {"api_key": user["api_key"], "requested_shots": 100_000_000, "backend": "quera_aquila"}
        assert stack.post("/billing/check-limits", check).json["cost"] == 500_000_000
    assert stack.findings() == []


def test_only_a_key_may_send_them(stack):
    assert_problem(stack.post("/api/v1/usage/events", {"events": [event()]}), 401)
    assert_problem(stack.post("/api/v1/usage/events", {"events": [event()]}, key="bioql_wrong_key"), 401)


def test_the_books_are_sound(stack):
    assert stack.findings() == []
