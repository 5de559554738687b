"""Mistakes a client could make against Stripe's schema: each is refused, named and remembered."""

import pytest
import requests

CUSTOMER = "email=a%40example.com"
LINE = "line_items[0][quantity]=1&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=500"
NAMED = f"{LINE}&line_items[0][price_data][product_data][name]=Usage"
SESSION = f"mode=payment&success_url=http%3A%2F%2F127.0.0.1%2F&{NAMED}"

MISTAKES = {
    "an unknown parameter": ("/v1/customers", f"{CUSTOMER}&colour=red", "colour"),
    "an unknown parameter deep inside": (
        "/v1/checkout/sessions", f"{SESSION}&line_items[0][price_data][product_data][title]=x",
        "line_items[0][price_data][product_data][title]"),
    "a word for a number": (
        "/v1/checkout/sessions", SESSION.replace("unit_amount]=500", "unit_amount]=5.00"),
        "line_items[0][price_data][unit_amount]"),
    "a value that is none of the choices": (
        "/v1/checkout/sessions", SESSION.replace("mode=payment", "mode=pay"), "mode"),
    "a gap between indexes": (
        "/v1/checkout/sessions", SESSION + "&" + NAMED.replace("[0]", "[2]"), "line_items"),
    "an index that is a word": (
        "/v1/checkout/sessions", SESSION.replace("line_items[0]", "line_items[first]"), "line_items"),
    "a list given as one value": ("/v1/checkout/sessions", "mode=payment&line_items=all", "line_items"),
    "a currency that is none": (
        "/v1/checkout/sessions", SESSION.replace("=usd", "=dollars"), "line_items[0][price_data][currency]"),
    "a text too long": ("/v1/customers", f"name={'n' * 257}", "name"),
    "an empty text on creation": ("/v1/customers", "email=", "email"),
    "a missing parameter": ("/v1/billing/meter_events", "event_name=quantum_shot", "payload"),
    "a missing parameter deep inside": (
        "/v1/billing/meters", "display_name=d&event_name=e&default_aggregation[foo]=sum", "default_aggregation[foo]"),
    "an aggregation unknown to Stripe": (
        "/v1/billing/meters", "display_name=d&event_name=e&default_aggregation[formula]=max",
        "default_aggregation[formula]"),
    "an object where a text belongs": ("/v1/customers", "email[address]=a", "email"),
    "a truth value spelt yes": ("/v1/products", "name=p&active=yes", "active"),
    "the same parameter twice": ("/v1/customers", f"{CUSTOMER}&{CUSTOMER}", "email"),
    "a parameter of another call": ("/v1/billing_portal/sessions", "customer=cus_1&success_url=x", "success_url"),
    "metadata that is a word": ("/v1/customers", f"{CUSTOMER}&metadata=red", "metadata"),
    "a price with a wrong interval": (
        "/v1/prices", "currency=usd&product=p&unit_amount=1&recurring[interval]=decade", "recurring[interval]"),
}


def post(double, path, body, **headers):
    return requests.post(double.url + path, data=body, headers={
        "Authorization": f"Bearer {double.secret_key}", "Stripe-Version": "2026-08-26.dahlia",
        "Content-Type": "application/x-www-form-urlencoded", **headers}, timeout=10)


@pytest.mark.parametrize("name", MISTAKES)
def test_catches(double, name):
    path, body, param = MISTAKES[name]
    refused = post(double, path, body)
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert refused.headers["Request-Id"].startswith("req_")
    noted = double.violations()
    assert [entry["param"] for entry in noted] == [param]
    assert double.journal()[-1]["status"] == 400


def test_finds_nothing_wrong_with_what_is_right(double):
    assert post(double, "/v1/customers", CUSTOMER + "&metadata[0]=first&metadata[a%20b]=c%26d").status_code == 200
    assert post(double, "/v1/checkout/sessions", SESSION + "&expand[]=line_items").status_code == 200
    assert double.violations() == []


def test_catches_a_query_parameter_that_no_list_has(double):
    refused = requests.get(f"{double.url}/v1/customers?mail=a", auth=(double.secret_key, ""), timeout=10,
                           headers={"Stripe-Version": "2026-08-26.dahlia"})
    assert refused.json()["error"]["param"] == "mail"
    assert len(double.violations()) == 1


def test_catches_a_json_body(double):
    refused = post(double, "/v1/customers", '{"email":"a"}', **{"Content-Type": "application/json"})
    assert refused.status_code == 400
    assert len(double.violations()) == 1


def test_notes_a_missing_version_without_refusing(double):
    given = requests.post(f"{double.url}/v1/customers", data={"email": "a"}, auth=(double.secret_key, ""), timeout=10)
    assert given.status_code == 200
    assert [entry["param"] for entry in double.violations()] == ["Stripe-Version"]


def test_journals_every_call(double):
    post(double, "/v1/customers", CUSTOMER, **{"Idempotency-Key": "k1"})
    post(double, "/v1/customers", CUSTOMER, Authorization="Bearer sk_test_other")
    first, second = double.journal("/v1/customers")
    assert first["params"] == {"email": "a@example.com"}
    assert (first["method"], first["status"], first["idempotency_key"]) == ("POST", 200, "k1")
    assert first["stripe_version"] == "2026-08-26.dahlia"
    assert second["status"] == 401
    double.forget()
    assert double.journal() == [] == double.violations()
