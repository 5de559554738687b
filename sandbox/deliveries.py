"""Sends events to the webhook endpoints: signed, retried, and on demand held back, reordered or repeated.

One thread sends one delivery after another, so that an order that was asked for is the order that arrives. What is
pending is part of the world's state and goes on after a restart.
"""

import collections
import http.client
import json
import random
import threading
import time
from urllib.parse import urlsplit

from objects.events import matches
from signature import sign
from world import shown


class Deliveries:
    """`retry_delays` are the seconds after each failed attempt; after the last, the event stays undelivered."""

    def __init__(self, world, retry_delays, timeout=10.0):
        self.world = world
        self.retry_delays = retry_delays
        self.timeout = timeout
        self.order, self.duplicates, self.twins, self.hold = "created", 0, 0, False
        self.dropping = []
        self.log = collections.deque(maxlen=10_000)
        self._random = random.Random(world.state["seed"])
        self._moved = threading.Condition(world.lock)
        self._stopping = False
        self._sending = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        for entry in world.state["pending"]:
            entry["due"] = time.time()
        world.deliveries = self

    def start(self):
        self._thread.start()

    def stop(self):
        with self._moved:
            self._stopping = True
            self._moved.notify_all()
        self._thread.join(self.timeout + 1)

    # What is to be sent

    def set(self, order=None, duplicates=None, twins=None, hold=None, drop=None):
        """How events go out from now on; `hold=False` after `hold=True` lets go of what was held, in `order`.

        Events of the types in `drop` (`charge.*` and `*` stand for several) are never sent: they stay undelivered,
        and only a look at the list of events tells of them.
        """
        with self._moved:
            self.dropping = drop if drop is not None else self.dropping
            self.order = order if order is not None else self.order
            self.duplicates = duplicates if duplicates is not None else self.duplicates
            self.twins = twins if twins is not None else self.twins
            if hold is not None and hold != self.hold:
                self.hold = hold
                if not hold:
                    self.world.state["pending"] = self._ordered(self.world.state["pending"])
            self._moved.notify_all()

    def add(self, events):
        """Queues events for every enabled endpoint that wants them."""
        with self._moved:
            batch = []
            for event in list(events):
                copies = [event] + [self._twin(event) for _ in range(self.twins)]
                for copy in copies:
                    batch += self._entries(copy)
            self.world.state["pending"] += batch if self.hold else self._ordered(batch)
            self._moved.notify_all()

    def _twin(self, event):
        """A second event object for the same change, as Stripe sometimes makes one."""
        return self.world.add({**event, "id": self.world.new_id("evt_"), "pending_webhooks": 0})

    def _entries(self, event):
        entries = []
        for endpoint in self.world.table("webhook_endpoint").values():
            if endpoint["status"] == "enabled" and matches(event["type"], endpoint["enabled_events"]):
                event["pending_webhooks"] += 1
                if matches(event["type"], self.dropping):
                    event["_dropped"] = True
                    continue
                entries += [self._entry(event["id"], endpoint["id"], copy) for copy in range(1 + self.duplicates)]
        return entries

    def _entry(self, event, endpoint, copy):
        return {"event": event, "endpoint": endpoint, "copy": copy, "attempt": 1, "due": time.time()}

    def _ordered(self, entries):
        if self.order == "reverse":
            return entries[::-1]
        if self.order == "shuffle":
            return self._random.sample(entries, len(entries))
        return entries

    def resend(self, event):
        """Sends an event again by hand. It neither stops nor starts automatic retries."""
        with self._moved:
            for endpoint in self.world.table("webhook_endpoint").values():
                if endpoint["status"] == "enabled" and matches(event["type"], endpoint["enabled_events"]):
                    self.world.state["pending"].append(self._entry(event["id"], endpoint["id"], "resend"))
            self._moved.notify_all()

    # Waiting

    def wait_for(self, event, seconds):
        """True as soon as every endpoint acknowledged the event; False at the end of the time or if kept back."""
        def done():
            return event["pending_webhooks"] == 0 or self.hold or event.get("_dropped", False)
        with self._moved:
            self._moved.wait_for(done, seconds)
            return event["pending_webhooks"] == 0

    def settle(self, seconds):
        """True as soon as nothing is pending, retries included, or all that is, is held back."""
        with self._moved:
            return self._moved.wait_for(
                lambda: self._sending is None and (self.hold or not self.world.state["pending"]), seconds)

    # Sending

    def _run(self):
        while True:
            with self._moved:
                entry = self._next()
                if entry is None:
                    return
                message = self._message(entry)
            status, problem = _post(*message, self.timeout) if message else (None, "the endpoint is gone")
            with self._moved:
                self._sent(entry, message, status, problem)
                self._sending = None
                self._moved.notify_all()

    def _next(self):
        while not self._stopping:
            pending = [] if self.hold else self.world.state["pending"]
            due = min((entry["due"] for entry in pending), default=None)
            if due is not None and due <= time.time():
                entry = next(entry for entry in pending if entry["due"] <= time.time())
                self._sending = entry
                return entry
            self._moved.wait(None if due is None else max(0.0, due - time.time()))
        return None

    def _message(self, entry):
        endpoint = self.world.table("webhook_endpoint").get(entry["endpoint"])
        event = self.world.table("event").get(entry["event"])
        if endpoint is None or event is None:
            return None
        body = shown(event)
        body["api_version"] = endpoint["api_version"] or body["api_version"]
        raw = json.dumps(body, indent=2, ensure_ascii=False).encode()
        return endpoint["url"], raw, sign(raw, endpoint["_secrets"], int(time.time()))

    def _sent(self, entry, message, status, problem):
        """Writes the attempt down and either lets go of the entry or keeps it for a retry."""
        pending, event = self.world.state["pending"], self.world.table("event").get(entry["event"])
        self.world.touch()
        good = status is not None and 200 <= status < 300
        self.log.append({"event": entry["event"], "type": event["type"] if event else None,
                         "endpoint": entry["endpoint"], "attempt": entry["attempt"], "copy": entry["copy"],
                         "status": status, "error": problem, "at": time.time()})
        if any(kept is entry for kept in pending):
            pending[:] = [kept for kept in pending if kept is not entry]
        if good:
            self._acknowledged(entry, event)
        elif entry["copy"] == 0 and message and entry["attempt"] <= len(self.retry_delays):
            later = time.time() + self.retry_delays[entry["attempt"] - 1]
            pending.append({**entry, "attempt": entry["attempt"] + 1, "due": later})

    def _acknowledged(self, entry, event):
        done = event.setdefault("_acknowledged", [])
        if entry["endpoint"] not in done:
            done.append(entry["endpoint"])
            event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)


def _post(url, raw, signature, timeout):
    """One attempt: the status, or None and what went wrong. A redirect is not followed: it counts as a failure."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, raw, {
            "Content-Type": "application/json; charset=utf-8", "Accept": "*/*; q=0.5, application/xml",
            "Cache-Control": "no-cache", "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature, "Connection": "close"})
        answer = connection.getresponse()
        answer.read(65_536)
        return answer.status, None
    except (OSError, http.client.HTTPException) as problem:
        return None, f"{type(problem).__name__}: {problem}"
    finally:
        connection.close()
