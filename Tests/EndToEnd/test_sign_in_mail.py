"""What comes back by mail: an address that is verified, a password that is reset. The mails are read from SMTP."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from answers import assert_problem, sign_in
from mail_double import MailDouble
from signing_in import (NEW_PASSWORD, PASSWORD, audit, change_store, is_in, log_in, newcomer, set_up_second_factor,
                        signed_in, token)
from stack import Stack

ASKED = {"success": True, "message": "If there is an account with this address, a mail is on its way."}


@pytest.fixture(scope="module")
def mail():
    with MailDouble() as double:
        yield double


@pytest.fixture(scope="module")
def house(mail):
    with Stack(**mail.settings) as made:
        yield made


@pytest.fixture
def ada(house):
    return newcomer(house)


def verified(house, user):
    by_key = house.get("/auth/user", key=user["api_key"]).json["email_verified"]
    by_session = house.get("/api/v1/me", headers=sign_in(house, user)).json["email_verified"]
    assert by_key is by_session
    return by_key


def reset_token(house, mail, email, count=1):
    answer = house.post("/auth/password/forgot", {"email": email})
    assert (answer.status, answer.json) == (200, ASKED)
    return token(mail.wait_for(email, count=count, subject="new password"), "reset")


def reset(house, token, password=NEW_PASSWORD):
    return house.post("/auth/password/reset", {"token": token, "password": password})


# ---- the address


def test_a_new_address_is_verified_by_the_link_of_its_mail(house, mail, ada):
    assert verified(house, ada) is False
    letter = mail.wait_for(ada["email"], subject="confirm")
    given = token(letter, "verify")
    assert len(given) == 43 and letter.links[0].startswith(house.url + "/link.html#verify=")
    answer = house.post("/auth/verify", {"token": given})
    assert (answer.status, answer.json) == (200, {"success": True})
    assert verified(house, ada) is True
    assert_problem(house.post("/auth/verify", {"token": given}), 400, code="invalid_token")
    assert "email.verified" in [entry["action"] for entry in audit(house, ada)]


@pytest.mark.parametrize("given", ["x", "A" * 43, "A" * 256, "' OR 1=1 --"])
def test_a_made_up_link_verifies_nothing(house, given):
    assert_problem(house.post("/auth/verify", {"token": given}), 400, code="invalid_token")


def test_a_link_is_good_for_what_it_was_made_for(house, mail, ada):
    verify = token(mail.wait_for(ada["email"], subject="confirm"), "verify")
    assert_problem(reset(house, verify), 400, code="invalid_token")
    assert_problem(house.post("/auth/login/totp", {"token": verify, "code": "123456"}), 401, code="invalid_token")
    assert_problem(house.post("/auth/verify", {"token": reset_token(house, mail, ada["email"])}), 400)
    assert verified(house, ada) is False


def test_another_mail_is_sent_to_who_waits_and_to_nobody_else(mail):
    with Stack(**mail.settings) as house:
        ada, bob = newcomer(house), newcomer(house)
        house.post("/auth/verify", {"token": token(mail.wait_for(bob["email"]), "verify")})
        first = token(mail.wait_for(ada["email"]), "verify")
        ask = lambda email: house.post("/auth/verify/resend", {"email": email})  # noqa: E731
        told = [ask(email) for email in (ada["email"], bob["email"], "nobody@example.com")]
        assert {(answer.status, answer.body) for answer in told} == {(200, told[0].body)}
        # Not a second one within a minute.
        change_store(house, "UPDATE single_use_token SET created_at = created_at - 60000")
        ask(ada["email"])
        second = token(mail.wait_for(ada["email"], count=2), "verify")
        assert [len(mail.to(email)) for email in (ada["email"], bob["email"], "nobody@example.com")] == [2, 1, 0]
        assert_problem(house.post("/auth/verify", {"token": first}), 400)
        assert house.post("/auth/verify", {"token": second}).status == 200


# ---- the password


def test_a_forgotten_password_is_set_anew_by_mail(house, mail, ada):
    phone, laptop = signed_in(house, ada["email"]), signed_in(house, ada["email"])
    given = reset_token(house, mail, ada["email"])
    assert is_in(house, phone)
    answer = reset(house, given)
    assert (answer.status, answer.json, "Set-Cookie" in answer.headers) == (200, {"success": True}, False)
    assert not is_in(house, phone) and not is_in(house, laptop)
    assert_problem(log_in(house, ada["email"]), 401)
    assert log_in(house, ada["email"], NEW_PASSWORD).status == 200
    mail.wait_for(ada["email"], subject="password was changed")
    assert verified(house, ada) is True
    assert {"password.reset_asked", "password.reset"} <= {entry["action"] for entry in audit(house, ada)}
    assert given not in house.log and given not in str(audit(house, ada))


def test_a_reset_link_works_once_however_many_use_it_at_once(house, mail, ada):
    given = reset_token(house, mail, ada["email"])
    words = ["heron", "otter", "badger", "weasel", "magpie", "curlew"]
    passwords = [f"the {word} under the bridge" for word in words]
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda password: reset(house, given, password).status, passwords))
    assert sorted(statuses) == [200] + [400] * 5
    assert log_in(house, ada["email"], passwords[statuses.index(200)]).status == 200
    assert_problem(reset(house, given), 400, code="invalid_token")


def test_a_weak_password_leaves_the_link_for_another_try(house, mail, ada):
    given = reset_token(house, mail, ada["email"])
    for weak in ("too short", "passwordpassword", ada["email"] + "1", "a\u0000b"):
        assert_problem(reset(house, given, weak), 400)
    assert reset(house, given).status == 200


def test_a_reset_link_ends_after_half_an_hour_and_when_a_newer_one_is_made(mail):
    with Stack(**mail.settings) as house:
        ada = newcomer(house)
        first = reset_token(house, mail, ada["email"])
        # Nobody's mailbox is filled: the second request is answered alike, and sends nothing.
        assert house.post("/auth/password/forgot", {"email": ada["email"]}).json == ASKED
        change_store(house, "UPDATE single_use_token SET created_at = created_at - 60000")
        second = reset_token(house, mail, ada["email"], count=2)
        assert first != second
        assert_problem(reset(house, first), 400, code="invalid_token")
        row = house.sql("SELECT expires_at - created_at life FROM single_use_token WHERE purpose = 'reset_password'")
        assert row == [{"life": 30 * 60 * 1000}]
        change_store(house, "UPDATE single_use_token SET expires_at = expires_at - 1800000")
        assert_problem(reset(house, second), 400, code="invalid_token")
        assert log_in(house, ada["email"]).status == 200


def test_whoever_asks_hears_the_same(house, mail, ada):
    told = [house.post("/auth/password/forgot", {"email": email})
            for email in (ada["email"], "nobody@example.com", ada["email"].upper())]
    assert {(answer.status, answer.body) for answer in told} == {(200, told[0].body)}
    mail.wait_for(ada["email"], subject="new password")
    assert mail.to("nobody@example.com") == []


def test_a_reset_does_not_get_past_the_second_factor(house, mail, ada):
    authenticator, _, _ = set_up_second_factor(house, signed_in(house, ada["email"]))
    assert reset(house, reset_token(house, mail, ada["email"])).status == 200
    problem = assert_problem(log_in(house, ada["email"], NEW_PASSWORD), 401, code="second_factor_required",
                             members=["token"])
    answer = house.post("/auth/login/totp", {"token": problem["token"], "code": authenticator.code()})
    assert answer.status == 200
    mail.wait_for(ada["email"], subject="second factor was turned on")


def test_a_changed_password_is_told_by_mail(house, mail, ada):
    house.post("/api/v1/me/password", {"current_password": PASSWORD, "password": NEW_PASSWORD},
               headers=signed_in(house, ada["email"]))
    letter = mail.wait_for(ada["email"], subject="password was changed")
    assert PASSWORD not in letter.text and NEW_PASSWORD not in letter.text


def test_a_reset_link_dies_with_the_password_it_was_to_replace(house, mail, ada):
    given = reset_token(house, mail, ada["email"])
    house.post("/api/v1/me/password", {"current_password": PASSWORD, "password": NEW_PASSWORD},
               headers=signed_in(house, ada["email"]))
    assert_problem(reset(house, given, "the thief's own choice"), 400, code="invalid_token")


def test_tokens_are_stored_as_digests_and_stand_in_no_log(mail):
    with Stack(**mail.settings) as house:
        ada = newcomer(house)
        tokens = [token(mail.wait_for(ada["email"], subject="confirm"), "verify"),
                  reset_token(house, mail, ada["email"])]
        assert house.get("/link.html").status in (200, 404)
        stored = house.sql("SELECT hex(digest) digest, data FROM single_use_token")
        assert len(stored) == 2
        logs = house.log + (house.state / "log/access.log").read_text()
        for given in tokens:
            assert given not in str(stored) and given not in logs
        assert not re.search(r"verify=|reset=", logs)


def test_the_books_are_sound(house):
    assert house.findings() == []
