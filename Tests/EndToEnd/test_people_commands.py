"""`purser user`, `account` and `key`: what a sysadmin does at the shell, with a Purser running and without one."""

import json
import os
import pty
import select
import subprocess

import pytest
from answers import assert_problem
from people import PASSWORD, Browser, mails, owner, teammate, token
from stack import purser_binary, wait_until


def told(stack, *words, **more):
    return json.loads(run(stack, *words, "--json", **more).stdout)


def run(stack, *words, stdin=None, check=True):
    done = subprocess.run([purser_binary(), *words], env=stack.environment, input=stdin, capture_output=True, text=True,
                          timeout=60)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def entries(stack):
    return [row["action"] for row in stack.sql("SELECT action FROM audit_entry ORDER BY id DESC")]


@pytest.fixture(params=[True, False], ids=["beside a running Purser", "with nobody running"])
def house(request, make_stack):
    stack = make_stack(OPERATOR_SECOND_FACTOR="off")
    if not request.param:
        stack.stop_purser()
    stack.wake = lambda: None if request.param else stack.start_purser()
    stack.rest = lambda: None if request.param else stack.stop_purser()
    return stack


def test_the_first_operator_sets_their_password_by_a_link_that_works_once(house):
    done = run(house, "user", "create", "root@site.example", "--name", "Root", "--operator")
    link = done.stdout.strip().splitlines()[-1]
    address, _, secret = link.partition("#reset=")
    assert address == f"{house.url}/link.html" and len(secret) >= 43
    house.wake()
    assert Browser(house).post("/auth/login", {"email": "root@site.example", "password": ""}).status == 401
    answer = Browser(house).post("/auth/password/reset", {"token": secret, "password": PASSWORD})
    assert answer.status == 200, answer
    again = Browser(house).post("/auth/password/reset", {"token": secret, "password": PASSWORD})
    assert again.status in (400, 404, 410)
    root = Browser(house).sign_in("root@site.example", password=PASSWORD)
    assert root.get("/api/v1/admin/audit").status == 200
    assert told(house, "user", "show", "root@site.example")["person"]["is_operator"] is True
    assert house.findings() == []


def test_a_password_comes_from_standard_input(house):
    made = told(house, "user", "create", "ann@site.example", "--name", "Ann", "--plan", "pro", "--password-stdin",
                stdin=PASSWORD + "\n")
    assert made["email"] == "ann@site.example" and "link" not in made
    for weak in ("", "short\n", "password1234\n"):
        done = run(house, "user", "create", "weak@site.example", "--password-stdin", stdin=weak, check=False)
        assert done.returncode == 1 and "password" in done.stderr.lower()
    done = run(house, "user", "create", "ann@site.example", "--password-stdin", stdin=PASSWORD, check=False)
    assert done.returncode == 1 and "already" in done.stderr
    shown = told(house, "user", "show", "ann@site.example")
    assert [(item["role"], item["plan"]) for item in shown["accounts"]] == [("owner", "pro")]
    assert shown["person"]["has_password"] is True
    house.wake()
    ann = Browser(house).sign_in("ann@site.example", password=PASSWORD)
    assert ann.get("/api/v1/account").json["plan"] == "pro"
    assert PASSWORD not in house.log


def test_a_terminal_is_asked_without_an_echo(make_stack):
    stack = make_stack()
    leader, follower = pty.openpty()
    done = subprocess.Popen([purser_binary(), "user", "create", "tty@site.example", "--password-stdin"],
                            env=stack.environment, stdin=follower, stdout=subprocess.PIPE, stderr=follower)
    shown = b""
    for question in (b"Password: ", b"Again: "):
        while not shown.endswith(question):
            assert select.select([leader], [], [], 20)[0], shown
            shown += os.read(leader, 1024)
        os.write(leader, PASSWORD.encode() + b"\n")
    assert done.wait(30) == 0
    assert PASSWORD.encode() not in shown
    Browser(stack).sign_in("tty@site.example", password=PASSWORD)
    os.close(leader)
    os.close(follower)


def test_no_command_takes_a_secret_as_an_argument():
    for group in ("user", "account", "key", "audit"):
        usage = subprocess.run([purser_binary(), group, "--help"], capture_output=True, text=True).stdout
        commands = [line.split()[0] for line in usage.partition("SUBCOMMANDS:")[2].splitlines()
                    if line.startswith("  ") and line[2:3].islower()]
        assert len(commands) >= 2
        for command in commands:
            text = subprocess.run([purser_binary(), group, command, "--help"], capture_output=True, text=True).stdout
            assert "--json" in text, (group, command)
            assert "<password" not in text and "--password " not in text and "<secret" not in text, (group, command)


def test_a_disabled_person_is_out_at_once_and_can_come_back(make_stack):
    stack = make_stack()
    olga = owner(stack, "olga@site.example")
    stack.register("other@site.example", password=PASSWORD)
    other = Browser(stack).sign_in("other@site.example", password=PASSWORD)
    assert told(stack, "user", "disable", "other@site.example")["sessions_ended"] == 1
    assert_problem(other.get("/api/v1/me"), 401)
    refused = Browser(stack).post("/auth/login", {"email": "other@site.example", "password": PASSWORD})
    assert_problem(refused, 401, code="invalid_credentials")
    assert "Disabled." in run(stack, "user", "disable", "olga@site.example").stdout
    assert_problem(stack.get("/auth/user", key=olga.user["api_key"]), 401)
    assert "Enabled." in run(stack, "user", "enable", "olga@site.example").stdout
    assert stack.get("/auth/user", key=olga.user["api_key"]).status == 200
    assert_problem(olga.get("/api/v1/me"), 401)
    assert entries(stack)[:3] == ["person.enabled", "person.disabled", "session.refused"]


def test_promotion_needs_a_new_sign_in(make_stack):
    stack = make_stack(OPERATOR_SECOND_FACTOR="off")
    olga = owner(stack, "olga@site.example")
    again = lambda: Browser(stack).sign_in(olga.email, api_key=olga.user["api_key"])  # noqa: E731
    assert_problem(olga.get("/api/v1/admin/audit"), 403)
    run(stack, "user", "promote", olga.email)
    assert_problem(olga.get("/api/v1/admin/audit"), 401)
    promoted = again()
    assert promoted.get("/api/v1/admin/audit").status == 200
    assert stack.get("/stats", key=olga.user["api_key"]).status == 200
    assert [person["email"] for person in told(stack, "user", "list", "--operators")["people"]] == [olga.email]
    run(stack, "user", "demote", olga.email)
    assert_problem(promoted.get("/api/v1/me"), 401)
    assert_problem(again().get("/api/v1/admin/audit"), 403)
    assert told(stack, "user", "list", "--operators")["people"] == []


def test_sessions_are_listed_and_ended(make_stack):
    stack = make_stack()
    olga = owner(stack, "olga@site.example")
    Browser(stack).sign_in(olga.email, api_key=olga.user["api_key"])
    listed = told(stack, "user", "sessions", olga.email)["sessions"]
    assert len(listed) == 2 and {session["address"] for session in listed} == {"127.0.0.1"}
    assert "Python-urllib" in run(stack, "user", "sessions", olga.email).stdout
    assert "Sessions ended: 2" in run(stack, "user", "end-sessions", olga.email).stdout
    assert_problem(olga.get("/api/v1/me"), 401)


def test_a_reset_prints_or_mails_a_link(make_stack):
    stack = make_stack()
    stack.register("olga@site.example", password=PASSWORD)
    first = run(stack, "user", "reset", "olga@site.example").stdout.strip().partition("#reset=")[2]
    mailed = told(stack, "user", "reset", "olga@site.example", "--mail")
    assert mailed == {"email": "olga@site.example", "mailed": True}
    second = token(stack, "olga@site.example", "reset")
    assert first != second and any("#reset=" in mail for mail in mails(stack, "olga@site.example"))
    browser = Browser(stack)
    body = {"token": first, "password": "another " + PASSWORD}
    assert browser.post("/auth/password/reset", body).status in (400, 404, 410), "only the newest link works"
    assert browser.post("/auth/password/reset", body | {"token": second}).status == 200
    Browser(stack).sign_in("olga@site.example", password="another " + PASSWORD)
    refused = run(stack, "user", "reset", "nobody@site.example", check=False)
    assert refused.returncode == 1 and "nobody with the address" in refused.stderr


def test_accounts_are_made_shown_and_suspended(house):
    run(house, "user", "create", "olga@site.example", "--name", "Olga\nOwner")
    made = told(house, "account", "create", "Second", "--owner", "olga@site.example", "--plan", "enterprise")
    assert made["plan"] == "enterprise"
    listed = told(house, "account", "list")["accounts"]
    assert [item["id"] for item in listed] == [1, made["account"]]
    assert told(house, "account", "list", "--after", "1")["accounts"] == listed[1:]
    several = run(house, "account", "show", "olga@site.example", check=False)
    assert several.returncode == 1 and f"1, {made['account']}" in several.stderr
    assert "Olga?Owner" in run(house, "account", "members", "1").stdout, "a name stays on its line"
    joined = run(house, "user", "create", "bill@site.example", "--account", "1", "--role", "billing").stdout
    assert "in account 1" in joined
    shown = told(house, "account", "show", "1")
    assert [(member["email"], member["role"]) for member in shown["members"]] == [
        ("olga@site.example", "owner"), ("bill@site.example", "billing")]
    assert shown["credit"] == 10
    key = run(house, "key", "create", "1", "--label", "gateway").stdout.strip()
    house.wake()
    assert house.get("/auth/user", key=key).status == 200
    house.rest()
    assert "Suspended." in run(house, "account", "suspend", "1").stdout
    house.wake()
    assert house.get("/auth/user", key=key).status in (401, 403)
    house.rest()
    assert "Resumed." in run(house, "account", "resume", "1").stdout
    house.wake()
    assert house.get("/auth/user", key=key).status == 200
    assert entries(house)[:3] == ["account.resumed", "account.suspended", "key.created"]
    assert house.findings() == []


def test_keys_are_made_listed_and_revoked(house):
    run(house, "user", "create", "olga@site.example")
    made = told(house, "key", "create", "olga@site.example", "--label", "gateway")
    key = made["api_key"]
    (listed,) = told(house, "key", "list", "olga@site.example")["keys"]
    assert listed["label"] == "gateway" and listed["revoked_at"] is None and listed["hint"].endswith(key[-4:])
    assert key not in run(house, "key", "list", "1").stdout + run(house, "key", "show", str(made["id"])).stdout
    assert "Revoked." in run(house, "key", "revoke", str(made["id"])).stdout
    assert told(house, "key", "revoke", str(made["id"])) == {"revoked": False}
    assert told(house, "key", "show", str(made["id"]))["key"]["revoked_at"]
    house.wake()
    assert house.get("/auth/user", key=key).status == 401
    assert entries(house)[:2] == ["key.revoked", "key.created"]


def test_refusals_are_sentences(make_stack):
    stack = make_stack()
    stack.register("olga@site.example")
    refused = [
        ["user", "show", "nobody@site.example"], ["user", "show", "nonsense"], ["user", "promote", "nobody@x.example"],
        ["user", "create", "nonsense"], ["user", "create", "x@site.example", "--plan", "gold"],
        ["user", "create", "x@site.example", "--account", "99"],
        ["user", "create", "x@site.example", "--account", "1", "--role", "king"],
        ["account", "show", "99"], ["account", "create", "A", "--owner", "nobody@site.example"],
        ["account", "suspend", "nobody@site.example"], ["account", "list", "--limit", "0"],
        ["key", "show", "99"], ["key", "list", "99"], ["key", "create", "99"], ["audit", "list", "--account", "99"],
    ]
    for words in refused:
        done = run(stack, *words, check=False)
        assert done.returncode == 1 and done.stderr.startswith("Error: ") and done.stdout == "", (words, done)
        assert "Something went wrong" not in done.stderr, (words, done.stderr)
    assert stack.sql("SELECT count(*) AS n FROM person") == [{"n": 1}]


def test_nothing_of_it_is_there_for_the_network(make_stack):
    stack = make_stack()
    lines = subprocess.run([purser_binary(), "routes"], capture_output=True, text=True, check=True).stdout.splitlines()
    shell = [line.split("\t")[:2] for line in lines if line.split("\t")[3] == "shell"]
    assert len(shell) > 20
    for method, path in shell:
        assert stack.ask(method, path, {} if method == "POST" else None).status == 404, path
    assert wait_until(lambda: stack.get("/health").status == 200)


def test_the_audit_log_is_listed(make_stack):
    stack = make_stack()
    olga = owner(stack, "olga@site.example")
    teammate(stack, olga, "mate@site.example", "viewer")
    text = run(stack, "audit", "list", "--account", "olga@site.example").stdout
    assert "member.joined" in text and "session.created" in text
    listed = told(stack, "audit", "list", "--action", "member.joined")["entries"]
    assert [entry["detail"]["email"] for entry in listed] == ["mate@site.example"]
