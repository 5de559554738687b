"""Idempotency-Key: a repeat answers the same and does nothing again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from answers import assert_problem, usage

TICKET = {"priority": "low", "subject": "s", "message": "m"}


def ticket(stack, user, key, body=TICKET):
    return stack.post("/support/ticket", body, key=user["api_key"], headers={"Idempotency-Key": key})


def tickets(stack, user):
    return stack.sql(f"SELECT count(*) n FROM ticket WHERE person_id = {user['id']}")[0]["n"]


def test_a_repeat_answers_the_same_and_says_so(stack, user):
    first = ticket(stack, user, "8e03978e-40d5-43e8-bc93-6894a57f9324")
    assert (first.status, first.headers["Idempotent-Replayed"]) == (200, None)
    again = ticket(stack, user, "8e03978e-40d5-43e8-bc93-6894a57f9324")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (200, first.body, "true")
    assert again.headers["Content-Type"] == first.headers["Content-Type"] == "application/json"
    assert tickets(stack, user) == 1


def test_a_quoted_key_is_the_bare_one(stack, user):
    assert ticket(stack, user, '"abc"').body == ticket(stack, user, "abc").body
    assert tickets(stack, user) == 1


def test_another_body_under_the_same_key_is_422(stack, user):
    ticket(stack, user, "one")
    assert_problem(ticket(stack, user, "one", TICKET | {"message": "another"}), 422)
    assert tickets(stack, user) == 1


def test_another_caller_has_keys_of_their_own(stack, user):
    other = stack.register(email="idempotent-other@example.com")
    assert ticket(stack, user, "shared").json["ticket_id"] != ticket(stack, other, "shared").json["ticket_id"]
    assert (tickets(stack, user), tickets(stack, other)) == (1, 1)


def test_another_endpoint_has_keys_of_its_own(stack, user):
    ticket(stack, user, "k")
    body = {"backend": "simulator", "shots": 1}
    answer = stack.post("/api/v1/usage/authorize", body, key=user["api_key"], headers={"Idempotency-Key": "k"})
    assert (answer.status, answer.json["allowed"]) == (200, True)


@pytest.mark.parametrize("key, status", [
    ("", 400), ('""', 400), ("x" * 256, 400), ("x" * 255, 200), ("schlüssel".encode().decode("latin-1"), 400),
    ("with spaces in it", 200), ("a:b/c.d_e-f~!", 200),
])
def test_a_key_is_up_to_255_printable_characters(stack, user, key, status):
    answer = ticket(stack, user, key)
    # An empty header says nothing, to nginx and to us.
    assert answer.status == status or (key == "" and answer.status == 200), answer


def test_a_refusal_is_not_remembered(stack, user):
    assert_problem(ticket(stack, user, "retry", TICKET | {"priority": "urgent"}), 400)
    assert ticket(stack, user, "retry").status == 200


@pytest.mark.parametrize("path, body", [
    ("/api/v1/usage/authorize", {"backend": "ionq_simulator", "shots": 10}),
    ("/api/v1/usage/events", {"events": [{"backend": "ionq_simulator", "shots": 10}]}),
    ("/billing/record-usage", {"backend": "ionq_simulator", "shots": 10}),
])
def test_a_repeated_use_is_counted_once_also_when_all_come_at_once(stack, user, path, body):
    body = body | {"api_key": user["api_key"]}

    def send(_):
        return stack.post(path, body, key=user["api_key"], headers={"Idempotency-Key": "use-1"})

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(32)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert sum(answer.headers["Idempotent-Replayed"] is None for answer in answers) == 1
    assert usage(stack, user["api_key"])["total_shots"] == 10
    assert_problem(stack.post(path, body | {"shots": 11, "events": [{}]}, key=user["api_key"],
                              headers={"Idempotency-Key": "use-1"}), 422)


def test_an_authorization_that_was_refused_is_refused_again(stack, user):
    body = {"backend": "ionq_simulator", "shots": 101}

    def send():
        return stack.post("/api/v1/usage/authorize", body, key=user["api_key"], headers={"Idempotency-Key": "no"})

    assert send().json["allowed"] is False
    stack.shell("account", "plan", user["email"], "pro")
    assert (send().json["allowed"], send().headers["Idempotent-Replayed"]) == (False, "true")


def test_a_session_may_use_keys_too(stack, user):
    from answers import sign_in
    headers = sign_in(stack, user) | {"Idempotency-Key": "by-cookie"}
    answers = [stack.post("/api/v1/me/tickets", TICKET, headers=headers) for _ in range(2)]
    assert answers[0].body == answers[1].body and tickets(stack, user) == 1


def test_a_payment_is_begun_once(payments):
    user = payments.register()

    def begin(amount, key):
        return payments.post("/billing/create-payment", {"amount": amount}, key=user["api_key"],
                             headers={"Idempotency-Key": key})

    first, again = begin(25, "pay-1"), begin(25, "pay-1")
    assert (first.status, again.status, again.json) == (200, 200, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert_problem(begin(26, "pay-1"), 422, code="idempotency_key_reused")
    assert begin(25, "pay-2").json["session_id"] != first.json["session_id"]
    assert payments.sql("SELECT count(*) n FROM checkout") == [{"n": 2}]


def test_the_books_are_sound(stack):
    assert stack.findings() == []
