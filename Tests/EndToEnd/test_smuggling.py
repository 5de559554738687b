"""One request is one request: nothing in a body, a header or a frame becomes a second one.

The canary is a ticket: each smuggled request would open one under a subject of its own.
"""

import json

import pytest
from bad_input import encode, table
from fastcgi import ABORT, BEGIN, END, GET_VALUES, PARAMS, STDIN, Peer, pairs, record, request
from stack import Stack
from wire import Line, chunked, post

ROUTES = table()
PADDING = b" " * 300_000


@pytest.fixture(scope="module")
def house():
    with Stack(STRIPE_WEBHOOK_SECRET="whsec_x", LIMIT_UNKNOWN_KEYS="100000000") as stack:
        pid = stack.purser.pid
        stack.key = stack.register()["api_key"]
        yield stack
        assert stack.purser.poll() is None and stack.purser.pid == pid
        assert stack.findings() == []


def canary(subject):
    return encode({"priority": "low", "subject": subject, "message": "smuggled"})


def own(house):
    """A request whose answer names its asker."""
    return post("/auth/user", b"", [("Authorization", f"Bearer {house.key}")], None, "GET")


def hatched(house):
    return house.sql("SELECT subject FROM ticket WHERE message = 'smuggled'")


def test_the_canary_sings(house):
    """Sent openly, the ticket is there, so that its absence below means something."""
    assert house.post("/support/ticket", canary("openly"), key=house.key,
                      headers={"Content-Type": "application/json"}).status == 200
    assert hatched(house) == [{"subject": "openly"}]
    smuggled = request("POST", "/support/ticket", canary("raw"), key=house.key)
    with Peer(house.socket) as peer:
        peer.send(smuggled)
        assert peer.receive()[0] == 200
    assert len(hatched(house)) == 2


def cargo(house):
    """Bodies of FastCGI records: a whole request, behind whatever would end the one that carries it."""
    whole = request("POST", "/support/ticket", canary("by record"), key=house.key)
    beginning = record(BEGIN, b"\0\1\1" + b"\0" * 5)
    yield "a request", whole
    yield "an end and a request", record(STDIN) + whole
    yield "an abort and a request", record(ABORT) + whole
    yield "a query of values and a request", record(GET_VALUES, pairs({"FCGI_MAX_CONNS": ""}), request=0) + whole
    yield "an answer and a request", record(END, b"\0" * 8) + record(STDIN) + whole
    yield "a request under another number", whole.replace(b"\1\1\0\1", b"\1\1\0\2")
    yield "a beginning over and over", beginning * 1000 + record(PARAMS) * 100 + whole
    yield "a request behind 8 KiB", b"\0" * 8192 + record(STDIN) + whole
    yield "a request behind 60 KB", b"{" + b" " * 60_000 + record(STDIN) + whole


def exits(house, route):
    """Ways to be turned away before the body matters: (what, method, path, headers, content type)."""
    key = ("Authorization", f"Bearer {house.key}")
    path = route.target
    yield "as it is", route.method, path, [key], "application/json"
    yield "a stranger", route.method, path, [], "application/json"
    yield "a wrong key", route.method, path, [("Authorization", "Bearer bioql_wrong")], "application/json"
    yield "another type", route.method, path, [key], "application/octet-stream"
    yield "another method", "DELETE", path, [key], "application/json"
    yield "a preflight", "OPTIONS", path, [("Origin", "null")], "application/json"
    yield "no such path", route.method, f"{path}/none", [key], "application/json"
    yield "a crooked path", route.method, f"{path}/.", [key], "application/json"
    yield "a crooked key", route.method, path, [key, ("Idempotency-Key", "a b")], "application/json"
    yield "another site", route.method, path, [("Sec-Fetch-Site", "cross-site"), ("Cookie", "session_token=x")], \
        "application/json"


@pytest.mark.parametrize("route", ROUTES, ids=[str(route) for route in ROUTES])
def test_records_in_a_body_stay_a_body(house, route):
    """Over one keep-alive connection, and so over few to Purser: every answer is the one to its own request."""
    before = hatched(house)
    answers = 0
    with Line(house.port) as line:
        for what, body in cargo(house):
            for way, method, path, headers, content_type in exits(house, route):
                for framed in (post(path, body, headers, content_type, method=method),
                               chunked(path, body, headers, content_type).replace(b"POST", method.encode(), 1)):
                    status, _, answer = line.ask(framed)
                    assert status < 500, (what, way, status, answer[:200])
                    answers += 1
            status, _, answer = line.ask(own(house))
            assert status == 200 and json.loads(answer)["api_key"] == house.key, what
    assert answers == 9 * 10 * 2
    assert hatched(house) == before


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body_limit <= 256 << 10],
                         ids=[str(route) for route in ROUTES if route.body_limit <= 256 << 10])
def test_records_in_a_body_too_large_stay_a_body(house, route):
    """Past Purser's limit for the route, yet within nginx's, so that Purser has to read it to the end."""
    before = hatched(house)
    whole = request("POST", "/support/ticket", canary("too large"), key=house.key)
    size = min(route.body_limit + 1, (256 << 10) - len(whole) - 8)
    body = b" " * size + record(STDIN) + whole
    with Line(house.port) as line:
        for headers in ([], [("Authorization", f"Bearer {house.key}")]):
            for _ in range(3):
                assert line.ask(post(route.target, body, headers, method=route.method))[0] < 500
            status, _, answer = line.ask(own(house))
            assert status == 200 and json.loads(answer)["api_key"] == house.key
    assert hatched(house) == before


# ---- frames that two readers would read in two ways


def inner(house, subject):
    return post("/support/ticket", canary(subject), [("Authorization", f"Bearer {house.key}")])


def frames(house):
    smuggled = inner(house, "by frame")
    cut = b"0\r\n\r\n" + smuggled

    def outer(*headers, body):
        head = "\r\n".join(["POST /auth/login HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers])
        return head.encode("latin-1") + b"\r\n\r\n" + body

    length = f"Content-Length: {len(cut)}"
    return {
        "CL.TE": outer(length, "Transfer-Encoding: chunked", body=cut),
        "TE.CL": outer("Transfer-Encoding: chunked", "Content-Length: 4", body=b"5c\r\n" + smuggled + b"\r\n0\r\n\r\n"),
        "two lengths": outer("Content-Length: 2", length, body=b"{}" + smuggled),
        "the same length twice": outer("Content-Length: 2", "Content-Length: 2", body=b"{}" + smuggled),
        "a list of lengths": outer("Content-Length: 2, 2", body=b"{}" + smuggled),
        "a length with a sign": outer("Content-Length: +2", body=b"{}" + smuggled),
        "a negative length": outer("Content-Length: -1", body=b"{}" + smuggled),
        "a length in hexadecimal": outer("Content-Length: 0x2", body=b"{}" + smuggled),
        "a length past 64 bits": outer(f"Content-Length: {2 ** 64 + 2}", body=b"{}" + smuggled),
        "a coding nobody knows": outer("Transfer-Encoding: xchunked", length, body=cut),
        "two codings": outer("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=cut),
        "a list of codings": outer("Transfer-Encoding: gzip, chunked", body=cut),
        "a coding behind a tab": outer("Transfer-Encoding:\tchunked", length, body=cut),
        "a coding with a vertical tab": outer("Transfer-Encoding: \x0bchunked", length, body=cut),
        "a coding before a space": outer("Transfer-Encoding : chunked", length, body=cut),
        "a coding on a folded line": outer("X: y\r\n Transfer-Encoding: chunked", length, body=cut),
        "a folded coding": outer("Transfer-Encoding:\r\n chunked", length, body=cut),
        "a coding behind a bare line feed": outer("X: y\nTransfer-Encoding: chunked", length, body=cut),
        "a coding behind a bare return": outer("X: y\rTransfer-Encoding: chunked", length, body=cut),
        "a coding in an underscore": outer("Transfer_Encoding: chunked", length, body=cut),
        "a huge chunk": outer("Transfer-Encoding: chunked", body=b"fffffffffffffffff\r\n{}\r\n" + cut),
        "a negative chunk": outer("Transfer-Encoding: chunked", body=b"-1\r\n{}\r\n" + cut),
        "a chunk that is longer than it says": outer("Transfer-Encoding: chunked", body=b"1\r\n{}\r\n" + cut),
    }


FRAMES = list(frames(type("House", (), {"key": "x"})))


@pytest.mark.parametrize("what", FRAMES)
def test_a_frame_with_two_meanings_is_one_request_or_none(house, what):
    """Refused with 400 and the connection closed, or answered once as the one request it is by its length."""
    before = hatched(house)
    with Line(house.port) as line:
        line.send(frames(house)[what] + b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = line.until_end()
    answers = [int(answer[:3]) for answer in received.split(b"HTTP/1.1 ")[1:]]
    assert answers in ([400], [501]) or (400 <= answers[0] < 500 and answers[1:] == [200]), received
    assert hatched(house) == before


def test_line_breaks_in_a_target_are_no_headers(house):
    for target in ("/auth/user%0d%0aX-Injected:%20yes", "/auth/user?a=%0d%0aX-Injected:%20yes",
                   "/billing/usage/%0d%0aX-Injected:yes", "/nothing%0aX-Injected:%20yes", "/%0d%0aX-Injected:yes"):
        with Line(house.port) as line:
            _, head, _ = line.ask(post(target, b"", [("Authorization", f"Bearer {house.key}")], None, "GET"))
        assert b"x-injected" not in head.lower(), target
