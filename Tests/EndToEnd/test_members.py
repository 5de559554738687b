"""Accounts and who belongs to them: inviting, joining, roles, leaving."""

import itertools
import sqlite3
import threading

import pytest
from answers import assert_problem
from people import PASSWORD, Browser, invite, mails, owner, teammate, token

ROLES = ["owner", "admin", "developer", "billing", "viewer"]
serial = itertools.count(1)


def address(who="person"):
    return f"{who}{next(serial)}@members.example"


@pytest.fixture
def olga(stack):
    return owner(stack, address("olga"))


def members(browser):
    answer = browser.get("/api/v1/members")
    assert answer.status == 200, answer
    return {member["email"]: member for member in answer.json["members"]}


def actions(browser, **query):
    rest = "&".join(f"{name}={value}" for name, value in query.items())
    return [entry["action"] for entry in browser.get(f"/api/v1/audit?{rest}").json["entries"]]


# ---- the account


def test_an_account_shows_itself_and_takes_a_name(olga):
    shown = olga.get("/api/v1/account").json
    assert (shown["name"], shown["plan"], shown["status"], shown["role"]) == ("Olga", "free", "active", "owner")
    answer = olga.patch("/api/v1/account", {"name": "Olga & Sons"})
    assert answer.status == 200 and answer.json["name"] == "Olga & Sons"
    assert olga.get("/api/v1/account").json["name"] == "Olga & Sons"
    assert actions(olga)[0] == "account.renamed"


# ---- invitations


def test_a_newcomer_joins_by_the_link_of_a_mail(stack, olga):
    email = address("nina")
    answer = olga.post("/api/v1/invitations", {"email": email.upper(), "role": "developer"})
    assert answer.status == 201
    assert (answer.json["email"], answer.json["role"], answer.json["invited_by"]) == (email, "developer", "Olga")
    assert [open["email"] for open in olga.get("/api/v1/invitations").json["invitations"]] == [email]
    secret = token(stack, email, "invite")
    assert secret not in str(answer.json) and len(secret) >= 43
    nina = Browser(stack)
    seen = nina.post("/auth/invitation", {"token": secret}).json
    assert (seen["account"], seen["role"], seen["inviter"], seen["email"], seen["is_known"]) == \
        ("Olga", "developer", "Olga", email, False)
    answer = nina.post("/auth/invitation/accept", {"token": secret, "name": "Nina", "password": PASSWORD})
    assert answer.status == 200 and answer.json == {"account": olga.account, "name": "Olga", "role": "developer"}
    assert nina.get("/api/v1/me").json["email"] == email
    assert {email: member["role"] for email, member in members(olga).items()} == {
        olga.email: "owner", email: "developer"}
    assert olga.get("/api/v1/invitations").json["invitations"] == []
    # The link works once, and the password from now on.
    assert_problem(Browser(stack).post("/auth/invitation", {"token": secret}), 404)
    again = Browser(stack).post("/auth/invitation/accept", {"token": secret, "name": "N", "password": PASSWORD})
    assert_problem(again, 404)
    Browser(stack).sign_in(email, password=PASSWORD)
    assert actions(olga)[:3] == ["session.created", "session.created", "member.joined"]
    verified = stack.sql(f"SELECT email_verified_at IS NOT NULL AS it FROM person WHERE email = '{email}'")
    assert verified == [{"it": 1}]


def test_the_token_is_stored_as_a_digest_and_in_no_log(stack, olga):
    secret = invite(stack, olga, address(), "viewer")
    stored = stack.sql("SELECT hex(digest) AS digest FROM invitation")
    assert all(secret.encode().hex().upper() not in row["digest"] for row in stored)
    Browser(stack).post("/auth/invitation", {"token": secret})
    logs = stack.log + "".join(path.read_text() for path in (stack.state / "log").glob("nginx*"))
    assert secret not in logs


@pytest.mark.parametrize("password", ["short", "password1234", "12 chars but", ""])
def test_a_newcomer_needs_a_password_that_is_hard_to_guess(stack, olga, password):
    email = address()
    secret = invite(stack, olga, email, "viewer")
    answer = Browser(stack).post("/auth/invitation/accept", {"token": secret, "name": "N", "password": password})
    if password == "12 chars but":
        assert answer.status == 200
    else:
        assert_problem(answer, 400)
        assert stack.sql(f"SELECT id FROM person WHERE email = '{email}'") == []


def test_who_has_an_account_must_be_signed_in_as_themself(stack, olga):
    paul = owner(stack, address("paul"), "Paul")
    secret = invite(stack, olga, paul.email, "billing")
    thief = Browser(stack)
    assert thief.post("/auth/invitation", {"token": secret}).json["is_known"] is True
    stolen = thief.post("/auth/invitation/accept", {"token": secret, "name": "Thief", "password": PASSWORD})
    assert_problem(stolen, 409, code="sign_in_required")
    assert thief.cookie is None
    assert_problem(thief.post("/api/v1/me/invitations/accept", {"token": secret}), 401)
    other = owner(stack, address("other"))
    refused = other.post("/api/v1/me/invitations/accept", {"token": secret})
    assert_problem(refused, 403, code="other_address")
    old = Browser(stack, paul.cookie)
    answer = paul.post("/api/v1/me/invitations/accept", {"token": secret})
    assert answer.status == 200 and answer.json["account"] == olga.account
    assert paul.cookie != old.cookie, "a new token at every change of what a session may"
    assert_problem(old.get("/api/v1/me"), 401)
    shown = paul.get("/api/v1/account").json
    assert (shown["id"], shown["role"]) == (olga.account, "billing"), "the session goes on in the account joined"
    accounts = paul.get("/api/v1/me/accounts").json["accounts"]
    assert [(item["id"], item["role"], item["is_current"]) for item in accounts] == [
        *sorted([(olga.account, "billing", True), (paul.account, "owner", False)])]


def test_one_invitation_is_open_for_an_address(stack, olga):
    email = address()
    invite(stack, olga, email, "viewer")
    again = olga.post("/api/v1/invitations", {"email": email, "role": "admin"})
    assert_problem(again, 409, code="already_invited")
    answer = olga.post("/api/v1/invitations", {"email": olga.email, "role": "admin"})
    assert_problem(answer, 409, code="already_member")
    # Another account may invite the same person.
    assert invite(stack, owner(stack, address()), email, "viewer")


def test_a_cancelled_invitation_is_worth_nothing(stack, olga):
    email = address()
    secret = invite(stack, olga, email, "viewer")
    (open,) = olga.get("/api/v1/invitations").json["invitations"]
    outsider = owner(stack, address("outsider"))
    assert_problem(outsider.delete(f"/api/v1/invitations/{open['id']}"), 404)
    assert_problem(outsider.post(f"/api/v1/invitations/{open['id']}/resend"), 404)
    assert olga.delete(f"/api/v1/invitations/{open['id']}").json == {"cancelled": True}
    assert_problem(olga.delete(f"/api/v1/invitations/{open['id']}"), 404)
    assert_problem(Browser(stack).post("/auth/invitation", {"token": secret}), 404)


def aged(stack, statement):
    """Changes the store behind a stopped Purser's back, as time would."""
    stack.stop_purser()
    with sqlite3.connect(stack.store / "purser.db") as db:
        db.execute(statement)
    stack.start_purser()


def test_an_invitation_is_sent_again_after_a_minute_and_ends_after_a_week(make_stack):
    stack = make_stack()
    olga, email = owner(stack, "olga@members.example"), "late@members.example"
    first = invite(stack, olga, email, "viewer")
    (open,) = olga.get("/api/v1/invitations").json["invitations"]
    too_soon = olga.post(f"/api/v1/invitations/{open['id']}/resend")
    assert_problem(too_soon, 429, code="too_soon")
    assert 1 <= int(too_soon.headers["Retry-After"]) <= 60
    aged(stack, "UPDATE invitation SET created_at = created_at - 61000, expires_at = expires_at - 61000")
    assert olga.post(f"/api/v1/invitations/{open['id']}/resend").json["sent"] is True
    second = token(stack, email, "invite")
    assert second != first
    assert_problem(Browser(stack).post("/auth/invitation", {"token": first}), 404)
    assert Browser(stack).post("/auth/invitation", {"token": second}).status == 200
    aged(stack, "UPDATE invitation SET expires_at = expires_at - 7 * 86400000")
    assert_problem(Browser(stack).post("/auth/invitation", {"token": second}), 404)
    assert olga.get("/api/v1/invitations").json["invitations"] == []
    assert olga.post("/api/v1/invitations", {"email": email, "role": "admin"}).status == 201


def test_a_letter_is_ours_whatever_the_names_say(stack):
    olga = owner(stack, address(), name="Olga\r\nBcc: x@example.com\n\nYou won")
    email = address()
    invite(stack, olga, email, "viewer")
    (letter,) = mails(stack, email)
    assert "\\r" not in letter and "\\nBcc" not in letter and "\nBcc" not in letter


# ---- roles


@pytest.mark.parametrize("role", ["admin", "developer", "billing", "viewer"])
def test_only_owners_and_admins_manage_and_only_owners_make_owners(stack, olga, role):
    mate = teammate(stack, olga, address(role), role)
    other = teammate(stack, olga, address("other"), "viewer")
    manages = role == "admin"
    for wanted in ROLES:
        answer = mate.patch(f"/api/v1/members/{other.id}", {"role": wanted})
        may = manages and wanted != "owner"
        assert answer.status == (200 if may else 403), (wanted, answer)
        answer = mate.post("/api/v1/invitations", {"email": address(), "role": wanted})
        assert answer.status == (201 if may else 403), (wanted, answer)
    assert mate.patch(f"/api/v1/members/{olga.user['id']}", {"role": "viewer"}).status == 403
    assert mate.delete(f"/api/v1/members/{olga.user['id']}").status == 403
    assert mate.delete(f"/api/v1/members/{other.id}").status == (200 if manages else 403)
    assert members(olga)[olga.email]["role"] == "owner"


def test_a_role_holds_from_the_next_request_on(stack, olga):
    mate = teammate(stack, olga, address(), "viewer")
    assert mate.get("/api/v1/audit").status == 403
    before = mate.cookie
    assert olga.patch(f"/api/v1/members/{mate.id}", {"role": "admin"}).status == 200
    assert mate.get("/api/v1/audit").status == 200 and mate.cookie == before
    assert olga.patch(f"/api/v1/members/{mate.id}", {"role": "billing"}).status == 200
    assert mate.get("/api/v1/audit").status == 403
    (entry, *_) = olga.get("/api/v1/audit?action=member.role_changed").json["entries"]
    assert entry["detail"] == {"from": "admin", "to": "billing"} and entry["target"] == f"person:{mate.id}"


def test_who_changes_their_own_role_gets_a_new_token(stack, olga):
    mate = teammate(stack, olga, address(), "owner")
    old = Browser(stack, olga.cookie)
    assert olga.patch(f"/api/v1/members/{olga.user['id']}", {"role": "viewer"}).json["role"] == "viewer"
    assert olga.cookie != old.cookie
    assert_problem(old.get("/api/v1/me"), 401)
    assert olga.get("/api/v1/account").json["role"] == "viewer"
    assert mate.get("/api/v1/audit").status == 200


def test_a_role_that_is_none_is_refused(olga):
    for role in ("root", "Owner", "", None, 1):
        assert olga.patch(f"/api/v1/members/{olga.user['id']}", {"role": role}).status == 400
    assert olga.patch("/api/v1/members/999999", {"role": "viewer"}).status == 404


# ---- leaving


def test_a_removed_member_s_sessions_end_at_once_and_their_invitations_with_them(stack, olga):
    mate = teammate(stack, olga, address("mate"), "admin")
    second = Browser(stack).sign_in(mate.email, password=PASSWORD)
    secret = invite(stack, mate, address("friend"), "admin")
    assert olga.delete(f"/api/v1/members/{mate.id}").json["removed"] is True
    for browser in (mate, second):
        assert_problem(browser.get("/api/v1/me"), 401)
    assert_problem(Browser(stack).post("/auth/invitation", {"token": secret}), 404)
    # Belonging to nothing, they cannot sign in; asked again, they can.
    refused = Browser(stack).post("/auth/login", {"email": mate.email, "password": PASSWORD})
    assert refused.status in (401, 403)
    assert_problem(olga.delete(f"/api/v1/members/{mate.id}"), 404)


def test_an_admin_who_may_manage_no_more_leaves_no_invitations_behind(stack, olga):
    mate = teammate(stack, olga, address(), "admin")
    secret = invite(stack, mate, address(), "admin")
    assert olga.patch(f"/api/v1/members/{mate.id}", {"role": "viewer"}).status == 200
    assert_problem(Browser(stack).post("/auth/invitation", {"token": secret}), 404)


def test_a_member_removes_nobody_of_another_account(stack, olga):
    outsider = owner(stack, address("outsider"))
    mate = teammate(stack, olga, address(), "viewer")
    for person in (mate.id, olga.user["id"]):
        assert_problem(outsider.delete(f"/api/v1/members/{person}"), 404)
        assert_problem(outsider.patch(f"/api/v1/members/{person}", {"role": "owner"}), 404)
    assert len(members(olga)) == 2


def test_who_leaves_goes_on_in_another_account_or_is_signed_out(stack, olga):
    mate = teammate(stack, olga, address(), "viewer")
    assert mate.post("/api/v1/members/leave").json == {"left": olga.account, "account": None}
    assert mate.cookie is None
    paul = owner(stack, address("paul"))
    elsewhere = Browser(stack).sign_in(paul.email, api_key=paul.user["api_key"])
    secret = invite(stack, olga, paul.email, "viewer")
    assert paul.post("/api/v1/me/invitations/accept", {"token": secret}).status == 200
    assert paul.post("/api/v1/members/leave").json == {"left": olga.account, "account": paul.account}
    assert paul.get("/api/v1/account").json["id"] == paul.account
    assert elsewhere.get("/api/v1/account").json["id"] == paul.account, "sessions in other accounts go on"
    assert actions(olga)[0] == "member.left"


def test_the_last_owner_can_neither_go_nor_be_demoted(stack, olga):
    teammate(stack, olga, address(), "admin")
    assert_problem(olga.post("/api/v1/members/leave"), 409, code="last_owner")
    answer = olga.patch(f"/api/v1/members/{olga.user['id']}", {"role": "admin"})
    assert_problem(answer, 409, code="last_owner")
    assert_problem(olga.delete(f"/api/v1/members/{olga.user['id']}"), 400, code="use_leave")
    assert olga.get("/api/v1/account").json["role"] == "owner"


def at_once(*calls):
    """Runs them all at the same moment; their answers."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number):
        gate.wait()
        answers[number] = calls[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("way", ["both leave", "each removes the other", "each demotes themself"])
def test_of_owners_who_go_at_once_one_stays(stack, olga, way):
    for _ in range(3):
        account = owner(stack, address())
        mate = teammate(stack, account, address(), "owner")
        id = account.user["id"]
        calls = {
            "both leave": (lambda: account.post("/api/v1/members/leave"), lambda: mate.post("/api/v1/members/leave")),
            "each removes the other": (lambda: account.delete(f"/api/v1/members/{mate.id}"),
                                       lambda: mate.delete(f"/api/v1/members/{id}")),
            "each demotes themself": (lambda: account.patch(f"/api/v1/members/{id}", {"role": "viewer"}),
                                      lambda: mate.patch(f"/api/v1/members/{mate.id}", {"role": "viewer"})),
        }[way]
        statuses = sorted(answer.status for answer in at_once(*calls))
        assert statuses[0] == 200 and statuses[1] in (401, 403, 404, 409), statuses
        left = stack.sql(f"SELECT count(*) AS n FROM member WHERE account_id = {account.account} AND role = 'owner'")
        assert left == [{"n": 1}]


def test_of_many_who_use_one_invitation_at_once_one_joins(stack, olga):
    secret = invite(stack, olga, address(), "viewer")
    body = {"token": secret, "name": "N", "password": PASSWORD}
    answers = at_once(*[lambda: Browser(stack).post("/auth/invitation/accept", body)] * 6)
    assert sorted(answer.status for answer in answers)[0] == 200
    assert sum(answer.status == 200 for answer in answers) == 1
    assert len(members(olga)) == 2


def test_keys_stay_with_the_account_unless_told_otherwise(stack, olga):
    account = olga.account
    for revokes in (False, True):
        mate = teammate(stack, olga, address(), "owner")
        key = stack.shell("key", "create", str(account), "--label", "theirs").stdout.strip()
        stack.stop_purser()
        with sqlite3.connect(stack.store / "purser.db") as db:
            db.execute("UPDATE api_key SET person_id = ? WHERE label = 'theirs' AND revoked_at IS NULL", (mate.id,))
        stack.start_purser()
        answer = olga.delete(f"/api/v1/members/{mate.id}" + ("?revoke_keys=true" if revokes else ""))
        assert answer.json["keys_revoked"] == int(revokes)
        assert answer.json["keys_active"] == int(not revokes)
        assert stack.get("/auth/user", key=key).status == (401 if revokes else 200)
        if not revokes:
            stack.shell("key", "revoke", str(stack.sql("SELECT max(id) AS id FROM api_key")[0]["id"]))


def test_the_books_are_sound(stack):
    assert stack.findings() == []
