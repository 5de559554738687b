"""One body for every error, and a clear 4xx for whatever is not a request."""

import json

import pytest
from answers import assert_problem, record, usage

JSON = {"Content-Type": "application/json"}
TICKET = {"priority": "medium", "subject": "s", "message": "m"}


def test_an_unknown_path_is_404(stack, user):
    for path in ("/auth/nope", "/api/v1/nope", "/billing/usage/1/2", "/auth/user/x"):
        assert_problem(stack.get(path, key=user["api_key"]), 404, code="not_found")


@pytest.mark.parametrize("method, path, allow", [
    ("POST", "/auth/user", {"GET"}), ("DELETE", "/auth/user", {"GET"}), ("PATCH", "/health", {"GET"}),
    ("GET", "/auth/register", {"POST"}), ("PUT", "/support/ticket", {"POST"}), ("GET", "/webhooks/stripe", {"POST"}),
    ("GET", "/auth/logout", {"POST"}), ("HEAD", "/auth/login", {"POST"}),
])
def test_a_wrong_method_is_405_and_names_the_right_ones(stack, method, path, allow):
    answer = stack.ask(method, path)
    assert answer.status == 405
    assert allow <= set(answer.headers["Allow"].split(", "))
    if method != "HEAD":
        assert_problem(answer, 405, code="method_not_allowed")


@pytest.mark.parametrize("body", [
    b"{", b"", b"[]", b'"text"', b"null", b"7", b"{'priority':'low'}", b'{"priority":"low",}', b"{} {}",
    b'{"priority":"low","priority":"high","subject":"s","message":"m"}', b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}",
    json.dumps(TICKET).encode("utf-16"), b'{"priority":"low","subject":"\xff","message":"m"}',
    b'{"priority":"low","subject":"a\\u0000b","message":"m"}', b'{"priority":"low","subject":"\\ud800","message":"m"}',
    b'{"priority":"low","subject":"a\x00b","message":"m"}', b"[" * 500 + b"]" * 500,
    b'{"subject":' * 500 + b"1" + b"}" * 500, b'{"priority":NaN}', b"priority=low&subject=s&message=m",
])
def test_a_bad_body_is_400_and_nothing_is_stored(stack, user, body):
    before = stack.sql("SELECT count(*) n FROM ticket")
    answer = stack.ask("POST", "/support/ticket", body, headers=JSON, key=user["api_key"])
    assert_problem(answer, 400)
    assert stack.sql("SELECT count(*) n FROM ticket") == before


@pytest.mark.parametrize("number", ["1e400", "9223372036854775808", "-1", "1.5", "100000001", '"5"', "true", "[]", "{}",
                                    "-0.5", "1e2", "0x10", "null"])
def test_a_bad_number_is_400_and_nothing_is_recorded(stack, user, number):
    body = f'{{"api_key":"{user["api_key"]}","backend":"simulator","shots":{number}}}'.encode()
    assert_problem(stack.ask("POST", "/billing/record-usage", body, headers=JSON), 400)
    assert usage(stack, user["api_key"])["backends"] == {}


@pytest.mark.parametrize("number", ["5.0", "5", "0", "-0"])
def test_a_whole_number_is_one_however_it_is_written(stack, user, number):
    body = f'{{"api_key":"{user["api_key"]}","backend":"simulator","shots":{number}}}'.encode()
    assert stack.ask("POST", "/billing/record-usage", body, headers=JSON).status == 200


@pytest.mark.parametrize("path, body, field", [
    ("/support/ticket", TICKET | {"priority": "urgent"}, "priority"),
    ("/support/ticket", TICKET | {"priority": None}, "priority"),
    ("/support/ticket", TICKET | {"subject": ""}, "subject"),
    ("/support/ticket", TICKET | {"subject": "x" * 201}, "subject"),
    ("/support/ticket", TICKET | {"message": 5}, "message"),
    ("/support/ticket", TICKET | {"message": "\x1b[31m"}, "message"),
    ("/support/ticket", {"priority": "low", "subject": "s"}, "message"),
    ("/billing/create-payment", {}, "amount"),
    ("/billing/create-payment", {"amount": "ten"}, "amount"),
    ("/billing/create-payment", {"amount": [1]}, "amount"),
    ("/api/v1/usage/authorize", {"shots": 1}, "backend"),
    ("/api/v1/usage/authorize", {"backend": "simulator"}, "shots"),
    ("/api/v1/usage/authorize", {"backend": "simulator", "shots": -1}, "shots"),
    ("/api/v1/usage/authorize", {"backend": "simulator", "shots": 1, "meter": "bytes"}, "meter"),
    ("/api/v1/usage/events", {}, "events"),
    ("/api/v1/usage/events", {"events": {}}, "events"),
])
def test_a_bad_field_is_named(stack, user, path, body, field):
    problem = assert_problem(stack.post(path, body, key=user["api_key"]), 400)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["errors"][0]["message"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/json;charset=UTF-8",
                                  'application/json; charset="utf-8"', "Application/JSON",
                                  "application/json ; charset=utf-8"])
def test_json_may_be_announced_in_any_of_its_ways(stack, user, kind):
    body = json.dumps(TICKET).encode()
    assert stack.ask("POST", "/support/ticket", body, headers={"Content-Type": kind}, key=user["api_key"]).status == 200


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded",
                                  "multipart/form-data; boundary=x", "application/xml", "application/jsonp",
                                  "application/json; charset=utf-16", "application/json; charset=latin1", "*/*"])
def test_another_content_type_is_415(stack, user, kind):
    body = json.dumps(TICKET).encode()
    answer = stack.ask("POST", "/support/ticket", body, headers={"Content-Type": kind}, key=user["api_key"])
    assert_problem(answer, 415)


@pytest.mark.parametrize("path, size", [("/support/ticket", 65_537), ("/billing/record-usage", 100_000),
                                        ("/billing/log-usage", 262_145), ("/support/ticket", 2_000_000),
                                        ("/api/v1/usage/events", 1_048_577)])
def test_a_body_past_the_bound_is_413(stack, user, path, size):
    body = b'{"api_key":"' + user["api_key"].encode() + b'"' + b" " * (size - 60) + b"}" + b" " * 60
    assert_problem(stack.ask("POST", path, body, headers=JSON, key=user["api_key"]), 413, code="body_too_large")
    assert stack.get("/health").status == 200


@pytest.mark.parametrize("path", ["/auth/%00", "/auth/user%00", "/auth/%2e%2e/health", "/auth/..%2fauth%2fuser", "/auth/%ff",
                                  "/auth//user", "/auth/us%2Fer", "/auth/%", "/billing/usage/%zz"])
def test_a_crooked_path_is_refused(stack, user, path):
    answer = stack.get(path, key=user["api_key"])
    assert answer.status in (400, 404), answer


def test_a_slash_at_the_end_is_forgiven(stack, user):
    assert stack.get("/auth/user/", key=user["api_key"]).json["id"] == user["id"]
    assert stack.get(f"/billing/usage/{user['id']}/", key=user["api_key"]).status == 200


def test_what_a_client_adds_is_ignored(stack, user):
    record(stack, user["api_key"])
    body = {"api_key": user["api_key"], "backend": "simulator", "shots": 1, "user_id": "1", "sdk": {"v": [1, None]},
            "timestamp": "2025-01-01", "algorithm": None}
    assert stack.post("/billing/record-usage", body).status == 200
    assert stack.get("/auth/user?_=1700000000&cache=no", key=user["api_key"]).status == 200


def test_head_is_get_without_its_body(stack, user):
    for path in ("/auth/user", "/health", "/analytics/usage"):
        get, head = stack.get(path, key=user["api_key"]), stack.ask("HEAD", path, key=user["api_key"])
        assert (head.status, head.body, head.headers["Content-Type"]) == (get.status, b"", get.headers["Content-Type"])
    assert stack.ask("HEAD", "/auth/user").status == 401


def test_text_from_clients_is_inert_in_html(stack, user):
    answer = stack.register(email="html@example.com", name="<script>alert(1)</script>&")
    body = stack.get("/auth/user", key=answer["api_key"])
    assert b"<script" not in body.body
    assert body.json["name"] == "<script>alert(1)</script>&"


def test_every_answer_has_an_id_of_its_own(stack, user):
    ids = {stack.get(path, headers={"X-Request-Id": "mine"}).headers["X-Request-Id"]
           for path in ("/health", "/auth/user", "/auth/nope", "/pricing")}
    assert len(ids) == 4 and "mine" not in ids


def test_the_books_are_sound(stack):
    assert stack.findings() == []
