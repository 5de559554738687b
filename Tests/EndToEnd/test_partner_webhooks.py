"""Webhooks as the partner dashboard manages and reads them."""

import hashlib
import hmac

import pytest
from answers import assert_problem
from hook_owner import Owner, numbers
from hook_receiver import HookReceiver
from stack import Stack, wait_until


@pytest.fixture(scope="module")
def house():
    with HookReceiver() as receiver, Stack(WEBHOOK_PRIVATE_RANGES="127.0.0.0/8", WEBHOOK_TIMEOUT="3") as stack:
        stack.receiver = receiver
        yield stack
        assert stack.findings() == []
        assert "a request failed" not in stack.log


class Partner(Owner):
    def partner(self, method, path, body=None):
        return self.stack.ask(method, "/api/partner" + path, body, headers=self.cookie)

    def add(self, path="/ok", **more):
        url = f"{self.stack.receiver.url}{path}/{next(numbers)}"
        answer = self.partner("POST", "/webhooks", {"url": url, **more})
        assert answer.status == 201, answer
        return answer.json | {"path": url.removeprefix(self.stack.receiver.url)}

    def deliveries(self, query=""):
        answer = self.partner("GET", f"/webhook-deliveries{query}")
        assert answer.status == 200, answer
        return answer.json["deliveries"]


@pytest.fixture
def partner(house):
    return Partner(house)


def test_an_endpoint_is_made_shown_changed_and_removed(house, partner):
    made = partner.add(events=["REFERRAL_CREATED", "REWARD_CREATED", "invoice.*"])
    hook = made["webhook"]
    assert made["secret"].startswith("whsec_")
    assert (hook["appId"], hook["app"], hook["isActive"]) == (None, None, True)
    assert hook["events"] == ["REFERRAL_CREATED", "REWARD_CREATED", "invoice.*"]
    listed = partner.partner("GET", "/webhooks")
    assert listed.json == {"webhooks": [hook]} and made["secret"] not in listed.body.decode()
    changed = partner.partner("PATCH", f"/webhooks/{hook['id']}", {"events": ["REWARD_REDEEMED"], "isActive": False})
    assert changed.json["webhook"] == hook | {
        "events": ["REWARD_REDEEMED"], "isActive": False, "disabledReason": "owner"}
    # The same endpoint under the other family of paths.
    assert partner.ask("GET", f"/{hook['id']}").json["events"] == ["REWARD_REDEEMED"]
    assert partner.partner("DELETE", f"/webhooks/{hook['id']}").json == {"success": True}
    assert partner.partner("GET", "/webhooks").json == {"webhooks": []}
    assert_problem(partner.partner("DELETE", f"/webhooks/{hook['id']}"), 404)


def test_old_receivers_verify_with_the_secret_as_it_was_shown(house, partner):
    made = partner.add()
    ticket = partner.ticket()
    (delivery,) = house.receiver.wait(made["path"])
    delivery.verify(made["secret"])
    assert delivery.json["event"] == "ticket.created" and delivery.json["data"]["ticket_id"] == ticket
    expected = hmac.new(made["secret"].encode(), delivery.body, hashlib.sha256).hexdigest()
    assert delivery.headers["x-webhook-signature"] == expected


def test_a_test_is_sent_both_ways(house, partner):
    made = partner.add(events=["REWARD_CREATED"])
    id = made["webhook"]["id"]
    sent = [partner.partner("POST", f"/webhooks/{id}/test", {}),
            partner.partner("POST", "/webhooks/send-test", {"webhookId": id})]
    assert [answer.json["success"] for answer in sent] == [True, True]
    arrived = house.receiver.wait(made["path"], 2)
    assert {delivery.id for delivery in arrived} == {answer.json["messageId"] for answer in sent}
    assert {delivery.json["event"] for delivery in arrived} == {"webhook.test"}
    assert_problem(partner.partner("POST", "/webhooks/send-test", {"webhookId": "whk_x"}), 404)
    assert_problem(partner.partner("POST", "/webhooks/send-test", {}), 400)


def test_an_apps_endpoints_and_deliveries_are_its_own(house, partner):
    app = partner.app("Shop")
    shop, account = partner.add(appId=app), partner.add()
    assert shop["webhook"]["app"] == {"id": app, "name": "Shop"} and shop["webhook"]["appId"] == app
    assert partner.partner("GET", f"/webhooks?appId={app}").json == {"webhooks": [shop["webhook"]]}
    assert len(partner.partner("GET", "/webhooks").json["webhooks"]) == 2
    partner.ticket()
    partner.partner("POST", f"/webhooks/{shop['webhook']['id']}/test", {})
    house.receiver.wait(account["path"])
    assert [each.json["event"] for each in house.receiver.wait(shop["path"])] == ["webhook.test"]
    of_app = wait_until(lambda: (found := partner.deliveries(f"?appId={app}")) and found[0]["success"] and found)
    assert [(each["eventType"], each["app"]) for each in of_app] == [
        ("webhook.test", {"id": app, "name": "Shop"})]
    assert {each["app"]["id"] for each in partner.deliveries()} == {app, ""}
    for query in ("?appId=app_none", "?appId=x"):
        assert_problem(partner.partner("GET", f"/webhook-deliveries{query}"), 404, "App not found")
        assert_problem(partner.partner("GET", f"/webhooks{query}"), 404, "App not found")
    answer = Partner(house).partner("POST", "/webhooks", {"url": "https://example.com/", "appId": app})
    assert_problem(answer, 404, "App not found")


def test_deliveries_are_the_newest_ten_unless_told(house, partner):
    good, bad = partner.add("/ok"), partner.add("/hang")
    for _ in range(7):
        partner.ticket()
    house.receiver.wait(good["path"], 7)
    shown = wait_until(lambda: (found := partner.deliveries("?limit=100"))
                       and sum(each["success"] for each in found) == 7 and found)
    assert len(shown) == 14 and len(partner.deliveries()) == 10 and len(partner.deliveries("?limit=3")) == 3
    assert partner.deliveries("?limit=3")[0]["id"] == shown[0]["id"]
    assert set(shown[0]) == {"id", "eventType", "url", "statusCode", "success", "timestamp", "app"}
    for each in shown:
        is_good = each["url"].endswith(good["path"])
        assert (each["statusCode"], each["success"]) == ((200, True) if is_good else (0, False)), each
        assert each["app"] == {"id": "", "name": partner.user["name"]}
    assert bad["webhook"]["isActive"]
    for limit in ("0", "101", "x"):
        assert_problem(partner.partner("GET", f"/webhook-deliveries?limit={limit}"), 400)


def test_another_partner_finds_nothing(house, partner):
    hook = partner.add()["webhook"]
    partner.ticket()
    outsider = Partner(house)
    for method, path in [("PATCH", ""), ("DELETE", ""), ("POST", "/test")]:
        body = {} if method != "DELETE" else None
        assert_problem(outsider.partner(method, f"/webhooks/{hook['id']}{path}", body), 404)
    assert outsider.partner("GET", "/webhooks").json == {"webhooks": []} and outsider.deliveries() == []


def test_every_attempt_is_in_the_log_with_what_was_sent(house, partner):
    made = partner.add()
    house.receiver.scripts[made["path"]] = [(503, {})]
    partner.ticket()
    first, second = house.receiver.wait(made["path"], 2)
    id = made["webhook"]["id"]
    entry = wait_until(lambda: next(iter(partner.log({"id": id}, "?status=delivered")), None))
    shown = partner.ask("GET", f"/{id}/deliveries/{entry['id']}").json
    assert shown["delivery"] == entry and entry["request_body"].encode() == first.body
    assert [(each["number"], each["status_code"]) for each in shown["attempts"]] == [(1, 503), (2, 200)]
    for attempt, delivery in zip(shown["attempts"], (first, second)):
        for header in attempt["request_headers"]:
            assert delivery.headers[header["name"].lower()] == header["value"]
        assert {"webhook-id", "webhook-timestamp", "webhook-signature", "X-Webhook-Signature"} <= {
            header["name"] for header in attempt["request_headers"]}
    assert_problem(partner.ask("GET", f"/{id}/deliveries/999999999"), 404, "Delivery not found")
