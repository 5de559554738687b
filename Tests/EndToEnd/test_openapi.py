"""The document of the API is valid, complete, and true of what is answered."""

import subprocess

import pytest
from answers import sign_in
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from stack import purser_binary


@pytest.fixture(scope="module")
def document(stack):
    answer = stack.get("/openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    return answer.json


def test_it_is_valid(document):
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_it_names_what_the_route_table_names(document):
    lines = subprocess.run([purser_binary(), "routes"], capture_output=True, text=True, check=True).stdout.splitlines()
    table = {tuple(line.split("\t")[:2]) for line in lines if line.split("\t")[3] != "shell"}
    named = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert named == table and len(table) > 20
    assert all("/control/" not in path for path in document["paths"])


def test_the_command_prints_the_same_document(document):
    import json
    printed = subprocess.run([purser_binary(), "openapi"], capture_output=True, text=True, check=True).stdout
    assert json.loads(printed)["paths"] == document["paths"]


def test_operations_have_names_of_their_own(document):
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)


TICKET = {"priority": "low", "subject": "s", "message": "m"}
KEY = "KEY"
SAMPLE = [
    ("get", "/auth/user", None), ("get", "/analytics/usage", None), ("get", "/dashboard/invoices", None),
    ("get", "/billing/usage/{user_id}", None), ("get", "/billing/invoices/{user_id}", None),
    ("post", "/support/ticket", TICKET), ("post", "/support/ticket", {}),
    ("post", "/billing/create-payment", {"amount": 5}), ("get", "/stats", None), ("get", "/health", None),
    ("get", "/pricing", None), ("get", "/openapi.json", None),
    ("post", "/auth/register", {"name": "n", "email": "openapi@example.com"}),
    ("post", "/auth/register", {"name": "n", "email": "openapi@example.com"}),
    ("post", "/auth/login", {"email": "EMAIL", "api_key": KEY}), ("post", "/auth/login", {"email": "EMAIL"}),
    ("post", "/auth/validate", {"api_key": KEY}), ("post", "/auth/validate", {"api_key": "bad"}),
    ("post", "/billing/check-limits", {"api_key": KEY, "requested_shots": 5, "backend": "simulator"}),
    ("post", "/billing/check-limits", {"api_key": KEY, "requested_shots": 500, "backend": "simulator"}),
    ("post", "/billing/record-usage", {"api_key": KEY, "shots": 5, "backend": "simulator"}),
    ("post", "/billing/record-usage", {"api_key": KEY, "shots": -5, "backend": "simulator"}),
    ("post", "/billing/log-usage", {"api_key": KEY, "prompt": "p"}),
    ("post", "/api/v1/usage/authorize", {"backend": "simulator", "shots": 1}),
    ("post", "/api/v1/usage/authorize", {"backend": "simulator", "shots": 5000}),
    ("post", "/api/v1/usage/events", {"events": [{"backend": "simulator", "shots": 1}, {"id": "x"}]}),
    ("get", "/api/v1/me", None), ("get", "/api/v1/me/usage", None), ("get", "/api/v1/me/invoices", None),
    ("get", "/api/v1/limits", None), ("get", "/api/v1/alerts", None), ("get", "/api/v1/budget", None),
    ("put", "/api/v1/budget", {"amount": 12.5, "stops": True}), ("put", "/api/v1/budget", {"amount": -1}),
    ("get", "/api/v1/limits", None), ("get", "/api/v1/budget", None), ("delete", "/api/v1/budget", None),
    ("get", "/api/v1/analytics/requests", None),
    ("get", "/api/v1/analytics/forecast", None),
    ("post", "/api/v1/me/tickets", TICKET), ("post", "/auth/logout", None), ("post", "/webhooks/stripe", {}),
]


def test_answers_are_as_it_says(stack, document):
    user = stack.register(email="sample@example.com")
    told = {KEY: user["api_key"], "EMAIL": user["email"]}
    statuses = set()
    for method, path, body in SAMPLE:
        body = {name: told.get(value, value) if isinstance(value, str) else value
                for name, value in body.items()} if body is not None else None
        by_session = document["paths"][path][method]["security"] == [{"session": []}]
        who = {"headers": sign_in(stack, user)} if by_session else {"key": user["api_key"]}
        answer = stack.ask(method.upper(), path.replace("{user_id}", str(user["id"])), body, **who)
        statuses.add(answer.status)
        responses = document["paths"][path][method]["responses"]
        response = responses.get(str(answer.status), responses["default"])
        kind = answer.headers["Content-Type"]
        schema = response["content"][kind]["schema"] | {"components": document["components"]}
        Draft202012Validator(schema).validate(answer.json)
        if kind == "application/json" and "properties" in schema and isinstance(answer.json, dict):
            assert set(answer.json) <= set(schema["properties"]), (path, answer)
    assert {200, 201, 400, 401, 403, 409, 503} <= statuses


def test_every_event_that_is_posted_to_customers_is_described(document):
    events = document["webhooks"]
    assert {"key.created", "usage.threshold", "invoice.created", "payment.received", "ticket.created",
            "REFERRAL_CREATED", "REFERRAL_CLICKED", "REFERRAL_CONVERTED", "REWARD_CREATED", "REWARD_CLAIMED",
            "REWARD_REDEEMED", "USAGE_LIMIT_EXCEEDED"} <= set(events)
    for name, event in events.items():
        body = event["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert set(body["required"]) == {"type", "event", "version", "timestamp", "data"}, name
        assert event["post"]["x-payload-version"] == 1, name
        assert body["properties"]["data"]["properties"], name
        assert "webhook-id" in {parameter["name"] for parameter in event["post"]["parameters"]}


def test_what_a_body_needs_is_what_is_asked_for(stack, user, document):
    for path, methods in document["paths"].items():
        operation = methods.get("post")
        if not operation or "requestBody" not in operation or "stripe" in path:
            continue
        if {"session": []} in operation["security"]:
            continue
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator.check_schema(schema)
        answer = stack.post(path, {"api_key": user["api_key"]} if "api_key" in schema["properties"] else {},
                            key=user["api_key"])
        if set(schema.get("required", [])) - {"api_key"}:
            assert answer.status in (400, 503), (path, answer)


def test_the_books_are_sound(stack):
    assert stack.findings() == []
