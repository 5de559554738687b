"""How soon customers' servers are told, while some of them hang. As in measures.py, all that is counted is checked."""

import asyncio
import http.client
import json
import threading
import time

import product
from customers import Client
from load import Sample
from processes import Failed

ENDPOINTS = 50
HANGING = 5
EVENTS_A_SECOND = 100
# After the last event, until all is there or given up.
PATIENCE_SECONDS = 120


class Receiver:
    """Customers' servers, all on one port and one thread: under /hang they take a request and never answer.

    `taken` holds the message's id, the path and the moment of each request that was answered.
    """

    def __init__(self):
        self.taken = []
        self.loop = asyncio.new_event_loop()
        receiver = self

        class Connection(asyncio.Protocol):
            def connection_made(self, transport):
                self.transport, self.unread = transport, b""

            def data_received(self, data):
                self.unread += data
                while (rest := receiver.take(self.unread, self.transport)) is not None:
                    self.unread = rest

        self.server = self.loop.run_until_complete(
            self.loop.create_server(Connection, "127.0.0.1", 0, backlog=1024))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def take(self, data, transport):
        """Answers the first request of some bytes; what follows it, or None where it is not whole."""
        head, blank, body = data.partition(b"\r\n\r\n")
        if not blank:
            return None
        line, *headers = head.decode("latin-1").split("\r\n")
        named = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in headers)}
        length = int(named.get("content-length", 0))
        if len(body) < length:
            return None
        path = line.split(" ")[1]
        if not path.startswith("/hang"):
            self.taken.append((named["webhook-id"], path, time.time()))
            transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        return body[length:]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.server.close()
        self.loop.close()


def tell(server, events, per_second=EVENTS_A_SECOND):
    """So many events at an even rate, each to all the endpoints of one account.

    Returns one sample: deliveries to the healthy endpoints a second, and how long after the event's commit they came.
    """
    with Receiver() as receiver:
        subscribe(server, receiver.port)
        seconds = make_events(server, events, per_second)
        healthy = ENDPOINTS - HANGING
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(receiver.taken) < events * healthy and time.monotonic() < deadline:
            time.sleep(0.05)
        taken = list(receiver.taken)
    # An event is written some moments after this time and before its commit, so nothing is flattered.
    written = dict(product.rows(server.database, product.MESSAGES))
    check_told(server.name, taken, written, events)
    waiting = product.query(server.database, product.DELIVERIES_WAITING)
    if waiting != events * HANGING:
        raise Failed(f"{server.name} keeps {waiting} messages for those that hang, of {events * HANGING}")
    server.shell(product.CHECK)
    return sample(taken, written, seconds)


def check_told(name, taken, written, events):
    """Every healthy endpoint got every event, once."""
    pairs = {(message, path) for message, path, _ in taken}
    wanted = events * (ENDPOINTS - HANGING)
    if len(written) != events or len(pairs) != wanted or len(taken) != wanted:
        raise Failed(f"{name} told {len(pairs)} of {wanted} times, {len(taken) - len(pairs)} twice, of {len(written)}"
                     f" events of {events}")


def sample(taken, written, seconds):
    late = sorted(moment * 1000 - written[message] for message, _, moment in taken)
    return Sample(
        per_second=len(taken) / seconds,
        p50_ms=late[len(late) // 2],
        p99_ms=late[len(late) * 99 // 100],
        answered=len(taken),
    )


def subscribe(server, port):
    """Makes the endpoints, by a session: a key may not."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def post(endpoint, body, headers):
        connection.request(*endpoint, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        text = answer.read().decode()
        if not 200 <= answer.status < 300:
            raise Failed(f"{server.name} answered {answer.status} to {endpoint[1]}: {text[:300]}")
        return answer

    signed_in = post(product.LOGIN, product.key_sign_in(server.key), {})
    cookie = signed_in.headers["Set-Cookie"].split(";")[0]
    for number in range(ENDPOINTS):
        kind = "hang" if number < HANGING else "ok"
        url = f"http://127.0.0.1:{port}/{kind}/{number}"
        post(product.NEW_WEBHOOK, json.dumps({"url": url, "events": [product.TOLD]}), {"Cookie": cookie})
    connection.close()


def make_events(server, events, per_second):
    """Returns the seconds that it took, which are more than asked for where the server cannot keep up."""
    client, begun = Client(server), time.monotonic()
    for number in range(events):
        time.sleep(max(0, begun + number / per_second - time.monotonic()))
        client.expect(product.TICKET, product.TICKET_BODY, server.key)
    return time.monotonic() - begun
