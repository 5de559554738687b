"""Who may call from pages of other origins: whoever brings a key, never whoever brings a cookie."""

import pytest
from answers import sign_in

KEY_ROUTES = [
    ("GET", "/auth/user"), ("GET", "/analytics/usage"), ("GET", "/dashboard/invoices"), ("GET", "/stats"),
    ("GET", "/billing/usage/1"), ("GET", "/billing/invoices/1"), ("POST", "/billing/create-payment"),
    ("POST", "/support/ticket"), ("POST", "/auth/validate"), ("POST", "/billing/check-limits"),
    ("POST", "/billing/record-usage"), ("POST", "/billing/log-usage"), ("POST", "/api/v1/usage/authorize"),
    ("POST", "/api/v1/usage/events"),
]
SESSION_ROUTES = [
    ("GET", "/api/v1/me"), ("GET", "/api/v1/me/usage"), ("GET", "/api/v1/me/invoices"),
    ("POST", "/api/v1/me/payments"), ("POST", "/api/v1/me/tickets"), ("POST", "/auth/logout"),
]
FROM_DISK = {"Origin": "null"}


def cors(answer):
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control-")}


@pytest.mark.parametrize("method, path", KEY_ROUTES)
def test_a_route_that_takes_a_key_is_open_to_every_origin_on_errors_too(stack, user, method, path):
    for key in (None, "bioql_wrong_key", user["api_key"]):
        answer = stack.ask(method, path, b"{}" if method == "POST" else None, key=key,
                           headers=FROM_DISK | {"Content-Type": "application/json"})
        assert cors(answer) == {"access-control-allow-origin": "*"}
        assert answer.headers.get_all("Access-Control-Allow-Origin") == ["*"]


@pytest.mark.parametrize("method, path", KEY_ROUTES)
@pytest.mark.parametrize("wanted", ["authorization", "authorization,content-type", "x-api-key", "idempotency-key"])
def test_a_preflight_is_answered(stack, method, path, wanted):
    asked = FROM_DISK | {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted}
    answer = stack.ask("OPTIONS", path, headers=asked)
    assert (answer.status, answer.body) == (204, b"")
    told = cors(answer)
    assert told["access-control-allow-origin"] == "*"
    assert method in told["access-control-allow-methods"].split(", ")
    allowed = {name.lower() for name in told["access-control-allow-headers"].split(", ")}
    assert allowed == {"authorization", "content-type", "x-api-key", "idempotency-key"}
    assert "access-control-allow-credentials" not in told


@pytest.mark.parametrize("path, body, headers, status", [
    ("/billing/create-payment", b"{", {"Content-Type": "application/json"}, 400),
    ("/billing/create-payment", b"amount=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ("/billing/record-usage", b" " * 70_000, {"Content-Type": "application/json"}, 413),
    ("/billing/record-usage", b" " * 300_000, {"Content-Type": "application/json"}, 413),
    ("/auth/user", b"{}", {"Content-Type": "application/json"}, 405),
])
def test_what_goes_wrong_early_can_be_read_by_the_page_too(stack, user, path, body, headers, status):
    answer = stack.ask("POST", path, body, headers=headers | FROM_DISK, key=user["api_key"])
    assert (answer.status, answer.headers.get_all("Access-Control-Allow-Origin")) == (status, ["*"])


@pytest.mark.parametrize("path", ["/health", "/pricing", "/openapi.json"])
def test_public_routes_are_open_to_every_origin(stack, path):
    assert cors(stack.get(path, headers=FROM_DISK)) == {"access-control-allow-origin": "*"}


@pytest.mark.parametrize("method, path", SESSION_ROUTES)
@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://localhost:3000"])
def test_a_route_that_takes_a_cookie_says_nothing(stack, user, method, path, origin):
    body = b"{}" if method == "POST" else None
    for session in ({}, sign_in(stack, user)):
        headers = {"Origin": origin, "Content-Type": "application/json"} | session
        assert cors(stack.ask(method, path, body, headers=headers)) == {}
    asked = {"Origin": origin, "Access-Control-Request-Method": method,
             "Access-Control-Request-Headers": "content-type"}
    preflight = stack.ask("OPTIONS", path, headers=asked)
    assert cors(preflight) == {}
    assert method in preflight.headers["Allow"]
    assert cors(stack.ask("DELETE", path, headers={"Origin": origin})) == {}


def test_a_page_opened_from_disk_can_sign_in_and_read(stack, user):
    answer = stack.post("/auth/login", {"email": user["email"], "api_key": user["api_key"]}, headers=FROM_DISK)
    assert (answer.status, cors(answer)) == (200, {"access-control-allow-origin": "*"})
    assert stack.get("/auth/user", key=user["api_key"], headers=FROM_DISK).status == 200


def test_the_books_are_sound(stack):
    assert stack.findings() == []
