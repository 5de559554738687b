"""Runs the Stripe double (sandbox/stripe.py) as a process of its own and asks things of it. Standard library only."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET_KEY = "sk_test_sandbox_key"
WEBHOOK_SECRET = "whsec_sandbox_secret"


def published_schema():
    """The path of Stripe's own spec3.json, fetched once into .build-spec (git ignores it).

    The wheel carries the document; the package around it is not installed.
    """
    folder = ROOT / ".build-spec"
    file = folder / "spec3.json"
    if not file.exists():
        folder.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--ignore-requires-python", "--dest", str(folder), "seahaven-stripe-world==0.3.0"], check=True)
        wheel = next(folder.glob("seahaven_stripe_world-0.3.0-*.whl"))
        draft = folder / f"spec3.json.{os.getpid()}"
        with zipfile.ZipFile(wheel) as archive:
            draft.write_bytes(archive.read("seahaven_stripe_world/spec/spec3.json"))
        draft.replace(file)
    return file


class StripeDouble:
    """One double with its state in `state`. `start` it, `stop` it, start it again: it remembers.

    Without `spec` it checks nothing against Stripe's schema; `published_schema()` gives the path. `webhook_secret` may
    be several with commas. `seed` makes the ids the same in every run.
    """

    def __init__(self, state, webhook_url="", webhook_secret=WEBHOOK_SECRET, secret_key=SECRET_KEY, port=0, spec=None,
                 seed="tests", retry_delays="0.2,1,5", delivery_timeout=10):
        self.secret_key, self.webhook_secret, self.webhook_url = secret_key, webhook_secret, webhook_url
        self.state, self.port, self.spec, self.seed = pathlib.Path(state), port, spec, seed
        self.retry_delays, self.delivery_timeout = retry_delays, delivery_timeout
        self.url = None
        self.process = None

    # The process

    def start(self):
        """Returns when it listens. The port stays the same over restarts."""
        command = [sys.executable, str(ROOT / "sandbox" / "stripe.py"), "--port", str(self.port), "--state",
                   str(self.state), "--secret-key", self.secret_key, "--seed", self.seed,
                   "--retry-delays", self.retry_delays, "--delivery-timeout", str(self.delivery_timeout)]
        if self.webhook_url:
            command += ["--webhook-url", self.webhook_url, "--webhook-secret", self.webhook_secret]
        if self.spec:
            command += ["--spec", str(self.spec), "--strict"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise RuntimeError(f"the Stripe double did not start: exit status {self.process.wait()}")
        self.url = line.split()[-1]
        self.port = int(self.url.rpartition(":")[2])
        return self

    def stop(self):
        """Ends it by SIGTERM and returns its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """Ends it as a power cut would."""
        return self._end(signal.SIGKILL)

    def _end(self, number):
        if self.process is None:
            return None
        self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process = None
        return status

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # What a customer or a bank would do

    def pay(self, session, wait=0):
        """Pays a Checkout Session; `wait` seconds at most for the shop to acknowledge. Returns session and event."""
        return self.control("POST", f"/checkout/{session}/pay", {"wait": wait})

    def decline(self, session):
        return self.control("POST", f"/checkout/{session}/decline")["session"]

    def pay_later(self, session):
        """Completes a session whose money comes later, or not at all: see `settle`. Returns session and event."""
        return self.control("POST", f"/checkout/{session}/pay_later")

    def settle(self, session, arrived=True):
        """The money of `pay_later` arrives, or the debit bounces."""
        return self.control("POST", f"/checkout/{session}/settle", {"arrived": arrived})

    def expire(self, session):
        return self.control("POST", f"/checkout/{session}/expire")["session"]

    def refund(self, charge, amount=None):
        """Refunds a charge, named by its own id, its payment intent's or its session's."""
        return self.control("POST", f"/charges/{charge}/refund", {"amount": amount} if amount else {})

    def dispute(self, charge):
        return self.control("POST", f"/charges/{charge}/dispute")

    def close_dispute(self, dispute, outcome):
        return self.control("POST", f"/disputes/{dispute}/close", {"outcome": outcome})

    def advance(self, seconds):
        """Moves the double's clock ahead; the stamps in signatures keep to the real time."""
        return self.control("POST", "/clock", {"advance": seconds})["now"]

    def save(self):
        """Has the state written at once, so that even `kill` loses nothing."""
        self.control("POST", "/save")

    # What it saw

    def violations(self):
        """What callers did against Stripe's schema."""
        return self.control("GET", "/violations")["violations"]

    def own_faults(self):
        """Where the double itself is not as Stripe is."""
        return self.control("GET", "/violations")["own_faults"]

    def journal(self, path_prefix=""):
        """The calls to /v1, oldest first."""
        return [call for call in self.control("GET", "/requests")["requests"] if call["path"].startswith(path_prefix)]

    def forget(self):
        """Empties the journal, violations included."""
        self.control("DELETE", "/requests")

    def meter_events(self):
        return self.control("GET", "/meter_events")["meter_events"]

    # What goes wrong

    def fault(self, path_prefix, kind, times=1, **more):
        """Plans a failure; `more` are delay (seconds), method and skip. `faults.py` lists the kinds."""
        return self.control("POST", "/faults", {"path_prefix": path_prefix, "kind": kind, "times": times, **more})

    def clear_faults(self):
        self.control("DELETE", "/faults")

    # Webhooks

    def deliveries(self, settle=0):
        """The attempts so far, oldest first; waits `settle` seconds at most until nothing is pending."""
        return self.control("GET", f"/deliveries?settle={settle}", timeout=settle + 10)["deliveries"]

    def pending(self):
        return self.control("GET", "/deliveries")["pending"]

    def hold(self):
        """Keeps events back until `release`."""
        self.control("POST", "/deliveries", {"hold": True})

    def release(self, order="created"):
        """Lets go of what was held, in the order created, reverse or shuffle. Later events go out as they are made."""
        self.control("POST", "/deliveries", {"order": order, "hold": False})
        self.control("POST", "/deliveries", {"order": "created"})

    def deliver(self, order="created", duplicates=0, twins=0):
        """How events go out from now on: each `1 + duplicates` times, and as `1 + twins` events of their own id."""
        self.control("POST", "/deliveries", {"order": order, "duplicates": duplicates, "twins": twins})

    def resend(self, event):
        return self.control("POST", f"/events/{event}/resend")

    # Asking

    def control(self, method, path, body=None, timeout=30):
        """One call to /_sandbox; raises AssertionError with the answer when it is refused."""
        return self._ask(method, f"/_sandbox{path}", json.dumps(body).encode() if body is not None else None,
                         {"Content-Type": "application/json"}, timeout)

    def get(self, path):
        """One GET of Stripe's API, as the shop would do it."""
        return self._ask("GET", path, None, {"Authorization": f"Bearer {self.secret_key}", "Stripe-Version":
                                             "2026-08-26.dahlia"}, 30)

    def _ask(self, method, path, body, headers, timeout):
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read().decode()}") from None
