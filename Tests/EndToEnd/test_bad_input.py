"""Bad input: a clear refusal, nothing stored, and the same process still serving."""

import json
import socket
import struct
import time

import pytest
import stripe
from bad_input import TABLES, broken_bodies, encode, field_mutants, nested_as_deep_as_allowed, sample, table
from stack import Stack, free_port, wait_until
from stripe_double import WEBHOOK_SECRET, StripeDouble
from wire import Line, chunked, post

ROUTES = table()
POSTS = [route for route in ROUTES if route.has_body]
UNSIGNED = [route for route in POSTS if not route.kind == "signed"]
SIGNED = [route for route in POSTS if route.kind == "signed"]
STRIPES = [route for route in SIGNED if route.access == "signed(stripe)"]

def ids(routes):
    return {"argvalues": routes, "ids": [str(route) for route in routes]}


class House:
    """A house with payments on, an account in it, and credentials of every kind that a route may ask for."""

    def __init__(self, stack):
        self.stack = stack
        operator = stack.seed()["operator"]
        self.operator = operator["api_key"]
        self.operator_cookie = self.cookie_of(operator["email"], self.operator)
        self.user = stack.register("owner@example.com", "Owner")
        self.key = self.user["api_key"]
        self.sign_in()
        # Whose calls no plan limits.
        partner = stack.register("partner@example.com", "Partner")
        stack.shell("account", "plan", "partner@example.com", "enterprise")
        made = stack.post("/api/partner/apps", {"name": "Shop"},
                          headers={"Cookie": self.cookie_of("partner@example.com", partner["api_key"])})
        self.app_key = made.json["apiKey"]
        # What was seeded and registered is linked at the provider by and by.
        wait_until(lambda: not stack.sql("SELECT id FROM outbox WHERE kind <> 'mail'"), what="the links")

    def sign_in(self):
        self.cookie = self.cookie_of("owner@example.com", self.key)

    def cookie_of(self, email, key):
        answer = self.stack.post("/auth/login", {"email": email, "api_key": key})
        return answer.headers["Set-Cookie"].split(";")[0]

    def credentials(self, route):
        if route.takes_cookie:
            cookie = self.operator_cookie if route.kind == "operatorSession" else self.cookie
            return [("Cookie", cookie), ("Origin", self.stack.url), ("Host", f"127.0.0.1:{self.stack.port}")]
        key = {"key": self.key, "appKey": self.app_key, "operatorKey": self.operator}.get(route.kind)
        return [("Authorization", f"Bearer {key}")] if key else []

    def post(self, route, body, **more):
        more.setdefault("method", route.method)
        headers = self.credentials(route)
        host = dict(headers).get("Host", "localhost")
        return post(route.target, body, [pair for pair in headers if pair[0] != "Host"], **more).replace(
            b"Host: localhost", f"Host: {host}".encode(), 1)

    def valid(self, route):
        body = sample(route.schema, self.key)
        if "webhooks" in route.path and "events" in body:
            body["events"] = ["*"]
        elif "events" in body:
            # The schema does not say what an event is, for each is good or bad on its own.
            body["events"] = [{"backend": "simulator", "shots": 1}]
        if route.path == "/api/v1/simulate":
            # A plan that is offered, whatever another test has made.
            body |= {"plan": "billing_starter", "interval": "month"}
        if "simulate" in route.path and "prices" in body:
            # Either a draft or a plan that there is.
            del body["plan"]
        return body

    def counts(self):
        union = " UNION ALL ".join(f"SELECT '{name}' AS name, count(*) AS n FROM {name}" for name in TABLES)
        return {row["name"]: row["n"] for row in self.stack.sql(union)}

    def line(self):
        return Line(self.stack.port)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    port = free_port()
    double = StripeDouble(state=tmp_path_factory.mktemp("stripe"))
    with double, Stack(stripe=double, port=port, LIMIT_UNKNOWN_KEYS="100000000") as stack:
        pid = stack.purser.pid
        made = House(stack)
        yield made
        assert stack.purser.poll() is None and stack.purser.pid == pid, stack.log[-2000:]
        assert "a request failed" not in stack.log
        assert stack.findings() == []


@pytest.fixture(autouse=True)
def nothing_stored(request, house):
    """Counts every table's rows before and after; a test that means to write says so with the mark `writes`."""
    before = house.counts()
    yield
    if not request.node.get_closest_marker("writes"):
        assert house.counts() == before


def expect_refusal(answer, what, statuses=range(400, 500)):
    """A problem with a status of `statuses`, in words; returns its body."""
    status, head, body = answer
    assert status in statuses, (what, status, body[:300])
    assert b"\r\ncontent-type: application/problem+json" in head.lower(), (what, head)
    problem = json.loads(body)
    assert problem["status"] == status and problem["detail"] == problem["error"] != "", (what, problem)
    return problem


# ---- JSON


@pytest.mark.parametrize("route", **ids(UNSIGNED))
def test_refuses_what_is_not_plain_json(house, route):
    with house.line() as line:
        for what, body in broken_bodies(house.valid(route)):
            problem = expect_refusal(line.ask(house.post(route, body)), what, {400})
            assert problem["code"] in ("invalid_json", "invalid_request"), (what, problem)


@pytest.mark.parametrize("route", **ids(UNSIGNED))
def test_refuses_members_that_are_not_what_the_schema_says(house, route):
    with house.line() as line:
        for what, body in field_mutants(route.schema, house.valid(route)):
            # The id of a key or of an app's user may be a number; then something else is nobody's.
            may = [f"{name} is a number" for name in ("key_id", "keyId", "referrerId", "refereeId")]
            statuses = {404} if what in may else {400, 401, 403}
            problem = expect_refusal(line.ask(house.post(route, body)), what, statuses)
            if problem["status"] == 400 and problem["code"] != "invalid_json":
                # Of an object within the body it is a member of that.
                assert problem["errors"][0]["field"].split(".")[0] == what.split()[0], (what, problem)


@pytest.mark.writes
@pytest.mark.parametrize("route", **ids(UNSIGNED))
def test_takes_json_as_deep_as_the_limit(house, route):
    with house.line() as line:
        status, _, body = line.ask(house.post(route, nested_as_deep_as_allowed(house.valid(route))))
    assert b"nested" not in body and status != 500
    house.sign_in()


def test_rejects_each_bad_event_of_a_batch_by_itself(house):
    route = next(route for route in POSTS if route.path.endswith("/events"))
    one = {"type": "object", "required": ["backend"], "properties": {
        "backend": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "x"},
        "shots": {"type": "integer", "minimum": 0}, "meter": {"enum": ["shots"]},
        "id": {"type": "string", "minLength": 1, "maxLength": 255},
    }}
    good = {"backend": "simulator", "shots": 1, "meter": "shots", "id": "an-event"}
    # What is no JSON takes the whole body with it.
    mutants = [(what, body)
               for what, body in field_mutants(one, good) if b"\\u0000" not in body and b"\\ud8" not in body]
    mutants += [("no object", text) for text in (b"1", b"null", b"[]", b'"x"', b"{}")]
    mutants += [(what, encode(good | {"occurred_at": value})) for what, value in
                {"an early date": "1970-01-01T00:00:00Z", "a late date": "2999-01-01T00:00:00Z", "no date": "yesterday",
                 "a number": 0, "an impossible date": "2026-02-30T00:00:00Z", "a huge year": "99999-01-01T00:00:00Z",
                 "a negative year": "-0001-01-01T00:00:00Z", "a leap second": "2026-01-01T00:00:61Z"}.items()]
    body = b'{"events":[' + b",".join(body for _, body in mutants) + b"]}"
    with house.line() as line:
        status, _, answer = line.ask(house.post(route, body))
    assert status == 200
    results = json.loads(answer)["results"]
    wrong = [what for (what, _), result in zip(mutants, results) if result["status"] != "rejected"]
    assert wrong == [] and len(results) == len(mutants)
    assert all(result["error"] for result in results)


@pytest.mark.parametrize("number", [0, 1001, 5000])
def test_refuses_a_batch_without_events_or_with_too_many(house, number):
    route = next(route for route in POSTS if route.path.endswith("/events"))
    with house.line() as line:
        body = encode({"events": [{"backend": "simulator", "shots": 1}] * number})
        assert expect_refusal(line.ask(house.post(route, body)), number, {400})["errors"][0]["field"] == "events"


# ---- bodies and their frames


@pytest.mark.parametrize("route", **ids(UNSIGNED))
@pytest.mark.parametrize("content_type", [
    "", "text/plain", "application/xml", "text/json", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16", "application/json, text/plain", "application/jsonp", "application",
])
def test_refuses_content_types_it_does_not_know(house, route, content_type):
    if route.takes_forms and "urlencoded" in content_type:
        return
    with house.line() as line:
        answer = line.ask(house.post(route, encode(house.valid(route)), content_type=content_type))
        assert expect_refusal(answer, content_type, {415})["code"] == "unsupported_media_type"


@pytest.mark.parametrize("route", **ids(POSTS))
def test_refuses_bodies_past_the_route_s_limit_and_keeps_the_connection(house, route):
    """One byte more than Purser takes, and 1 MiB, which nginx refuses by itself where it is too much."""
    valid = encode(house.valid(route))
    with house.line() as line:
        for size in {route.body_limit + 1, 1 << 20} - {route.body_limit}:
            body = valid + b" " * (size - len(valid))
            for framed in (house.post(route, body), chunked(
                    route.target, body, house.credentials(route), method=route.method).replace(
                    b"Host: localhost\r\n", b"", 1 if route.takes_cookie else 0)):
                problem = expect_refusal(line.ask(framed), size, {413})
                assert problem["code"] == "body_too_large"
                if b"chunked" in framed or size > 256 << 10:
                    # nginx closes after a body that it refused itself.
                    line.close()
                    line.__init__(house.stack.port)
        assert line.ask(post("/health", method="GET", content_type=None))[0] == 200


@pytest.mark.writes
@pytest.mark.parametrize("route", **ids(UNSIGNED))
def test_takes_a_body_of_just_the_limit(house, route):
    valid = encode(house.valid(route))
    with house.line() as line:
        status, _, body = line.ask(house.post(route, valid + b" " * (route.body_limit - len(valid))))
    refusals = {"body_too_large", "invalid_json", "invalid_request", "invalid_field"}
    # Files are asked for by bodies too.
    answer = json.loads(body) if body.startswith(b"{") else {}
    assert status != 500 and answer.get("code") not in refusals, body
    house.sign_in()


@pytest.mark.parametrize("route", **ids([route for route in ROUTES if route.method == "GET"]))
def test_a_body_on_a_read_changes_nothing(house, route):
    expect_a_body_to_make_no_difference(house, route)


@pytest.mark.writes
@pytest.mark.parametrize("route", **ids([route for route in ROUTES if route.method == "DELETE"]))
def test_a_body_on_a_removal_makes_no_difference(house, route):
    with house.line() as line:
        # What another test may have made goes first.
        line.ask(house.post(route, b"", content_type=None))
    expect_a_body_to_make_no_difference(house, route)


def expect_a_body_to_make_no_difference(house, route):
    with house.line() as line:
        for body in (b"{}", b"\0" * 100_000):
            plain = line.ask(house.post(route, b"", content_type=None))[0]
            assert line.ask(house.post(route, body))[0] == plain


# ---- paths, queries, headers, methods


def crooked(path):
    """Targets that look like `path` to a reader that decodes or tidies up. One slash at the end is no such thing."""
    first, _, rest = path[1:].partition("/")
    last = path.rpartition("/")[2]
    endings = ["%00", "%00.json", "/.", "//", f"/../{last}", f"/%2e%2e/{last}", "%2f", "%0a", "%0d%0aX-Injected:%20yes",
               "%7f", ";a=b", "%ff", "%c0%af", "%ed%a0%80", "%zz", "%", "%2", "%u0041", ".json", "%20", "%23", "%3f"]
    joints = ["//", "/./", f"/../{first}/", f"/%2e%2e/{first}/", "%2f", "%5c", "\\", f"/.%2e/{first}/"] if rest else []
    return [f"/%00{path[1:]}", f"/{path}", path.upper(), *(path + ending for ending in endings),
            *(f"/{first}{joint}{rest}" for joint in joints)]


@pytest.mark.parametrize("route", **ids(ROUTES))
def test_refuses_crooked_paths(house, route):
    body = encode(house.valid(route)) if route.has_body else b""
    for target in crooked(route.target):
        with house.line() as line:
            status, head, answer = line.ask(house.post(route, body, method=route.method).replace(
                f" {route.target} ".encode(), f" {target} ".encode(), 1))
        assert status in (400, 404, 405), (target, status, answer[:200])
        assert b"injected" not in head.lower(), target


@pytest.mark.parametrize("route", **ids([route for route in ROUTES if route.method == "GET"]))
def test_refuses_crooked_queries(house, route):
    many = "&".join(f"a{number}=1" for number in range(101))
    with house.line() as line:
        for query in ("a=%zz", "a=%", "a=%4", "%00=1", "a=%00", "a=%ff", "a=1&a=2", "a=1&%61=2", many, "a=\xff",
                      "%c3=1"):
            request = house.post(route, b"", method="GET", content_type=None).replace(
                f" {route.target} ".encode(), f" {route.target}?{query} ".encode("latin-1"), 1)
            expect_refusal(line.ask(request), query, {400})


@pytest.mark.parametrize("target", ["*", "auth/user", "http://localhost/auth/user%00", "", "/" + "a" * 9000])
def test_refuses_targets_that_are_no_paths(house, target):
    with house.line() as line:
        assert line.ask(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())[0] in (400, 404, 414)


@pytest.mark.parametrize("route", **ids(ROUTES))
def test_refuses_other_methods(house, route):
    taken = {other.method for other in ROUTES if other.path == route.path}
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "PROPFIND", "POSTS"} - taken:
        with house.line() as line:
            status, head, _ = line.ask(house.post(route, b"", method=method))
        assert status in (405, 501), method
        if status == 405:
            allowed = head.lower().partition(b"allow: ")[2].partition(b"\r\n")[0].split(b", ")
            assert route.method.lower().encode() in allowed, head


HEADERS = {
    "one too long": [("X-Long", "x" * 9000)],
    "all together too long": [(f"X-{number}", "x" * 8000) for number in range(6)],
    "too many": [(f"X-{number}", "") for number in range(3000)],
    "a NUL": [("X-NUL", "a\0b")],
    "a space in a name": [("X Space", "1")],
    "a folded line": [("X-Folded", "a\r\n b")],
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
def test_refuses_headers_that_are_too_much_or_broken(house, headers):
    with house.line() as line:
        answer = line.ask(post("/auth/user", b"", [*headers, ("Authorization", f"Bearer {house.key}")], method="GET"))
        assert answer[0] in (400, 431), answer
        expect_refusal(answer, "headers")


@pytest.mark.parametrize("route", **ids(ROUTES))
def test_takes_headers_as_large_as_nginx_lets_through(house, route):
    """Parameters of some 30 KB, which nginx sends in one record that fills several of libfcgi's buffers."""
    headers = [(f"X-{number}", "x" * 7900) for number in range(3)]
    with house.line() as line:
        plain = line.ask(house.post(route, b"{", method=route.method))[0]
        more = "".join(f"\r\n{name}: {value}" for name, value in headers).encode()
        request = house.post(route, b"{", method=route.method)
        request = request.replace(b"\r\nContent-Type", more + b"\r\nContent-Type", 1)
        assert line.ask(request)[0] == plain


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "é", "\x01", "a\tb"])
def test_refuses_idempotency_keys_that_are_none(house, key):
    body = encode({"priority": "low", "subject": "s", "message": "m"})
    headers = [("Authorization", f"Bearer {house.key}"), ("Idempotency-Key", key)]
    with house.line() as line:
        status, _, answer = line.ask(post("/support/ticket", body, headers))
    assert status == 400, answer


def test_a_header_given_twice_is_refused_or_the_first_counts(house):
    forged = [("Authorization", "Bearer bioql_nobody"), ("Authorization", f"Bearer {house.key}")]
    with house.line() as line:
        assert line.ask(post("/auth/user", b"", forged, method="GET", content_type=None))[0] in (400, 401)


# ---- signatures


def signed(body, secret=WEBHOOK_SECRET, at=None, shown=None):
    """A Stripe-Signature made by Stripe's own library; `shown` is the stamp in the header, if another."""
    stamp = int(time.time()) if at is None else at
    signature = stripe.WebhookSignature._compute_signature(f"{stamp}.{body.decode()}", secret)
    return f"t={stamp if shown is None else shown},v1={signature}"


EVENT = encode({"id": "evt_forged", "object": "event", "type": "checkout.session.completed", "data": {"object": {}}})


def forgeries():
    now, good = int(time.time()), signed(EVENT)
    stamp, _, signature = good.partition(",v1=")
    return {
        "no header": None, "empty": "", "nonsense": "nonsense", "another secret": signed(EVENT, "whsec_other"),
        "an empty secret": signed(EVENT, "x")[:13] + ",v1=", "another body": signed(EVENT + b" "),
        "too old": signed(EVENT, at=now - 400), "from the future": signed(EVENT, at=now + 400),
        "another stamp": signed(EVENT, shown=now - 1), "no stamp": f"v1={signature}", "two stamps": f"{stamp},{good}",
        "a stamp in words": f"t=now,v1={signature}", "a negative stamp": signed(EVENT, at=-now),
        "a huge stamp": f"t={2 ** 63 - 1},v1={signature}", "a stamp past 64 bits": f"t={2 ** 64},v1={signature}",
        "the least stamp": f"t={-2 ** 63},v1={signature}", "only the old scheme": f"{stamp},v0={signature}",
        "cut short": good[:-1], "too long": good + "0", "not hexadecimal": f"{stamp},v1={'z' * 64}",
        "twenty signatures": stamp + f",v1={'0' * 64}" * 20 + f",v1={signature}", "8 KB": stamp + ",v1=0" * 1600,
        "a stamp with a space": f"t= {stamp[2:]},v1={signature}",
    }


@pytest.mark.parametrize("route", **ids(SIGNED))
@pytest.mark.parametrize("what", forgeries())
def test_refuses_forged_signatures(house, route, what):
    header = forgeries()[what]
    headers = [] if header is None else [("Stripe-Signature", header)]
    with house.line() as line:
        problem = expect_refusal(line.ask(post(route.path, EVENT, headers)), what, {400})
    assert problem["code"] == "invalid_signature"


@pytest.mark.parametrize("route", **ids(STRIPES))
def test_refuses_signed_bodies_that_are_no_events(house, route):
    bodies = [body for what, body in broken_bodies({"id": "evt_1", "type": "x"}) if _decodes(body)]
    bodies += [encode(value) for value in (
        {}, {"id": "evt_1"}, {"type": "x"}, {"id": 1, "type": "x"}, {"id": "", "type": "x"},
        {"id": "e" * 256, "type": "x"})]
    with house.line() as line:
        for body in bodies:
            answer = line.ask(post(route.path, body, [("Stripe-Signature", signed(body))]))
            assert expect_refusal(answer, body, {400})["code"] == "invalid_event"


def _decodes(body):
    try:
        return bool(body.decode())
    except UnicodeDecodeError:
        return False


# ---- clients that go away


@pytest.mark.writes
def test_a_thousand_clients_that_go_away_cost_nothing(house):
    """Half of them in the middle of the request, half before they have read the answer; FIN and RST in turn."""
    descriptors = house.stack.descriptors()
    body = encode({"api_key": house.key, "backend": "simulator", "shots": 1})
    whole = post("/billing/record-usage", body)
    for number in range(1000):
        client = socket.create_connection(("127.0.0.1", house.stack.port))
        cut = len(whole) if number % 2 else number * len(whole) // 1000
        client.sendall(whole[:cut])
        if number % 4 < 2:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    assert house.stack.get("/auth/user", key=house.key).status == 200
    wait_until(lambda: house.stack.descriptors() <= descriptors + 64, what="giving descriptors back")
    assert house.stack.findings() == []
