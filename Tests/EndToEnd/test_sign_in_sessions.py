"""Where one is signed in: seen, ended, ending by itself, and never the same token after a change of rights."""

import pytest
from answers import assert_problem, cookie
from signing_in import (NEW_PASSWORD, PASSWORD, audit, browser, change_store, is_in, log_in, newcomer, sessions,
                        signed_in)


@pytest.fixture
def ada(stack):
    return newcomer(stack)


def test_one_sees_where_one_is_signed_in(stack, ada):
    phone = signed_in(stack, ada["email"], headers={"User-Agent": "A telephone/1.0 " + "x" * 300})
    laptop = signed_in(stack, ada["email"], headers={"User-Agent": "A laptop"})
    newest, oldest = sessions(stack, laptop)
    assert (newest["user_agent"], newest["current"], newest["address"]) == ("A laptop", True, "127.0.0.1")
    assert oldest["current"] is False and oldest["user_agent"].startswith("A telephone")
    assert len(oldest["user_agent"]) == 256
    assert newest["created_at"] >= oldest["created_at"] and newest["second_factor"] is False
    assert newest["account"]["name"] == "Ada"
    assert [one["current"] for one in sessions(stack, phone)] == [False, True]
    token = laptop["Cookie"].partition("=")[2]
    assert token not in stack.get("/api/v1/me/sessions", headers=laptop).body.decode()


def test_one_session_is_ended_by_itself(stack, ada):
    phone, laptop = signed_in(stack, ada["email"]), signed_in(stack, ada["email"])
    [id] = [one["id"] for one in sessions(stack, laptop) if not one["current"]]
    answer = stack.ask("DELETE", f"/api/v1/me/sessions/{id}", headers=laptop)
    assert (answer.status, answer.json, "Set-Cookie" in answer.headers) == (200, {"success": True}, False)
    assert not is_in(stack, phone) and is_in(stack, laptop)
    assert_problem(stack.ask("DELETE", f"/api/v1/me/sessions/{id}", headers=laptop), 404)


def test_ending_the_session_that_asks_takes_its_cookie_back(stack, ada):
    headers = signed_in(stack, ada["email"])
    [mine] = sessions(stack, headers)
    answer = stack.ask("DELETE", f"/api/v1/me/sessions/{mine['id']}", headers=headers)
    assert answer.status == 200 and "max-age=0" in cookie(answer)[2]
    assert not is_in(stack, headers)


def test_anothers_session_is_out_of_reach(stack, ada):
    mine, theirs = signed_in(stack, ada["email"]), signed_in(stack, newcomer(stack)["email"])
    [id] = [one["id"] for one in sessions(stack, theirs)]
    assert_problem(stack.ask("DELETE", f"/api/v1/me/sessions/{id}", headers=mine), 404)
    assert is_in(stack, theirs)


@pytest.mark.parametrize("id", ["0", "-1", "x", "99999999999999999999", "1e3", "%20"])
def test_what_is_no_session_s_number_is_refused(stack, ada, id):
    answer = stack.ask("DELETE", f"/api/v1/me/sessions/{id}", headers=signed_in(stack, ada["email"]))
    assert answer.status in (400, 404), answer


def test_all_others_are_ended_at_once(stack, ada):
    others, mine = [signed_in(stack, ada["email"]) for _ in range(3)], signed_in(stack, ada["email"])
    stranger = signed_in(stack, newcomer(stack)["email"])
    assert stack.post("/api/v1/me/sessions/end-others", headers=mine).json == {"ended": 3}
    assert [is_in(stack, one) for one in [*others, mine, stranger]] == [False, False, False, True, True]
    assert stack.post("/api/v1/me/sessions/end-others", headers=mine).json == {"ended": 0}


def test_a_sign_in_never_takes_a_token_that_was_there_before(stack, ada):
    planted = {"Cookie": "session_token=" + "A" * 43}
    answer = log_in(stack, ada["email"], headers=planted)
    assert cookie(answer)[1] != "A" * 43
    assert not is_in(stack, planted)
    first = browser(answer)
    second = browser(log_in(stack, ada["email"], headers=first))
    assert first != second


def test_a_changed_password_gives_this_session_a_new_token_and_ends_the_others(stack, ada):
    other, mine = signed_in(stack, ada["email"]), signed_in(stack, ada["email"])
    body = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    answer = stack.post("/api/v1/me/password", body, headers=mine)
    assert (answer.status, answer.json) == (200, {"success": True}), answer
    renewed = browser(answer)
    assert [is_in(stack, one) for one in (other, mine, renewed)] == [False, False, True]
    assert_problem(log_in(stack, ada["email"]), 401)
    assert log_in(stack, ada["email"], NEW_PASSWORD).status == 200


def test_a_new_password_is_not_set_without_the_old_one(stack, ada):
    headers = signed_in(stack, ada["email"])
    for current, status in (("wrong", 403), ("", 400)):
        answer = stack.post("/api/v1/me/password", {"current_password": current, "password": NEW_PASSWORD},
                            headers=headers)
        assert_problem(answer, status)
        assert "Set-Cookie" not in answer.headers
    assert is_in(stack, headers)
    assert log_in(stack, ada["email"]).status == 200


def test_who_signs_in_by_key_alone_sets_a_password_by_mail(stack):
    keyed = stack.register(email="keyed@example.com")
    headers = browser(stack.post("/auth/login", {"email": keyed["email"], "api_key": keyed["api_key"]}))
    body = {"current_password": "", "password": NEW_PASSWORD}
    assert_problem(stack.post("/api/v1/me/password", body, headers=headers), 409, code="no_password")


@pytest.mark.parametrize("password, words", [
    ("eleven char", "at least 12"), ("password1234", "too easy"), ("x" * 1025, "at most 1024"),
    ("sailor sailor sailor", "too easy"),
])
def test_a_new_password_follows_the_rules(stack, ada, password, words):
    answer = stack.post("/api/v1/me/password", {"current_password": PASSWORD, "password": password},
                        headers=signed_in(stack, ada["email"]))
    problem = assert_problem(answer, 400)
    assert problem["errors"][0]["field"] == "password" and words in problem["errors"][0]["message"]


@pytest.mark.parametrize("password", ["x" * 500 + " über 20 Wörter \U0001f511 " + "y" * 480, "  spaces at both ends  ",
                                      "tab\tand\u0007bell\u001bdo count"])
def test_a_password_is_what_was_typed_to_the_last_character(stack, ada, password):
    body = {"current_password": PASSWORD, "password": password}
    assert stack.post("/api/v1/me/password", body, headers=signed_in(stack, ada["email"])).status == 200
    assert log_in(stack, ada["email"], password).status == 200
    for other in (password[:-1], password.strip(), password + " "):
        assert other == password or log_in(stack, ada["email"], other).status == 401


def test_one_goes_on_in_another_account_under_a_new_token(make_stack):
    stack = make_stack()
    ada, bob, eve = newcomer(stack), newcomer(stack, name="Bob"), newcomer(stack)
    mine = signed_in(stack, ada["email"])
    account = lambda user: stack.sql(  # noqa: E731
        f"SELECT account_id id FROM member WHERE person_id = {user['id']} ORDER BY account_id DESC")[0]["id"]
    bobs, eves = account(bob), account(eve)
    change_store(stack, "INSERT INTO member (account_id, person_id, role, created_at) VALUES (?, ?, 'viewer', 1)",
                 bobs, ada["id"])
    for id in (eves, 12345):
        assert_problem(stack.post("/api/v1/me/account", {"account_id": id}, headers=mine), 404)
    assert sessions(stack, mine)[0]["account"]["id"] not in (bobs, eves)

    answer = stack.post("/api/v1/me/account", {"account_id": bobs}, headers=mine)
    assert (answer.status, answer.json) == (200, {"account_id": bobs, "role": "viewer"})
    renewed = browser(answer)
    assert not is_in(stack, mine)
    [one] = sessions(stack, renewed)
    assert one["account"] == {"id": bobs, "name": "Bob"}
    # A viewer there, whatever Ada is at home.
    assert_problem(stack.post("/api/v1/me/payments", {"amount": 5}, headers=renewed), 403, code="insufficient_role")
    stack.stop_purser()


@pytest.mark.parametrize("change", [
    "UPDATE session SET last_seen_at = last_seen_at - 7 * 86400000", "UPDATE session SET expires_at = expires_at - 30 * 86400000",
])
def test_a_session_ends_by_itself(make_stack, change):
    stack = make_stack()
    headers = signed_in(stack, newcomer(stack)["email"])
    assert is_in(stack, headers)
    change_store(stack, change)
    assert_problem(stack.get("/api/v1/me", headers=headers), 401, "Not authenticated")


def test_a_session_is_seen_and_outlives_a_restart(make_stack):
    stack = make_stack()
    headers = signed_in(stack, newcomer(stack)["email"])
    change_store(stack, "UPDATE session SET last_seen_at = last_seen_at - 120000")
    before = stack.sql("SELECT last_seen_at seen FROM session")[0]["seen"]
    assert is_in(stack, headers)
    # Written once a minute and at the end, not by the request.
    assert stack.sql("SELECT last_seen_at seen FROM session")[0]["seen"] == before
    stack.stop_purser()
    assert stack.sql("SELECT last_seen_at seen FROM session")[0]["seen"] >= before + 119_000
    stack.start_purser()
    assert is_in(stack, headers)


def test_the_oldest_goes_when_there_are_too_many(make_stack):
    stack = make_stack(SESSIONS_PER_PERSON="3")
    ada = newcomer(stack)
    browsers = [signed_in(stack, ada["email"]) for _ in range(4)]
    assert [is_in(stack, one) for one in browsers] == [False, True, True, True]


def test_the_log_tells_who_came_and_went_and_who_did_not_get_in(stack):
    ada = newcomer(stack)
    log_in(stack, ada["email"], "not the password")
    headers = signed_in(stack, ada["email"])
    stack.post("/auth/logout", headers=headers)
    told = [entry for entry in audit(stack, ada) if entry["action"].startswith("session.")]
    assert [(one["action"], one["actor"]) for one in told] == [
        ("session.refused", "anonymous"), ("session.created", f"person:{ada['id']}"),
        ("session.ended", f"person:{ada['id']}")]
    assert told[0]["target"] == f"person:{ada['id']}" and '"password"' in told[1]["detail"]
    assert all(one["address"] == "127.0.0.1" and one["request_id"] for one in told)
    text = str(audit(stack, ada)) + stack.log
    for secret in (PASSWORD, "not the password", headers["Cookie"].partition("=")[2], ada["api_key"]):
        assert secret not in text


def test_the_books_are_sound(stack):
    assert stack.findings() == []
