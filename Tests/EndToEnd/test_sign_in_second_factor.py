"""The second factor: set up, asked for on every way in, each code once, and recovery codes for a lost telephone."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from answers import assert_problem, cookie
from signing_in import (PASSWORD, Authenticator, audit, browser, is_in, log_in, newcomer, set_up_second_factor,
                        sessions, signed_in)


@pytest.fixture
def ada(stack):
    return newcomer(stack)


@pytest.fixture
def mine(stack, ada):
    return signed_in(stack, ada["email"])


def half(answer):
    """The token of a sign-in that waits for its code."""
    assert "Set-Cookie" not in answer.headers
    return assert_problem(answer, 401, code="second_factor_required", members=["token"])["token"]


def finish(stack, token, code):
    return stack.post("/auth/login/totp", {"token": token, "code": code})


def test_it_is_set_up_with_a_code_and_gives_ten_recovery_codes(stack, ada, mine):
    answer = stack.post("/api/v1/me/totp", {"password": PASSWORD}, headers=mine)
    secret, url = answer.json["secret"], answer.json["otpauth_url"]
    name = ada["email"].replace("@", "%40")
    assert url == f"otpauth://totp/Purser:{name}?secret={secret}&issuer=Purser&algorithm=SHA1&digits=6&period=30"
    assert len(secret) == 32
    authenticator = Authenticator(secret)
    # Not on yet: the password alone still signs in.
    assert log_in(stack, ada["email"]).status == 200
    assert_problem(stack.post("/api/v1/me/totp/confirm", {"code": authenticator.wrong()}, headers=mine), 403)
    answer = stack.post("/api/v1/me/totp/confirm", {"code": authenticator.code()}, headers=mine)
    codes = answer.json["recovery_codes"]
    assert answer.status == 200 and len(set(codes)) == 10 and all(len(code) == 29 for code in codes)
    half(log_in(stack, ada["email"]))
    # A new token for the session that is now worth more.
    renewed = browser(answer)
    assert not is_in(stack, mine) and is_in(stack, renewed)
    assert [one["second_factor"] for one in sessions(stack, renewed) if one["current"]] == [True]
    assert_problem(stack.post("/api/v1/me/totp", {"password": PASSWORD}, headers=renewed), 409, code="second_factor_on")
    assert_problem(stack.post("/api/v1/me/totp/confirm", {"code": authenticator.code(1)}, headers=renewed), 403)


def test_an_open_session_alone_does_not_set_it_up(stack, mine):
    assert_problem(stack.post("/api/v1/me/totp", {}, headers=mine), 400)
    assert_problem(stack.post("/api/v1/me/totp", {"password": "guessed"}, headers=mine), 403, code="wrong_password")


def test_neither_seed_nor_codes_are_readable_in_the_store(stack, mine):
    authenticator, codes, _ = set_up_second_factor(stack, mine)
    held = b"".join(file.read_bytes() for file in stack.state.glob("purser.db*"))
    assert authenticator.seed not in held
    assert all(code.encode() not in held and code.replace("-", "").encode() not in held for code in codes)


def test_the_code_finishes_the_sign_in(stack, ada, mine):
    authenticator, _, _ = set_up_second_factor(stack, mine)
    token = half(log_in(stack, ada["email"]))
    answer = finish(stack, token, authenticator.code())
    assert (answer.status, answer.json) == (200, {"id": ada["id"], "name": "Ada", "email": ada["email"]})
    _, _, attributes = cookie(answer)
    assert {"httponly", "samesite=lax", "path=/"} <= attributes
    headers = browser(answer)
    [current] = [one for one in sessions(stack, headers) if one["current"]]
    assert current["second_factor"] is True
    assert '"second_factor":"totp"' in audit(stack, ada)[-1]["detail"]
    # Token and code have each done their work.
    assert_problem(finish(stack, token, authenticator.code(1)), 401, code="invalid_token")


def test_a_code_works_once_and_so_does_none_before_it(stack, ada, mine):
    authenticator, _, _ = set_up_second_factor(stack, mine)
    code = authenticator.code()
    assert finish(stack, half(log_in(stack, ada["email"])), code).status == 200
    token = half(log_in(stack, ada["email"]))
    for used in (code, authenticator.code(-1)):
        assert_problem(finish(stack, token, used), 403, code="invalid_code")
    # A typing error costs no new password.
    assert finish(stack, token, authenticator.code(1)).status == 200


def test_of_many_that_send_one_code_at_once_one_gets_in(stack, ada, mine):
    authenticator, _, _ = set_up_second_factor(stack, mine)
    tokens = [half(log_in(stack, ada["email"])) for _ in range(6)]
    code = authenticator.code()
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda token: finish(stack, token, code).status, tokens))
    assert sorted(statuses) == [200] + [403] * 5


def test_codes_of_other_times_and_other_people_are_refused(stack, ada, mine):
    authenticator, _, _ = set_up_second_factor(stack, mine)
    other = newcomer(stack)
    others, their_codes, _ = set_up_second_factor(stack, signed_in(stack, other["email"]))
    token = half(log_in(stack, ada["email"]))
    while time.time() % 30 > 27:
        time.sleep(0.1)
    refused = [authenticator.code(3), authenticator.code(-3), others.code(), *their_codes[:1], "000000 ", "１２３４５６",
               authenticator.wrong()]
    for code in refused:
        if code not in (authenticator.code(), authenticator.code(1)):
            assert_problem(finish(stack, token, code), 403, code="invalid_code")
    theirs = half(log_in(stack, other["email"]))
    assert_problem(finish(stack, theirs, authenticator.code()), 403)
    assert finish(stack, token, f"{authenticator.code()[:3]} {authenticator.code()[3:]}").status == 200


def test_a_key_does_not_get_past_it(stack, ada, mine):
    authenticator, _, _ = set_up_second_factor(stack, mine)
    token = half(stack.post("/auth/login", {"email": ada["email"], "api_key": ada["api_key"]}))
    assert finish(stack, token, authenticator.code()).status == 200
    # What it may do by itself, it still does.
    assert stack.get("/auth/user", key=ada["api_key"]).status == 200


def test_a_wrong_password_hears_nothing_of_it(stack, ada, mine):
    before = log_in(stack, ada["email"], "wrong")
    set_up_second_factor(stack, mine)
    after = log_in(stack, ada["email"], "wrong")
    assert [before.json[name] for name in ("status", "code", "error")] == \
        [after.json[name] for name in ("status", "code", "error")]


def test_each_recovery_code_signs_in_once(stack, ada, mine):
    _, codes, _ = set_up_second_factor(stack, mine)
    spelled = [codes[0], codes[1].lower(), codes[2].replace("-", ""), codes[3].replace("-", " ")]
    for number, code in enumerate(spelled, 1):
        answer = finish(stack, half(log_in(stack, ada["email"])), code)
        assert (answer.status, answer.json["recovery_codes_left"]) == (200, 10 - number), answer
    token = half(log_in(stack, ada["email"]))
    for code in spelled:
        assert_problem(finish(stack, token, code), 403, code="invalid_code")
    assert '"second_factor":"recovery_code"' in str(audit(stack, ada))


def test_new_recovery_codes_take_the_place_of_the_old(stack, ada, mine):
    authenticator, old, headers = set_up_second_factor(stack, mine)
    path = "/api/v1/me/totp/recovery-codes"
    assert_problem(stack.post(path, {"code": authenticator.wrong()}, headers=headers), 403)
    answer = stack.post(path, {"code": authenticator.code()}, headers=headers)
    new = answer.json["recovery_codes"]
    assert answer.status == 200 and not set(new) & set(old)
    token = half(log_in(stack, ada["email"]))
    assert_problem(finish(stack, token, old[0]), 403)
    assert finish(stack, token, new[0]).status == 200


def test_it_is_turned_off_by_showing_it(stack, ada, mine):
    authenticator, codes, headers = set_up_second_factor(stack, mine)
    other = browser(finish(stack, half(log_in(stack, ada["email"])), codes[0]))
    path = "/api/v1/me/totp/remove"
    assert_problem(stack.post(path, {"code": authenticator.wrong()}, headers=headers), 403, code="invalid_code")
    half(log_in(stack, ada["email"]))
    answer = stack.post(path, {"code": authenticator.code()}, headers=headers)
    assert answer.status == 200, answer
    renewed = browser(answer)
    assert not is_in(stack, headers)
    assert log_in(stack, ada["email"]).status == 200
    assert {one["second_factor"] for one in sessions(stack, renewed)} == {False}
    assert is_in(stack, other)
    assert_problem(stack.post(path, {"code": codes[1]}, headers=renewed), 409, code="second_factor_off")
    told = [entry["action"] for entry in audit(stack, ada)]
    assert "second_factor.on" in told and "second_factor.off" in told
    # And it can be set up anew.
    set_up_second_factor(stack, renewed)


def test_wrong_codes_are_delayed_like_wrong_passwords(make_stack):
    stack = make_stack(SIGN_IN_FAILURES="5")
    ada = newcomer(stack)
    authenticator, _, headers = set_up_second_factor(stack, signed_in(stack, ada["email"]))
    token = half(log_in(stack, ada["email"]))
    for _ in range(4):
        assert_problem(finish(stack, token, authenticator.wrong()), 403)
        # The right password in between buys no further tries.
        half(log_in(stack, ada["email"]))
    assert_problem(finish(stack, token, authenticator.wrong()), 403)
    answer = finish(stack, token, authenticator.code())
    assert_problem(answer, 429, code="too_many_failures")
    assert answer.headers["Retry-After"] == "1"
    # Whoever is in already stays in.
    assert is_in(stack, headers)


def test_the_books_are_sound(stack):
    assert stack.findings() == []
