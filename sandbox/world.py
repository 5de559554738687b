"""Everything the double knows: its objects, its clock, its ids; changed under one lock and saved to one file."""

import copy
import hashlib
import json
import os
import secrets
import threading
import time
from contextlib import contextmanager

from refusal import missing

API_VERSION = "2026-08-26.dahlia"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class World:
    """The state. `state` is plain JSON; objects are kept by kind (the `object` member) and id, oldest first.

    Members of an object whose name begins with an underscore are the double's own and never leave it.
    """

    def __init__(self, file=None, seed=None):
        self.lock = threading.RLock()
        self._saving = threading.Lock()
        self.file = file
        self.deliveries = None
        self.watch = None
        self._batch = []
        self._origin = (None, None)
        self._changed = False
        self.state = {"seed": seed or secrets.token_hex(8), "ids": 0, "ahead": 0, "tables": {}, "idempotency": {},
                      "pending": []}
        if file and os.path.exists(file):
            with open(file, encoding="utf-8") as source:
                self.state = json.load(source)

    # Time and names

    def now(self):
        """Seconds since 1970, plus however far a test has moved the clock."""
        return int(time.time()) + self.state["ahead"]

    def new_id(self, prefix, length=24):
        """The next id: the same seed gives the same ids in the same order."""
        self.state["ids"] += 1
        digest = hashlib.sha512(f"{self.state['seed']}/{self.state['ids']}".encode()).digest()
        return prefix + "".join(_ALPHABET[byte % 62] for byte in digest[:length])

    # Objects

    def table(self, kind):
        return self.state["tables"].setdefault(kind, {})

    def add(self, thing):
        self.table(thing["object"])[thing["id"]] = thing
        return thing

    def find(self, kind, id, param=None):
        """The object; refuses with 404 (an id from the path) or, when `param` names it, with 400."""
        found = self.table(kind).get(id)
        if found is None:
            name = "PaymentMethod" if kind == "payment_method" else kind
            raise missing(name, id, param or "id", 400 if param else 404)
        return found

    # Changes

    @contextmanager
    def change(self, request_id=None, idempotency_key=None):
        """Holds the lock; the events emitted meanwhile are handed to delivery together, at the end."""
        with self.lock:
            self._origin = (request_id, idempotency_key)
            try:
                yield
            finally:
                batch, self._batch = self._batch, []
                self._origin = (None, None)
                self._changed = True
                if self.deliveries and batch:
                    self.deliveries.add(batch)

    def emit(self, type, thing, before=None):
        """Records an event about `thing` as it is now. `before` holds the previous values of what was updated."""
        data = {"object": shown(thing)}
        if before:
            data["previous_attributes"] = copy.deepcopy(before)
        event = self.add({
            "id": self.new_id("evt_"), "object": "event", "api_version": API_VERSION, "created": self.now(),
            "data": data, "livemode": False, "pending_webhooks": 0,
            "request": {"id": self._origin[0], "idempotency_key": self._origin[1]}, "type": type})
        self._batch.append(event)
        if self.watch:
            self.watch(event)
        return event

    # Keeping

    def touch(self):
        """Says that the state changed in some other way than through `change`."""
        self._changed = True

    def save(self):
        """Writes the state if it changed, in one step: a reader sees the old file or the new one."""
        with self._saving:
            self._save()

    def _save(self):
        with self.lock:
            if not self.file or not self._changed:
                return
            self._changed = False
            text = json.dumps(self.state, separators=(",", ":"))
        draft = f"{self.file}.new"
        # The secrets of the endpoints are in it.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        os.replace(draft, self.file)


def shown(thing):
    """A deep copy as the outside sees it. In metadata and payload the keys are the caller's, underscores and all."""
    if isinstance(thing, dict):
        return {key: dict(value) if key in ("metadata", "payload") else shown(value)
                for key, value in thing.items() if not key.startswith("_")}
    if isinstance(thing, list):
        return [shown(entry) for entry in thing]
    return thing
