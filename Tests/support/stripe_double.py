"""Runs the Stripe double (sandbox/stripe.py) as a process of its own and asks things of it. Standard library only."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
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

    def pay(self, session, wait=0, card="pm_card_visa"):
        """Pays a Checkout Session; `wait` seconds at most for the shop to acknowledge. Returns session and event.

        In setup and subscription mode, and where the intent keeps it, `card` becomes the customer's:
        `pm_card_chargeCustomerFail` and `pm_card_authenticationRequired` are kept and fail off session.
        """
        return self.control("POST", f"/checkout/{session}/pay", {"wait": wait, "card": card})

    def decline(self, session, code="card_declined"):
        return self.control("POST", f"/checkout/{session}/decline", {"code": code})["session"]

    def pay_later(self, session):
        """Completes a session whose money comes later, or not at all: see `settle`. Returns session and event."""
        return self.control("POST", f"/checkout/{session}/pay_later")

    def settle(self, session, arrived=True):
        """The money of `pay_later` arrives, or the debit bounces."""
        return self.control("POST", f"/checkout/{session}/settle", {"arrived": arrived})

    def expire(self, session):
        return self.control("POST", f"/checkout/{session}/expire")["session"]

    def authenticate(self, intent, passed=True):
        """The cardholder answers the bank, for a payment intent that is `requires_action`."""
        return self.control("POST", f"/payment_intents/{intent}/authenticate", {"passed": passed})

    def fail_card(self, customer, code="card_declined", times=None):
        """The next `times` charges of the customer's kept cards fail, or all from now on; Checkout is not concerned.

        `code` is an error code or a decline code: card_declined, insufficient_funds, expired_card, lost_card,
        authentication_required and the others of `objects/cards.py`.
        """
        self.control("POST", f"/customers/{customer}/fail_card", {"code": code, "times": times})

    def mend_card(self, customer):
        """Ends what `fail_card` began."""
        self.control("POST", f"/customers/{customer}/fail_card", {"code": None})

    def replace_card(self, payment_method, last4="4242", exp_month=12, exp_year=2040):
        """The bank sends the customer a new card and the provider learns of it: the payment method stays the same."""
        return self.control("POST", f"/payment_methods/{payment_method}/replace",
                            {"last4": last4, "exp_month": exp_month, "exp_year": exp_year})

    def refund(self, charge, amount=None):
        """Refunds a charge as in the dashboard; it is named by its own id, its payment intent's or its session's."""
        return self.control("POST", f"/charges/{charge}/refund", {"amount": amount} if amount else {})

    def fail_refund(self, refund):
        """The customer's bank sends a refund back: the money returns and the charge holds it again."""
        return self.control("POST", f"/refunds/{refund}/fail")

    def dispute(self, charge, reason="fraudulent", amount=None, inquiry=False):
        """Disputes a charge, named as in `refund`. An inquiry moves no money and is `warning_needs_response`."""
        more = {"amount": amount} if amount else {}
        return self.control("POST", f"/charges/{charge}/dispute", {"reason": reason, "inquiry": inquiry, **more})

    def answer_dispute(self, dispute):
        """Evidence is handed in, in the dashboard: `under_review`."""
        return self.control("POST", f"/disputes/{dispute}/answer")

    def escalate_dispute(self, dispute):
        """An inquiry becomes a dispute proper: the funds are withdrawn."""
        return self.control("POST", f"/disputes/{dispute}/escalate")

    def close_dispute(self, dispute, outcome):
        """`won`, `lost`, or `warning_closed` for an inquiry."""
        return self.control("POST", f"/disputes/{dispute}/close", {"outcome": outcome})

    def set_fees(self, **fees):
        """`basis_points` and `fixed` of a charge, `dispute`, and whether the latter is `dispute_returned` when won."""
        return self.control("POST", "/fees", fees)

    def pay_out(self, currency="usd"):
        """Pays what is available (two days after the charge) out to the bank; returns the payout."""
        return self.control("POST", "/payouts", {"currency": currency})

    def advance(self, seconds):
        """Moves the double's clock ahead; the stamps in signatures keep to the real time."""
        return self.control("POST", "/clock", {"advance": seconds})["now"]

    def put(self, thing):
        """Keeps an object as given, in place of the one of that kind and id."""
        return self.control("POST", "/objects", thing)

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

    def drop(self, types=None):
        """Never sends events of these types (all without; `charge.*` for several), until `stop_dropping`."""
        self.control("POST", "/deliveries", {"drop": types or ["*"]})

    def stop_dropping(self):
        """Sends later events again; the dropped ones stay undelivered unless they are `resend`."""
        self.control("POST", "/deliveries", {"drop": []})

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

    def post(self, path, **form):
        """One POST of Stripe's API, as somebody in its dashboard would do it."""
        headers = {"Authorization": f"Bearer {self.secret_key}", "Stripe-Version": "2026-08-26.dahlia",
                   "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urllib.parse.urlencode(form).encode(), headers, 30)

    def everything(self, path):
        """All entries of one of Stripe's lists, oldest first: `everything("/v1/balance_transactions?type=charge")`."""
        found, join, more = [], "&" if "?" in path else "?", ""
        while True:
            page = self.get(f"{path}{join}limit=100{more}")
            found += page["data"]
            if not page["has_more"]:
                return found[::-1]
            more = f"&starting_after={page['data'][-1]['id']}"

    def _ask(self, method, path, body, headers, timeout):
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read().decode()}") from None
