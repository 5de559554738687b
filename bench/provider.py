"""Signed webhooks as the payment provider sends them: a page that was paid, its intent, the card, the customer, and of
every tenth payment a refund. No event comes twice, and none before the payment that it is about.

The shapes are those of docs.stripe.com/api, less the members that nobody here reads.
"""

import hashlib
import hmac
import json
import time

CUSTOMERS = 20_000
# Payments between a page and what comes after it, so that many connections at once do not change their order.
BEHIND = 100
REFUND_EVERY = 10
EVENTS_A_PAYMENT = 4 + 1 / REFUND_EVERY


def customer(number):
    return f"cus_bench{number % CUSTOMERS:08d}"


def address():
    return {"city": "Valladolid", "country": "ES", "line1": "Calle Mayor 1", "line2": None, "postal_code": "47001",
            "state": None}


def person(number):
    return {"address": address(), "email": f"payer{number % CUSTOMERS}@example.com", "name": "Ada Ruiz", "phone": None,
            "tax_exempt": "none", "tax_ids": []}


def session(run, number, now):
    return {
        "id": f"cs_test_{run}{number:09d}", "object": "checkout.session", "amount_subtotal": 2500, "amount_total": 2500,
        "automatic_tax": {"enabled": False, "liability": None, "status": None}, "billing_address_collection": None,
        "cancel_url": "http://127.0.0.1:8080/dashboard.html?payment=cancel", "client_reference_id": None,
        "created": now, "currency": "usd", "customer": customer(number), "customer_creation": None,
        "customer_details": person(number), "customer_email": None, "expires_at": now + 86400, "livemode": False,
        "locale": None, "metadata": {"purser_purpose": "balance"}, "mode": "payment",
        "payment_intent": f"pi_{run}{number:09d}",
        "payment_method_options": {"card": {"request_three_d_secure": "any"}}, "payment_method_types": ["card"],
        "payment_status": "paid", "phone_number_collection": {"enabled": False},
        "status": "complete", "submit_type": None, "subscription": None, "url": None,
        "success_url": "http://127.0.0.1:8080/dashboard.html?payment=success", "ui_mode": "hosted",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    }


def intent(run, number, now):
    return {
        "id": f"pi_{run}{number:09d}", "object": "payment_intent", "amount": 2500, "amount_capturable": 0,
        "amount_received": 2500, "automatic_payment_methods": None, "canceled_at": None, "capture_method": "automatic",
        "client_secret": "pi_secret", "confirmation_method": "automatic", "created": now, "currency": "usd",
        "customer": customer(number), "description": None, "last_payment_error": None,
        "latest_charge": f"ch_{run}{number:09d}", "livemode": False, "metadata": {}, "next_action": None,
        "payment_method": f"pm_{run}{number:09d}", "payment_method_types": ["card"], "receipt_email": None,
        "setup_future_usage": None, "statement_descriptor": None, "status": "succeeded", "transfer_group": None,
    }


def card(run, number, now):
    return {
        "id": f"pm_{run}{number:09d}", "object": "payment_method", "allow_redisplay": "limited",
        "billing_details": person(number),
        "card": {"brand": "visa", "checks": {"cvc_check": "pass"}, "country": "US", "exp_month": 12, "exp_year": 2040,
                 "fingerprint": "Xt5EWLLDS7FJjR1c", "funding": "credit", "last4": "4242", "wallet": None},
        "created": now, "customer": customer(number), "livemode": False, "metadata": {}, "type": "card",
    }


def payer(run, number, now):
    return {
        "id": customer(number), "object": "customer", **person(number), "balance": 0, "created": now, "currency": "usd",
        "default_source": None, "delinquent": False, "description": None, "invoice_prefix": "0759376C",
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None},
        "livemode": False, "metadata": {}, "preferred_locales": [], "shipping": None,
    }


def refunded(run, number, now):
    name = f"{run}{number:09d}"
    refund = {
        "id": f"re_{name}", "object": "refund", "amount": 500, "balance_transaction": None, "charge": f"ch_{name}",
        "created": now, "currency": "usd", "metadata": {}, "payment_intent": f"pi_{name}", "reason": None,
        "receipt_number": None, "status": "succeeded",
    }
    return {
        "id": f"ch_{name}", "object": "charge", "amount": 2500, "amount_captured": 2500, "amount_refunded": 500,
        "billing_details": person(number), "captured": True, "created": now, "currency": "usd",
        "customer": customer(number), "description": None, "disputed": False, "livemode": False, "metadata": {},
        "paid": True, "payment_intent": f"pi_{name}", "payment_method": f"pm_{name}", "refunded": False,
        "refunds": {"object": "list", "data": [refund], "has_more": False}, "status": "succeeded",
    }


AT_ONCE = {"checkout.session.completed": session, "payment_method.attached": card}
LATER = {"payment_intent.succeeded": intent, "customer.updated": payer}
AT_TIMES = {"charge.refunded": refunded}


def bodies(run, count):
    """The bodies of about so many events, in an order in which they can come."""
    now = int(time.time())
    templates = {kind: template(kind, make, now) for kind, make in {**AT_ONCE, **LATER, **AT_TIMES}.items()}
    for number in range(int(count / EVENTS_A_PAYMENT) + 1):
        for kind in AT_ONCE:
            yield templates[kind](run, number)
        if number >= BEHIND:
            for kind in LATER:
                yield templates[kind](run, number - BEHIND)
            if number % REFUND_EVERY == 0:
                yield templates["charge.refunded"](run, number - BEHIND)


def template(kind, make, now):
    """A function that fills in the numbers of an event: to encode a hundred thousand one by one takes minutes."""
    mark_run, mark_number = "RUNRUN", 123_456_789
    event = {
        "id": f"evt_{mark_run}{kind.replace('.', '')}{mark_number}", "object": "event",
        "api_version": "2025-03-31.basil", "created": now, "data": {"object": make(mark_run, mark_number, now)},
        "livemode": False, "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": kind,
    }
    text = json.dumps(event).replace("%", "%%").replace(customer(mark_number), "%(customer)s")
    text = text.replace(f"payer{mark_number % CUSTOMERS}@", "payer%(payer)d@")
    text = text.replace(f"{mark_run}{mark_number:09d}", "%(run)s%(number)09d")
    text = text.replace(mark_run, "%(run)s").replace(str(mark_number), "%(number)09d")

    def fill(run, number):
        return text % {"run": run, "number": number, "customer": customer(number), "payer": number % CUSTOMERS}

    return fill


def signature(secret, stamp, body):
    """The header over a body (docs.stripe.com/webhooks, "Verify manually")."""
    digest = hmac.digest(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hex()
    return f"t={stamp},v1={digest}"


def write(path, secret, run, count):
    """A line for each event: its signature, a tab, its body. They are good for five minutes from now."""
    stamp = int(time.time())
    with open(path, "wb") as file:
        for text in bodies(run, count):
            body = text.encode()
            file.write(signature(secret, stamp, body).encode() + b"\t" + body + b"\n")
