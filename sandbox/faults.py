"""Failures on demand: what a test asks for happens to the next calls whose path begins as given."""

import math
import threading

from refusal import Refusal, bad, declined

# kind: what it does. The first four answer without doing anything; *_after_commit do the work first.
KINDS = {
    "500": "an api_error, nothing done, nothing kept under the idempotency key",
    "429": "rate limited, with Retry-After of `delay` seconds (1 without)",
    "402": "a declined card",
    "409": "another request holds the object (lock_timeout)",
    "hang": "no answer for `delay` seconds, then the connection closes; nothing done",
    "close": "the connection closes at once; nothing done",
    "garbage": "200 with a body that is no JSON; nothing done",
    "slow": "the right answer, `delay` seconds late",
    "500_after_commit": "done, then an api_error, which is kept under the idempotency key as Stripe keeps it",
    "timeout_after_commit": "done, then as hang: only the idempotency key tells",
}


class Faults:
    def __init__(self):
        self._lock = threading.Lock()
        self._planned = []
        self._over = threading.Event()

    def add(self, path_prefix, kind, times=1, delay=None, method=None, skip=0):
        """Plans `kind` for the next `times` calls under `path_prefix`, after letting `skip` of them pass."""
        if kind not in KINDS:
            raise bad(f"Unknown fault: {kind}. There are {', '.join(KINDS)}.", "kind")
        with self._lock:
            self._planned.append({"path_prefix": path_prefix, "kind": kind, "times": times, "delay": delay,
                                  "method": method, "skip": skip})

    def planned(self):
        with self._lock:
            return [dict(entry) for entry in self._planned]

    def clear(self):
        """Drops what is planned and lets go of the calls that hang."""
        with self._lock:
            self._planned.clear()
            self._over.set()
            self._over = threading.Event()

    def take(self, method, path):
        """The fault meant for this call, which is then used up; or None."""
        with self._lock:
            for entry in self._planned:
                if path.startswith(entry["path_prefix"]) and entry["method"] in (None, method):
                    if entry["skip"] > 0:
                        entry["skip"] -= 1
                        return None
                    entry["times"] -= 1
                    if entry["times"] <= 0:
                        self._planned.remove(entry)
                    return dict(entry)
        return None

    def pause(self, seconds):
        """Waits, but not beyond `clear`."""
        with self._lock:
            over = self._over
        over.wait(seconds)


def retry_after(fault):
    """The header that comes with a fault's refusal."""
    return {"Retry-After": str(math.ceil(fault["delay"] or 1))} if fault["kind"] == "429" else {}


def refusal(kind):
    """The error a kind stands for, or None."""
    if kind in ("500", "500_after_commit"):
        return Refusal(500, "An unknown error occurred.", type="api_error")
    if kind == "429":
        return Refusal(429, "Request rate limit exceeded. Learn more about rate limits here: "
                            "https://stripe.com/docs/rate-limits.", code="rate_limit")
    if kind == "409":
        return Refusal(409, "This object cannot be accessed right now because another API request or Stripe process "
                            "is currently accessing it.", code="lock_timeout")
    if kind == "402":
        return declined()
    return None
