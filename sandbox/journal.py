"""What was asked of the double, and what of it broke Stripe's rules."""

import collections
import threading


class Journal:
    """`requests` are the calls to /v1; `violations` what the schema refused; `own_faults` where the double's own
    answers and events differ from the schema, which is a mistake of the double."""

    def __init__(self):
        self._lock = threading.Lock()
        self.clear()

    def clear(self):
        with self._lock:
            self.requests = collections.deque(maxlen=10_000)
            self.violations = collections.deque(maxlen=1_000)
            self.own_faults = collections.deque(maxlen=1_000)

    def request(self, **entry):
        """A line that stays in the journal; the caller fills in its status when it is known."""
        with self._lock:
            self.requests.append(entry)
        return entry

    def violation(self, request, refusal):
        with self._lock:
            self.violations.append({"request": request["id"], "method": request["method"], "path": request["path"],
                                    "param": refusal.param, "code": refusal.code, "message": refusal.message})

    def own_fault(self, where, sentence):
        with self._lock:
            self.own_faults.append(f"{where}: {sentence}")

    def seen(self, name):
        with self._lock:
            return list(getattr(self, name))
