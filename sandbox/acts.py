"""What a customer, a bank or somebody in the provider's dashboard does, on a test's word, under /_sandbox."""

from objects import balance_transactions, cards, charges, checkout, disputes, payment_intents, payment_methods
from objects import paying, payouts, refunds
from refusal import bad, only
from world import shown


def _pay(double, body, query, id):
    """`{"card": "pm_card_visa", "wait": 5}` waits so long for the acknowledgement, as the page does."""
    with double.world.change():
        session = checkout.find(double.world, id)
        event = paying.pay(double.world, session, body.get("card", "pm_card_visa"))
    acknowledged = double.deliveries.wait_for(event, float(body.get("wait", 0))) if event else False
    return {"session": shown(session), "event": event["id"] if event else None, "acknowledged": acknowledged}


def _decline(double, body, query, id):
    with double.world.change():
        session = checkout.find(double.world, id)
        if not paying.decline(double.world, session, cards.reason_named(body.get("code", "card_declined"))):
            raise bad(f"This session is {session['status']}.")
        return {"session": shown(session)}


def _pay_later(double, body, query, id):
    return _step(double, id, paying.pay_later)


def _settle(double, body, query, id):
    """`{"arrived": false}` for a debit that bounced."""
    return _step(double, id, lambda world, session: paying.settle(world, session, body.get("arrived", True)))


def _step(double, id, step):
    with double.world.change():
        session = checkout.find(double.world, id)
        event = step(double.world, session)
        if event is None:
            raise bad(f"This session is {session['status']} and {session['payment_status']}.")
        return {"session": shown(session), "event": event["id"]}


def _expire(double, body, query, id):
    with double.world.change():
        session = checkout.find(double.world, id)
        if session["status"] != "open":
            raise bad(f"This session is {session['status']}.")
        return {"session": shown(checkout.close(double.world, session))}


def _authenticate(double, body, query, id):
    """`{"passed": false}` for a cardholder whom the bank did not believe."""
    with double.world.change():
        return shown(payment_intents.authenticate(double.world, double.world.find("payment_intent", id),
                                                  body.get("passed", True)))


def _fail_card(double, body, query, id):
    """`{"code": "insufficient_funds", "times": 2}`; for good without `times`; `{"code": null}` ends it."""
    given = only(body, "code", "times")
    reason = cards.reason_named(given["code"]) if given.get("code") else None
    with double.world.change():
        cards.fail_next(double.world.find("customer", id), reason, given.get("times"))
    return {}


def _replace_card(double, body, query, id):
    given = only(body, "last4", "exp_month", "exp_year")
    with double.world.change():
        return shown(payment_methods.replace(
            double.world, double.world.find("payment_method", id), given.get("last4", "4242"),
            given.get("exp_month", 12), given.get("exp_year", 2040)))


def _refund(double, body, query, id):
    given = only(body, "amount", "reason")
    with double.world.change():
        return shown(refunds.refund(double.world, charges.named(double.world, id), given.get("amount"),
                                    given.get("reason", "requested_by_customer")))


def _fail_refund(double, body, query, id):
    with double.world.change():
        return shown(refunds.fail(double.world, double.world.find("refund", id),
                                  **only(body, "reason")))


def _dispute(double, body, query, id):
    with double.world.change():
        return shown(disputes.open_on(double.world, charges.named(double.world, id),
                                      **only(body, "reason", "amount", "inquiry")))


def _answer_dispute(double, body, query, id):
    with double.world.change():
        return shown(disputes.submit(double.world, double.world.find("dispute", id),
                                     {"uncategorized_text": body.get("text", "They did order it.")}))


def _escalate(double, body, query, id):
    with double.world.change():
        return shown(disputes.escalate(double.world, double.world.find("dispute", id)))


def _close_dispute(double, body, query, id):
    with double.world.change():
        return shown(disputes.close(double.world, double.world.find("dispute", id), body.get("outcome")))


def _set_fees(double, body, query):
    with double.world.change():
        return balance_transactions.set_fees(double.world, body)


def _pay_out(double, body, query):
    with double.world.change():
        return shown(payouts.pay_out(double.world, **only(body, "currency")))


ACTS = [
    ("POST", r"/_sandbox/checkout/([^/]+)/pay", _pay),
    ("POST", r"/_sandbox/checkout/([^/]+)/decline", _decline),
    ("POST", r"/_sandbox/checkout/([^/]+)/pay_later", _pay_later),
    ("POST", r"/_sandbox/checkout/([^/]+)/settle", _settle),
    ("POST", r"/_sandbox/checkout/([^/]+)/expire", _expire),
    ("POST", r"/_sandbox/payment_intents/([^/]+)/authenticate", _authenticate),
    ("POST", r"/_sandbox/customers/([^/]+)/fail_card", _fail_card),
    ("POST", r"/_sandbox/payment_methods/([^/]+)/replace", _replace_card),
    ("POST", r"/_sandbox/charges/([^/]+)/refund", _refund),
    ("POST", r"/_sandbox/refunds/([^/]+)/fail", _fail_refund),
    ("POST", r"/_sandbox/charges/([^/]+)/dispute", _dispute),
    ("POST", r"/_sandbox/disputes/([^/]+)/answer", _answer_dispute),
    ("POST", r"/_sandbox/disputes/([^/]+)/escalate", _escalate),
    ("POST", r"/_sandbox/disputes/([^/]+)/close", _close_dispute),
    ("POST", r"/_sandbox/fees", _set_fees),
    ("POST", r"/_sandbox/payouts", _pay_out),
]
