"""Webhooks to customers: every delivery verified by Standard Webhooks' own library, whatever the receivers do."""

import time

import pytest
from answers import assert_problem
from hook_owner import Owner
from hook_receiver import HookReceiver
from stack import Stack, wait_until


@pytest.fixture(scope="module")
def house():
    with HookReceiver() as receiver, Stack(WEBHOOK_PRIVATE_RANGES="127.0.0.0/8", WEBHOOK_TIMEOUT="3") as stack:
        stack.receiver = receiver
        yield stack
        assert stack.findings() == []
        assert "a request failed" not in stack.log


@pytest.fixture
def owner(house):
    return Owner(house)


def test_an_event_arrives_verified_and_is_logged(house, owner):
    hook = owner.make()
    ticket = owner.ticket("Grüße <b>")
    (delivery,) = house.receiver.wait(hook["path"])
    delivery.verify(hook["secret"])
    assert delivery.json["type"] == "ticket.created"
    assert delivery.json["data"]["ticket_id"] == ticket and delivery.json["data"]["subject"] == "Grüße <b>"
    assert delivery.headers["content-type"] == "application/json"
    assert "cookie" not in delivery.headers and "authorization" not in delivery.headers
    (entry,) = wait_until(lambda: owner.log(hook, "?status=delivered"))
    assert (entry["message_id"], entry["event"], entry["attempts"]) == (delivery.id, "ticket.created", 1)
    assert (entry["status_code"], entry["response_body"]) == (200, "taken")
    assert entry["request_body"].encode() == delivery.body


def test_the_secret_is_shown_once(house, owner):
    hook = owner.make()
    for path in ("", f"/{hook['id']}", f"/{hook['id']}/deliveries"):
        assert hook["secret"] not in owner.ask("GET", path).body.decode()
    assert hook["secret"][6:].encode() not in (house.store / "purser.db").read_bytes()


def test_a_test_arrives_whatever_was_chosen_and_the_choice_holds(house, owner):
    hook = owner.make(events=["usage.*", "key.created"])
    owner.ticket()
    answer = owner.ask("POST", f"/{hook['id']}/test", {})
    (delivery,) = house.receiver.wait(hook["path"])
    delivery.verify(hook["secret"])
    assert (delivery.id, delivery.json["type"]) == (answer.json["message_id"], "webhook.test")


def test_after_a_rotation_either_secret_verifies(house, owner):
    hook = owner.make()
    answer = owner.ask("POST", f"/{hook['id']}/rotate-secret", {})
    assert answer.status == 200 and answer.json["secret"] != hook["secret"]
    owner.ticket()
    (delivery,) = house.receiver.wait(hook["path"])
    delivery.verify(answer.json["secret"])
    from standardwebhooks import Webhook
    assert Webhook(hook["secret"]).verify(delivery.body, delivery.headers)


def test_what_failed_is_tried_again_under_the_same_id(house, owner):
    hook = owner.make()
    house.receiver.scripts[hook["path"]] = [(500, {})]
    owner.ticket()
    first, second = house.receiver.wait(hook["path"], 2)
    assert first.id == second.id and first.body == second.body
    assert int(second.headers["webhook-timestamp"]) > int(first.headers["webhook-timestamp"])
    assert 4.5 < second.at - first.at < 8
    second.verify(hook["secret"])


@pytest.mark.parametrize("path, status, words", [
    ("/status/500", 500, "It answered 500"), ("/status/404", 404, "It answered 404"),
    ("/redirect", 307, "It answered 307"), ("/hang", 0, "no answer in time"), ("/drip", 0, "no answer in time"),
])
def test_a_bad_receiver_is_logged_and_gets_another_try(house, owner, path, status, words):
    hook = owner.make(path)
    owner.ticket()
    entry = wait_until(lambda: next((entry for entry in owner.log(hook) if entry["attempts"]), None))
    assert (entry["status"], entry["status_code"]) == ("waiting", status) and words in entry["error"]
    assert entry["next_attempt_at"] > entry["attempted_at"]
    assert house.receiver.at("/ok/redirected") == []
    shown = owner.ask("GET", f"/{hook['id']}").json
    assert shown["status"] == "active" and shown["failing_since"]


def test_an_answer_without_end_is_cut_and_counts_by_its_status(house, owner):
    hook = owner.make("/endless")
    owner.ticket()
    (entry,) = wait_until(lambda: owner.log(hook, "?status=delivered"))
    assert entry["response_body"] == "x" * 1024


def test_410_ends_it_until_its_owner_says_otherwise(house, owner):
    hook = owner.make()
    house.receiver.scripts[hook["path"]] = [(410, {})]
    owner.ticket()
    shown = wait_until(lambda: (shown := owner.ask("GET", f"/{hook['id']}").json)["status"] == "disabled" and shown)
    assert shown["disabled_reason"] == "gone"
    assert_problem(owner.ask("POST", f"/{hook['id']}/test", {}), 409, code="endpoint_disabled")
    assert owner.ask("PATCH", f"/{hook['id']}", {"status": "active"}).json["status"] == "active"
    (gone,) = house.receiver.at(hook["path"])
    assert owner.ask("POST", f"/{hook['id']}/replay", {"message_id": gone.id}).json == {"replayed": 1}
    assert house.receiver.wait(hook["path"], 2)[1].id == gone.id


def test_429_pauses_the_whole_endpoint_for_as_long_as_it_asks(house, owner):
    hook = owner.make()
    house.receiver.scripts[hook["path"]] = [(429, {"Retry-After": "7"})]
    owner.ticket("first")
    house.receiver.wait(hook["path"])
    owner.ticket("second")
    deliveries = house.receiver.wait(hook["path"], 3, 25)
    assert deliveries[1].at - deliveries[0].at > 6.5
    assert {delivery.json["data"]["subject"] for delivery in deliveries[1:]} == {"first", "second"}


def test_replays_all_that_failed_since_a_time(house, owner):
    hook = owner.make()
    house.receiver.scripts[hook["path"]] = [(410, {})]
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    owner.ticket()
    wait_until(lambda: owner.log(hook, "?status=failed"))
    owner.ask("PATCH", f"/{hook['id']}", {"status": "active"})
    assert owner.ask("POST", f"/{hook['id']}/replay", {"since": since}).json == {"replayed": 1}
    assert len({delivery.id for delivery in house.receiver.wait(hook["path"], 2)}) == 1


@pytest.mark.parametrize("url", [
    "http://10.0.0.1/", "https://169.254.169.254/latest/", "https://[::1]/", "http://0x7f.1:9/ ", "https://1.1.1.1/",
    "https://user@example.com/", "ftp://127.0.0.1/", "https://example.com./", "", "x", "https://example.com/é",
])
def test_refuses_urls_that_lead_where_strangers_must_not(owner, url):
    assert_problem(owner.ask("POST", "", {"url": url}), 400, code="invalid_field")


def test_a_name_that_leads_to_a_private_address_is_not_reached(make_stack):
    with HookReceiver() as receiver:
        stack = make_stack()
        stack.receiver = receiver
        owner = Owner(stack)
        # Without named ranges nothing of this machine is reached, by whatever name.
        assert_problem(owner.ask("POST", "", {"url": f"{receiver.url}/ok"}), 400)
        answer = owner.ask("POST", "", {"url": "https://localhost:8443/ok"})
        assert answer.status == 201, answer
        owner.ticket()
        entry = wait_until(lambda: next((entry for entry in owner.log(answer.json) if entry["attempts"]), None))
        assert entry["error"] == "The name leads to an address that is not public"
        assert receiver.connections == 0


def test_http_goes_to_the_named_ranges_only(house, owner):
    """`localhost` is ::1 too on this machine, which the setting does not name."""
    answer = owner.ask("POST", "", {"url": f"http://localhost:{house.receiver.port}/ok/localhost"})
    assert answer.status == 201, answer
    owner.ticket()
    entry = wait_until(lambda: next((entry for entry in owner.log(answer.json) if entry["attempts"]), None))
    with open("/etc/hosts") as hosts:
        names_both = any(line.startswith("::1") and "localhost" in line.split() for line in hosts)
    assert (entry["status"] == "delivered") != names_both


def test_outsiders_find_nothing(house, owner):
    hook = owner.make()
    outsider = Owner(house)
    for method, path in [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotate-secret"), ("POST", "/test"),
                         ("GET", "/deliveries"), ("POST", "/replay")]:
        body = {"since": "2026-01-01T00:00:00Z"} if method in ("POST", "PATCH") else None
        assert_problem(outsider.ask(method, f"/{hook['id']}{path}", body), 404)
    assert outsider.ask("GET", "").json == {"data": []}


def test_deleted_it_gets_nothing_more(house, owner):
    hook, other = owner.make(), owner.make()
    assert owner.ask("DELETE", f"/{hook['id']}").json == {"deleted": True}
    assert_problem(owner.ask("GET", f"/{hook['id']}"), 404)
    owner.ticket()
    house.receiver.wait(other["path"])
    assert house.receiver.at(hook["path"]) == []


def test_the_life_of_a_key_is_told(house, owner):
    hook = owner.make(events=["key.*"])

    def keys(method, path, body=None):
        answer = house.ask(method, f"/api/v1/keys{path}", body, headers=owner.cookie)
        assert answer.status in (200, 201), answer
        return answer.json

    made = keys("POST", "", {"label": "Server"})
    old = made["key"]["id"]
    keys("POST", f"/{old}/rotate", {})
    keys("DELETE", f"/{old}")
    deliveries = house.receiver.wait(hook["path"], 3)
    told = {delivery.json["type"]: delivery.json["data"] for delivery in deliveries}
    for delivery in deliveries:
        delivery.verify(hook["secret"])
        assert made["api_key"] not in delivery.body.decode()
    assert set(told) == {"key.created", "key.rotated", "key.revoked"}
    assert told["key.created"]["key_id"] == told["key.rotated"]["replaced_key_id"] == told["key.revoked"]["key_id"]
    assert told["key.rotated"]["key_id"] != told["key.created"]["key_id"]


def test_invoices_and_payments_are_told_of(payments):
    with HookReceiver() as receiver:
        payments.stop_purser()
        payments.settings |= {"WEBHOOK_PRIVATE_RANGES": "127.0.0.0/8"}
        payments.start_purser()
        payments.receiver = receiver
        owner = Owner(payments)
        hook = owner.make(events=["invoice.*", "payment.*"])
        payments.shell("account", "plan", owner.user["email"], "pro")
        use = {"api_key": owner.user["api_key"], "backend": "ibm_torino", "shots": 1100}
        assert payments.post("/billing/record-usage", use).status == 200
        checkout = payments.post("/billing/create-payment", {"amount": 12.5}, key=owner.user["api_key"]).json
        payments.stripe.pay(checkout["session_id"])
        told = {}
        for delivery in receiver.wait(hook["path"], 3):
            delivery.verify(hook["secret"])
            told[delivery.json["type"]] = delivery.json["data"]["amount"]
        assert told["invoice.created"] > 3000 and told["invoice.finalized"] == told["invoice.created"]
        assert told["payment.received"] == 12.5


def test_killed_in_the_middle_it_loses_nothing(make_stack):
    with HookReceiver() as receiver:
        stack = make_stack(WEBHOOK_PRIVATE_RANGES="127.0.0.0/8")
        stack.receiver = receiver
        owner = Owner(stack)
        hooks = [owner.make() for _ in range(10)]
        told = set()
        for _ in range(4):
            told |= {owner.ticket() for _ in range(25)}
            seen = len(receiver.deliveries)
            wait_until(lambda: len(receiver.deliveries) > seen, 20)
            stack.stop_purser(9)
            stack.start_purser()
        for hook in hooks:
            wait_until(lambda: {d.json["data"]["ticket_id"] for d in receiver.at(hook["path"])} == told, 60)
            by_id = {}
            for delivery in receiver.at(hook["path"]):
                delivery.verify(hook["secret"])
                assert by_id.setdefault(delivery.id, delivery.body) == delivery.body
            assert len(by_id) == len(told)
        assert stack.findings() == []


def test_stopping_waits_for_nobody_who_hangs(make_stack):
    with HookReceiver() as receiver:
        stack = make_stack(WEBHOOK_PRIVATE_RANGES="127.0.0.0/8", WEBHOOK_TIMEOUT="30")
        stack.receiver = receiver
        owner = Owner(stack)
        hook = owner.make("/hang")
        owner.ticket()
        (first,) = receiver.wait(hook["path"])
        began = time.monotonic()
        assert stack.stop_purser(timeout=20) == 0
        assert time.monotonic() - began < 5
        stack.start_purser()
        assert receiver.wait(hook["path"], 2)[1].id == first.id


def test_those_that_hang_delay_nobody(make_stack):
    """40 events to 50 endpoints of which 5 hang; in full (200 events) it is measured the same way."""
    with HookReceiver() as receiver:
        stack = make_stack(WEBHOOK_PRIVATE_RANGES="127.0.0.0/8")
        stack.receiver = receiver
        owner = Owner(stack)
        hooks = [owner.make("/hang" if number % 10 == 0 else "/ok") for number in range(50)]
        healthy = [hook for hook in hooks if hook["path"].startswith("/ok")]
        sent = {}
        for _ in range(40):
            moment = time.time()
            sent[owner.ticket()] = moment
        wait_until(lambda: sum(len(receiver.at(hook["path"])) for hook in healthy) >= 40 * len(healthy), 60)
        delays = sorted(delivery.at - sent[delivery.json["data"]["ticket_id"]]
                        for hook in healthy for delivery in receiver.at(hook["path"]))
        assert len(delays) == 40 * len(healthy)
        assert delays[int(len(delays) * 0.99)] < 2, delays[-20:]
        # And the site answers as before.
        assert stack.get("/health").status == 200
