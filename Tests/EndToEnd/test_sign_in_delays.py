"""Guessing: nothing tells who has an account, each failure makes the next wait longer, and nobody is locked out."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from answers import assert_problem
from mail_double import MailDouble
from signing_in import NEW_PASSWORD, is_in, log_in, newcomer, signed_in, token
from stack import wait_until


def by_key(stack, email, key="bioql_" + "0" * 38):
    """A wrong key fails as a wrong password does, but costs no hash."""
    return stack.post("/auth/login", {"email": email, "api_key": key})


@pytest.fixture
def guarded(make_stack):
    """A house that counts failures as a real one does, but only by address."""
    return make_stack(SIGN_IN_FAILURES="5")


def test_known_and_unknown_addresses_are_delayed_alike(guarded):
    ada = newcomer(guarded)
    told = []
    for email in (ada["email"], "nobody@example.com", "not an address"):
        answers = [by_key(guarded, email) for _ in range(6)]
        for answer in answers[:5]:
            assert_problem(answer, 401, code="invalid_credentials")
        assert_problem(answers[5], 429, code="too_many_failures")
        told.append([(answer.status, answer.json["detail"], answer.headers["Retry-After"]) for answer in answers])
    assert told[0] == told[1] == told[2]
    assert told[0][5][2] == "1"
    # Others are as free as ever.
    assert log_in(guarded, newcomer(guarded)["email"]).status == 200


def test_a_delay_doubles_and_holds_for_the_right_password_until_it_is_over(guarded):
    ada = newcomer(guarded)
    headers = signed_in(guarded, ada["email"])
    for _ in range(5):
        by_key(guarded, ada["email"])
    answer = log_in(guarded, ada["email"])
    assert_problem(answer, 429, code="too_many_failures")
    assert "Set-Cookie" not in answer.headers
    assert is_in(guarded, headers) and guarded.get("/auth/user", key=ada["api_key"]).status == 200
    wait_until(lambda: by_key(guarded, ada["email"]).status == 401, what="the end of the first delay")
    answer = log_in(guarded, ada["email"])
    assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
    wait_until(lambda: log_in(guarded, ada["email"]).status == 200, what="the end of the second delay")
    # And the slate is clean.
    for _ in range(4):
        assert by_key(guarded, ada["email"]).status == 401
    assert log_in(guarded, ada["email"]).status == 200


def test_many_guesses_at_once_count_each(guarded):
    ada = newcomer(guarded)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: by_key(guarded, ada["email"]), range(64)))
    wait_until(lambda: by_key(guarded, ada["email"]).status == 429, 2, "a delay")
    [row] = guarded.sql("SELECT failures FROM sign_in_failure WHERE subject LIKE 'address:%'")
    assert 5 <= row["failures"] <= 16


def test_a_network_that_guesses_many_addresses_is_delayed_for_all(make_stack):
    stack = make_stack(SIGN_IN_FAILURES_NETWORK="20")
    ada = newcomer(stack)
    headers = signed_in(stack, ada["email"])
    statuses = [by_key(stack, f"person{number}@example.com").status for number in range(21)]
    assert statuses == [401] * 20 + [429]
    assert_problem(log_in(stack, ada["email"]), 429, code="too_many_failures")
    assert is_in(stack, headers)
    wait_until(lambda: log_in(stack, ada["email"]).status == 200, what="the end of the delay")


def test_a_reset_link_lets_its_owner_in_whatever_others_guess(make_stack):
    with MailDouble() as mail:
        stack = make_stack(SIGN_IN_FAILURES="5", **mail.settings)
        ada = newcomer(stack)
        for _ in range(5):
            by_key(stack, ada["email"])
        wait_until(lambda: by_key(stack, ada["email"]).status == 401, what="the end of the first delay")
        assert log_in(stack, ada["email"]).status == 429
        stack.post("/auth/password/forgot", {"email": ada["email"]})
        given = token(mail.wait_for(ada["email"], subject="new password"), "reset")
        assert stack.post("/auth/password/reset", {"token": given, "password": NEW_PASSWORD}).status == 200
        assert log_in(stack, ada["email"], NEW_PASSWORD).status == 200


def test_no_typed_address_is_kept(guarded):
    by_key(guarded, "my.password.in.the.wrong.field")
    assert "my.password" not in str(guarded.sql("SELECT * FROM sign_in_failure")) + guarded.log


# ---- the clock


def medians(first, second, pairs=15):
    """Of times measured in turn, so that whatever else the machine does meets both alike."""
    taken = ([], [])
    for _ in range(pairs):
        for times, work in zip(taken, (first, second)):
            begun = time.perf_counter()
            work()
            times.append(time.perf_counter() - begun)
    return [statistics.median(times) for times in taken]


def test_the_clock_does_not_tell_who_has_an_account(stack):
    ada, keyed = newcomer(stack), stack.register(email="keyed@example.com")
    unknown = lambda: log_in(stack, "nobody@example.com", "not the password")  # noqa: E731
    for email in (ada["email"], keyed["email"]):
        known, strange = medians(lambda: log_in(stack, email, "not the password"), unknown)
        # A hash takes a third of a second: without it, one of them would be a hundredth of the other.
        assert 0.7 < known / strange < 1.4, (email, known, strange)


@pytest.mark.parametrize("path", ["/auth/password/forgot", "/auth/verify/resend"])
def test_the_clock_does_not_tell_to_whom_a_mail_goes(stack, path):
    users = [stack.register(email=f"{path.replace('/', '')}{number}@example.com") for number in range(15)]
    known, strange = medians(lambda: stack.post(path, {"email": users.pop()["email"]}),
                             lambda: stack.post(path, {"email": "nobody@example.com"}))
    assert 0.1 <= known < 1 and abs(known - strange) < 0.03, (known, strange)


def test_the_clock_does_not_tell_whose_address_is_taken(stack):
    ada = newcomer(stack)
    fresh = (f"fresh{number}@example.com" for number in range(100))
    register = lambda email: stack.post("/auth/register", {  # noqa: E731
        "name": "Ada", "email": email, "password": "a long walk at sea", "create_stripe_account": False})
    taken, free = medians(lambda: register(ada["email"]), lambda: register(next(fresh)), pairs=9)
    assert register(ada["email"]).status == 409
    assert 0.7 < taken / free < 1.4, (taken, free)


# ---- the line


def test_a_crowd_at_the_door_waits_or_is_sent_away_and_readers_notice_nothing(stack):
    ada = newcomer(stack)
    reads = []

    def read():
        begun = time.perf_counter()
        assert stack.get("/auth/user", key=ada["api_key"]).status == 200
        reads.append(time.perf_counter() - begun)

    with ThreadPoolExecutor(60) as pool:
        begun = time.perf_counter()
        crowd = [pool.submit(log_in, stack, f"crowd{number}@example.com") for number in range(60)]
        while not all(one.done() for one in crowd):
            read()
        answers = [one.result() for one in crowd]
    statuses = [answer.status for answer in answers]
    assert set(statuses) == {401, 429}, statuses
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status == 429)
    # Two are hashed and 32 stand in the line; on a slow machine some of these wait too long for their turn.
    assert statuses.count(429) >= 10 and statuses.count(401) >= 10
    assert time.perf_counter() - begun < 15 + 5
    assert statistics.median(reads) < 0.2
    assert log_in(stack, ada["email"]).status == 200


def test_the_books_are_sound(stack):
    assert stack.findings() == []
