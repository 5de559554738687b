"""What is queued as mail arrives once, whatever the mail server does, and nobody but its reader sees it."""

import email
import email.policy
import itertools
import json
import sqlite3
import time

import pytest
from answers import assert_problem
from mail_double import MailDouble
from stack import Stack, wait_until

LINK = "http://127.0.0.1/link.html#verify=Ab3_-x"
PARTS = [{"text": "Hello <Ada> & \"friends\",\nplease verify your address."}, {"link": "Verify", "url": LINK},
         {"text": "Or type this:"}, {"code": "123456"}]
keys = (f"{number:032x}" for number in itertools.count(1))


@pytest.fixture
def mail():
    with MailDouble() as double:
        yield double


@pytest.fixture
def house(mail):
    with Stack(**mail.settings) as made:
        yield made


def queue(stack, to="ada@example.com", subject="Verify your address", parts=PARTS, age=0):
    """Puts mails into the outbox as Purser's endpoints do; several recipients, several mails."""
    then = int((time.time() - age) * 1000)
    with sqlite3.connect(stack.store / "purser.db", timeout=10) as db:
        for recipient in [to] if isinstance(to, str) else to:
            payload = {"to": recipient, "subject": subject, "parts": parts}
            db.execute("INSERT INTO outbox (kind, account_id, payload, idempotency_key, next_attempt_at, created_at) "
                       "VALUES ('mail', 0, ?, ?, ?, ?)", (json.dumps(payload), next(keys), then, then))


def outbox(stack):
    return stack.sql("SELECT payload, attempts, error, failed_at FROM outbox WHERE kind = 'mail' ORDER BY id")


def wait_until_sent(stack, seconds=30):
    wait_until(lambda: not outbox(stack), seconds, "an empty outbox")


def wait_until_given_up(stack):
    return wait_until(lambda: [row for row in outbox(stack) if row["failed_at"]], 15, "giving up")[0]


def people(count):
    return [f"person{number}@example.com" for number in range(count)]


def test_a_mail_arrives_once_in_text_and_in_html(house, mail):
    queue(house, subject="Vérifiez votre adresse, s'il vous plaît")
    arrived = mail.wait_for("ada@example.com")
    wait_until_sent(house)
    assert (mail.messages, arrived.sender) == ([arrived], "desk@purser.test")
    assert (arrived.subject, arrived.headers["From"]) == ("Vérifiez votre adresse, s'il vous plaît",
                                                          "Purser <desk@purser.test>")
    assert arrived.headers["Auto-Submitted"] == "auto-generated"
    assert (arrived.links[0], arrived.codes) == (LINK, ["123456"])
    assert "Hello <Ada> & \"friends\",\nplease verify" in arrived.text
    assert "Hello &lt;Ada&gt; &amp; &quot;friends&quot;,<br>" in arrived.html
    assert f'href="{LINK}"' in arrived.html and "123456" in arrived.html
    # Nothing is fetched when it is opened, nor run.
    assert not [word for word in ("<img", "<script", "src=", "url(", "@import", "<link") if word in arrived.html]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_mail_goes_by_tls_after_a_login(tls):
    with MailDouble(tls=tls, user="purser", password="p@ss wörd") as mail, Stack(**mail.settings) as house:
        queue(house)
        mail.wait_for("ada@example.com")
        wait_until_sent(house)
        assert "p@ss" not in house.log


def test_mails_wait_for_a_server_that_is_down_and_then_arrive_once_each(house, mail):
    mail.stop()
    queue(house, people(30))
    wait_until(lambda: any(row["attempts"] for row in outbox(house)), 15, "a first attempt")
    assert len(outbox(house)) == 30
    mail.start()
    wait_until_sent(house, 90)
    assert sorted(arrived.to for arrived in mail.messages) == sorted(people(30))


def test_a_wrong_password_uses_up_no_mail(mail):
    with MailDouble(tls="starttls", user="purser", password="right") as mail:
        with Stack(**mail.settings | {"MAIL_PASSWORD": "wrong"}) as house:
            queue(house)
            wait_until(lambda: outbox(house)[0]["attempts"] > 1, 15, "two attempts")
            assert (outbox(house)[0]["failed_at"], "535" in outbox(house)[0]["error"]) == (None, True)
            house.stop_purser()
            house.settings["MAIL_PASSWORD"] = "right"
            house.start_purser()
            mail.wait_for("ada@example.com", seconds=30)


def test_a_mail_that_is_refused_for_good_stands_aside_without_its_text_and_the_others_pass(house, mail):
    mail.refuse("550 5.1.1 No such mailbox", to="nobody@example.com")
    queue(house, ["nobody@example.com", *people(5)])
    row = wait_until_given_up(house)
    assert "5.1.1 No such mailbox" in row["error"]
    assert json.loads(row["payload"]) == {"to": "nobody@example.com", "subject": "Verify your address"}
    wait_until(lambda: len(mail.messages) == 5, 15, "the others")
    time.sleep(3)
    assert mail.attempts == 6
    assert json.loads(house.shell("check", "--json").stdout)["outbox_failed"] == 1
    assert "verify=Ab3" not in house.log


def test_a_mail_that_is_refused_for_now_is_tried_again(house, mail):
    mail.refuse("451 4.7.1 Try again later", times=2)
    mail.refuse("452 4.3.1 Disk full", at="DATA", times=1)
    queue(house)
    mail.wait_for("ada@example.com", seconds=30)
    wait_until_sent(house)
    assert (len(mail.messages), mail.attempts) == (1, 4)


@pytest.mark.parametrize("what", [{"to": "not an address"}, {"parts": [{"tune": "la la"}]}, {"age": 4 * 86_400}],
                         ids=["no address", "illegible", "too old"])
def test_a_mail_that_no_server_could_help_is_given_up(house, mail, what):
    queue(house, **what)
    assert wait_until_given_up(house)["attempts"] == 1
    assert mail.attempts == 0


def test_a_mail_that_hangs_holds_up_no_other(house, mail):
    mail.hang(to="slow@example.com")
    queue(house, "slow@example.com")
    mail.wait_for_attempts(1)
    # Later, so that it is not read together with them.
    queue(house, people(10))
    wait_until(lambda: len(mail.messages) == 10, 10, "the others")
    # Each row goes when the server's answer is in, a little later than its mail.
    wait_until(lambda: len(outbox(house)) == 1, 10, "the others' rows to go")
    assert outbox(house)[0]["payload"].count("slow@example.com") == 1
    mail.behave()
    wait_until_sent(house)
    assert sorted(arrived.to for arrived in mail.messages) == sorted([*people(10), "slow@example.com"])


def test_a_server_that_hangs_holds_up_no_payment_nor_the_provider_a_mail(spec, tmp_path, mail):
    from stack import free_port
    from stripe_double import StripeDouble
    port = free_port()
    double = StripeDouble(state=tmp_path / "stripe", spec=spec, webhook_url=f"http://127.0.0.1:{port}/webhooks/stripe")
    with double, Stack(stripe=double, port=port, **mail.settings) as house:
        house.shell("stripe", "setup")
        user = house.register()
        mail.hang()
        queue(house, people(10))
        mail.wait_for_attempts(2)
        house.post("/billing/record-usage", {"api_key": user["api_key"], "backend": "simulator", "shots": 5})
        wait_until(lambda: double.meter_events(), 5, "the use at the provider")
        mail.behave()
        double.fault("/v1/billing/meter_events", "slow", times=5000, delay=5)
        for _ in range(10):
            house.post("/billing/record-usage", {"api_key": user["api_key"], "backend": "simulator", "shots": 5})
        sent = len(mail.messages)
        queue(house, "last@example.com")
        mail.wait_for("last@example.com", seconds=10)
        assert len(mail.messages) > sent
        double.clear_faults()


def test_killed_in_between_no_mail_is_lost_and_a_second_copy_shows_as_the_same(house, mail):
    for number in range(3):
        queue(house, [f"{number}-{person}" for person in people(40)])
        seen = len(mail.messages)
        wait_until(lambda: len(mail.messages) > seen + 5, 30, "some mails")
        house.stop_purser(9)
        house.start_purser()
    wait_until_sent(house, 60)
    assert {arrived.to for arrived in mail.messages} == {f"{number}-{person}" for number in range(3)
                                                         for person in people(40)}
    assert len({arrived.id for arrived in mail.messages}) == 120
    copies = {}
    for arrived in mail.messages:
        assert copies.setdefault(arrived.id, arrived.raw) == arrived.raw


# ---- without a mail server


@pytest.fixture(scope="module")
def demo():
    """The demo's way: a folder takes the place of a mail server."""
    made = Stack()
    made.settings["MAIL_FOLDER"] = str(made.state / "mail")
    with made:
        made.people = made.seed()
        yield made


def signed_in(stack, person):
    answer = stack.post("/auth/login", {"email": person["email"], "password": person["password"]})
    assert answer.status == 200, answer
    return {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}


def operator(stack):
    return signed_in(stack, stack.people["operator"])


def test_without_a_server_nothing_goes_out_and_everybody_is_told(mail):
    with Stack() as house:
        queue(house)
        time.sleep(2)
        assert [(row["attempts"], row["failed_at"]) for row in outbox(house)] == [(0, None)]
        assert "NO MAIL goes out" in house.log
        assert "NO MAIL goes out" in house.shell("check").stdout
        assert house.get("/health").json["mail_enabled"] is False
        house.stop_purser()
        house.settings |= mail.settings
        house.start_purser()
        mail.wait_for("ada@example.com")
        assert house.get("/health").json["mail_enabled"] is True
        assert f"mail goes out by {mail.url}" in house.shell("check").stdout


def test_in_the_demo_a_mail_becomes_a_file_and_an_operator_reads_it(demo):
    queue(demo, subject="Grüße")
    wait_until_sent(demo)
    written = {path: email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
               for path in (demo.state / "mail").glob("*.eml")}
    [(file, message)] = [(path, mail) for path, mail in written.items() if mail["Subject"] == "Grüße"]
    assert message["To"] == "ada@example.com"
    assert [oct(path.stat().st_mode)[-3:] for path in (demo.state / "mail", file)] == ["700", "600"]

    listed = demo.get("/api/v1/admin/mails", headers=operator(demo)).json
    assert listed["delivery"] == "folder"
    [mine] = [entry for entry in listed["mails"] if entry["subject"] == "Grüße"]
    assert (mine["to"], mine["status"], mine["error"]) == ("ada@example.com", "sent", None)
    shown = demo.get(f"/api/v1/admin/mails/{mine['id']}", headers=operator(demo)).json
    assert LINK in shown["text"] and LINK in shown["html"]
    assert {name: shown[name] for name in ("id", "to", "subject", "created_at")} == \
        {name: mine[name] for name in ("id", "to", "subject", "created_at")}


def test_the_newest_mail_comes_first(demo):
    for number, age in enumerate([300, 100, 200]):
        queue(demo, subject=f"In order {number}", age=age)
    wait_until_sent(demo)
    listed = demo.get("/api/v1/admin/mails", headers=operator(demo)).json["mails"]
    assert [entry["subject"] for entry in listed if "In order" in entry["subject"]] == \
        ["In order 1", "In order 2", "In order 0"]


@pytest.mark.parametrize("id", ["1-ff", "..%2f..%2fkey_pepper", "%2e%2e", "1-ff.eml", "1-", "-", "a-1", "1-FF", "1-ff%00"])
def test_an_id_leads_to_no_other_file(demo, id):
    answer = demo.get(f"/api/v1/admin/mails/{id}", headers=operator(demo))
    assert answer.status in (400, 404), answer


@pytest.mark.parametrize("path", ["/api/v1/admin/mails", "/api/v1/admin/mails/1-ff"])
def test_only_operators_read_mails(demo, path):
    assert_problem(demo.get(path), 401)
    stranger = demo.register(email=f"stranger{len(path)}@example.com", password="a long enough secret")
    headers = signed_in(demo, {"email": stranger["email"], "password": "a long enough secret"})
    assert_problem(demo.get(path, headers=headers), 403)
    assert_problem(demo.get(path, key=stranger["api_key"]), 401)


def test_an_operator_sees_what_waits_and_what_failed_but_not_what_it_says(mail):
    with Stack(**mail.settings) as house:
        house.people = house.seed()
        mail.refuse(to="nobody@example.com")
        queue(house, "nobody@example.com")
        wait_until_given_up(house)
        mail.stop()
        queue(house, "later@example.com")
        answer = house.get("/api/v1/admin/mails", headers=operator(house))
        assert answer.json["delivery"] == "server"
        listed = [entry for entry in answer.json["mails"] if entry["to"] in ("nobody@example.com", "later@example.com")]
        assert [(entry["to"], entry["status"], entry["id"]) for entry in listed] == \
            [("later@example.com", "waiting", None), ("nobody@example.com", "failed", None)]
        assert "No such mailbox" in listed[1]["error"]
        assert LINK not in answer.body.decode()
