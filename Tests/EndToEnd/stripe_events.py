"""Events as Stripe would send them, made by hand and signed by Stripe's own library."""

import itertools
import json
import time

from stack import wait_until
from stripe import WebhookSignature

SECRET = "whsec_sandbox_secret"
_numbers = itertools.count(1)


def event(type, object, id=None, livemode=False):
    return {"id": id or f"evt_{next(_numbers)}_{type}", "object": "event", "api_version": "2026-08-26.dahlia",
            "created": int(time.time()), "type": type, "livemode": livemode, "data": {"object": object}}


def session(customer, amount, name, status="paid", **more):
    """A Checkout Session whose payment is `pi_NAME`; `amount` in cents."""
    return {"id": f"cs_test_{name}", "object": "checkout.session", "mode": "payment", "customer": customer,
            "payment_status": status, "status": "complete", "created": int(time.time()), "amount_total": amount, "currency": "usd",
            "payment_intent": f"pi_{name}", **more}


def charge(customer, amount, name, refunded=0):
    return {"id": f"ch_{name}", "object": "charge", "created": int(time.time()), "paid": True, "customer": customer, "amount": amount, "currency": "usd",
            "amount_refunded": refunded, "refunded": refunded == amount, "payment_intent": f"pi_{name}"}


def intent(customer, amount, name):
    return {"id": f"pi_{name}", "object": "payment_intent", "created": int(time.time()), "customer": customer, "amount": amount,
            "currency": "usd", "status": "succeeded"}


def signed(body, secret=SECRET, age=0):
    return WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=int(time.time()) - age)


def send(stack, event, secret=SECRET, path="/webhooks/stripe", keep=True, **more):
    """Delivers an event (or raw bytes); the answer. What it is about is first put into the double, where the shop will
    ask for it, unless `keep` says that it is not there."""
    double = getattr(stack, "stripe", None)
    if keep and double and not isinstance(event, bytes) and "object" in event["data"]["object"]:
        double.put(event["data"]["object"])
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return stack.post(path, body, headers={"Stripe-Signature": signed(body, secret),
                                           "Content-Type": "application/json"}, **more)


def settled(stack, *ids):
    """Waits until events are dealt with: acknowledged is only stored."""
    wanted = ", ".join(f"'{id}'" for id in ids)
    where = f"id IN ({wanted})" if ids else "1"
    wait_until(lambda: stack.sql(f"SELECT count(*) AS n FROM stripe_event WHERE status = 'received' AND {where}")[0]["n"]
               == 0, 30, "applying events")
