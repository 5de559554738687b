"""Connections to Purser as nginx holds them: many, idle, half-finished; and answers larger than any buffer."""

import grp
import json
import os
import pwd
import time

import pytest
from fastcgi import BEGIN, Peer, record, request
from stack import Stack, wait_until
from wire import Line, post


@pytest.fixture(scope="module")
def house():
    with Stack(WORKERS="4") as stack:
        pid = stack.purser.pid
        stack.key = stack.register()["api_key"]
        yield stack
        assert stack.purser.poll() is None and stack.purser.pid == pid


def test_five_hundred_idle_connections_hold_up_nobody(house, capsys):
    """Each has served a request and is kept alive; four workers answer the next one at once."""
    idle = [Peer(house.socket) for _ in range(500)]
    for peer in idle:
        assert peer.ask("GET", "/health")[0] == 200
    started = time.monotonic()
    with Peer(house.socket) as last:
        assert last.ask("GET", "/auth/user", key=house.key)[0] == 200
    first = time.monotonic() - started
    assert house.get("/auth/user", key=house.key).status == 200
    # A worker that waited on an idle connection would wait for its time-out, 10 s.
    assert first < 5
    # And each of the idle ones is still good for a request.
    for peer in idle:
        peer.send(request("GET", "/auth/user", key=house.key))
    assert {peer.receive()[0] for peer in idle} == {200}
    for peer in idle:
        peer.close()
    with capsys.disabled():
        print(f"\nbeside 500 idle connections a request took {first * 1000:.1f} ms")


def test_connections_that_have_begun_a_request_hold_up_nobody(house):
    """More of them than workers, each with a part of an opening: what nginx would leave behind, were it stopped."""
    half = [Peer(house.socket) for _ in range(50)]
    whole = request("GET", "/health")
    for number, peer in enumerate(half):
        peer.send(whole[:1 + number * (len(whole) - 20) // 50])
    with Peer(house.socket) as last:
        started = time.monotonic()
        assert last.ask("GET", "/auth/user", key=house.key)[0] == 200
        assert time.monotonic() - started < 5
    for number, peer in enumerate(half):
        peer.send(whole[1 + number * (len(whole) - 20) // 50:])
        assert peer.receive()[0] == 200
        peer.close()


@pytest.mark.parametrize("opening", [
    b"\0" * 64, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\xff" * 100_000, record(BEGIN, b"\0\2\0\0\0\0\0\0"),
    record(9, b"", 0),
    record(BEGIN, b"\0\1\1\0\0\0\0\0") + record(4, b"\xff\xff\xff\xff\xff\xff\xff\xff") + record(4),
    record(BEGIN, b"\0\1\1\0\0\0\0\0") + record(4), record(BEGIN, b"\0\1\1\0\0\0\0\0") * 2,
    record(BEGIN, b"\0\1\1\0\0\0\0\0") + record(4, b"\x7f\x7fab") + record(4),
    record(BEGIN, b"\0\1\1\0\0\0\0\0") + record(4, b"x" * 65_000) * 3,
], ids=["zeroes", "HTTP", "ones", "another role", "a query of values", "endless lengths", "no parameters",
        "twice a beginning", "lengths past the end", "endless parameters"])
def test_what_is_no_request_is_closed(house, opening):
    with Peer(house.socket) as peer:
        try:
            peer.send(opening)
        except (BrokenPipeError, ConnectionResetError):
            return
        assert peer.is_closed()
    assert house.get("/health").status == 200


def test_peers_that_go_away_at_any_byte_leave_nothing_behind(house):
    """As nginx does when its client has gone: the connection just ends, at each byte of a request in turn."""
    before = house.descriptors()
    body = json.dumps({"api_key": house.key, "backend": "simulator", "shots": 1}).encode()
    whole = request("POST", "/billing/record-usage", body)
    for cut in range(len(whole)):
        with Peer(house.socket) as peer:
            peer.send(whole[:cut])
    for _ in range(100):
        with Peer(house.socket) as peer:
            peer.send(whole)
    with Peer(house.socket) as peer:
        assert peer.ask("POST", "/billing/record-usage", body)[0] == 200
    # Sooner than the 10 s for which the rest of an opening is awaited from a peer that is still there.
    wait_until(lambda: house.descriptors() <= before + 16, 8, "giving descriptors back")
    # A request cut short is none. The hundred that were whole may have been done or found their peer gone first.
    stored = house.sql("SELECT count(*) AS n FROM usage_event")[0]["n"]
    assert 1 <= stored <= 102, stored
    assert house.findings() == []


def test_large_answers_come_through_nginx_whole(house):
    """Some 280 KB, past nginx's and libfcgi's buffers, read slowly."""
    events = [{"id": f"{number:04}-" + "x" * 250, "backend": "simulator", "shots": 0} for number in range(1000)]
    body = json.dumps({"events": events}).encode()
    headers = [("Authorization", f"Bearer {house.key}")]
    for turn in ("accepted", "duplicate"):
        with Line(house.port) as line:
            line.send(post("/api/v1/usage/events", body, headers))
            for _ in range(20):
                line.rest += line.socket.recv(512)
                time.sleep(0.01)
            status, head, answer = line.receive()
        assert status == 200 and len(answer) > 280_000
        results = json.loads(answer)["results"]
        assert [result["id"] for result in results] == [event["id"] for event in events]
        assert {result["status"] for result in results} == {turn}
    whole = house.get("/openapi.json").body
    with Line(house.port) as line:
        for _ in range(50):
            assert line.ask(post("/openapi.json", b"", [], None, "GET"))[2] == whole


def test_a_client_that_reads_nothing_holds_up_nobody(house):
    """nginx takes Purser's answer off its hands, however slowly the client reads it."""
    events = [{"id": f"slow{number:04}-" + "x" * 240, "backend": "simulator", "shots": 0} for number in range(1000)]
    body = json.dumps({"events": events}).encode()
    lines = [Line(house.port) for _ in range(8)]
    for line in lines:
        line.send(post("/api/v1/usage/events", body, [("Authorization", f"Bearer {house.key}")]))
    for _ in range(20):
        assert house.get("/auth/user", key=house.key, timeout=8).status == 200
    for line in lines:
        line.close()


def test_the_socket_is_for_its_group_only(house):
    assert house.socket.stat().st_mode & 0o7777 == 0o660
    if os.geteuid() == 0:
        assert house.socket.stat().st_gid == grp.getgrnam("www-data").gr_gid


def test_only_the_users_named_may_connect(make_stack):
    stack = make_stack(ALLOWED_UIDS="65533,65532")
    with Peer(stack.socket) as peer:
        try:
            peer.send(request("GET", "/health"))
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert peer.is_closed()
    assert stack.get("/health").status == 502, "nginx is not among them either"
    stack.stop_purser()
    nginx = pwd.getpwnam("www-data").pw_uid if os.geteuid() == 0 else os.geteuid()
    stack.settings["ALLOWED_UIDS"] = f"65533,{os.geteuid()}, {nginx}"
    stack.start_purser()
    with Peer(stack.socket) as peer:
        assert peer.ask("GET", "/health")[0] == 200
    assert stack.get("/health").status == 200
