"""What happens to a Checkout Session when somebody pays, or tries to."""

from objects import cards, payment_intents, payment_methods, setup_intents, subscriptions
from objects.checkout import details
from refusal import bad
from values import metadata, text


def pay(world, session, test_card="pm_card_visa"):
    """The customer presses Pay: returns the event `checkout.session.completed`, or None where it was too late.

    A card that wants authentication gets it: the cardholder is there. One that the bank declines is refused.
    """
    if session["status"] != "open":
        return None
    card = cards.new(world, test_card)
    if card["_declines_attaching"] or (session["mode"] != "setup" and card["_declines"] == "generic_decline"):
        raise bad(f"The bank declines {test_card}.", "card")
    if session["mode"] == "setup":
        setup_intents.succeed(world, session, card)
    elif session["mode"] == "subscription":
        _subscribe(world, session, card)
    else:
        payment_intents.succeed(world, _intent(world, session), card)
        session["payment_status"] = "paid"
    return _complete(world, session)


def _intent(world, session):
    """The intent of a session: made at the first attempt to pay, kept for the next."""
    if session["payment_intent"]:
        return world.find("payment_intent", session["payment_intent"])
    data = session["_intent_data"]
    intent = payment_intents.new(world, session["amount_total"], session["currency"], session["customer"],
                                 metadata(data), text(data, "description"), text(data, "setup_future_usage"))
    session["payment_intent"] = intent["id"]
    return intent


def _subscribe(world, session, card):
    data, customer = session["_intent_data"], world.find("customer", session["customer"])
    payment_methods.give(world, card, customer["id"])
    chosen = [(line["price"], {}, line["quantity"]) for line in session["_lines"]]
    subscription = subscriptions.start(world, customer, chosen, "charge_automatically", metadata(data),
                                       text(data, "description"), card=card["id"])
    session.update(subscription=subscription["id"], invoice=subscription["latest_invoice"],
                   payment_status="paid" if session["amount_total"] else "no_payment_required")


def _complete(world, session):
    session.update(status="complete", url=None)
    if session["customer_details"] is None:
        guest = {"email": session["customer_email"], "name": None, "phone": None, "tax_exempt": "none"}
        session["customer_details"] = details(guest)
    return world.emit("checkout.session.completed", session)


def decline(world, session, reason="generic_decline"):
    """The customer's card is declined: the session stays open. False where it was too late."""
    if session["status"] != "open":
        return False
    card = cards.new(world, "pm_card_chargeCustomerFail")
    if session["mode"] == "setup":
        setup_intents.fail(world, session, card, reason)
    elif session["mode"] == "subscription":
        if session["amount_total"]:
            intent = payment_intents.new(world, session["amount_total"], session["currency"], session["customer"], {},
                                         "Subscription creation")
            payment_intents.fail(world, intent, card, reason)
    else:
        payment_intents.fail(world, _intent(world, session), card, reason)
    return True


def pay_later(world, session):
    """A way of paying that takes days, as a bank debit does: complete, yet unpaid. None where it was too late."""
    if session["status"] != "open" or session["mode"] != "payment":
        return None
    intent = _intent(world, session)
    intent["status"] = "processing"
    world.emit("payment_intent.processing", intent)
    return _complete(world, session)


def settle(world, session, arrived):
    """The money of `pay_later` arrives, or does not. None for a session that waits for none."""
    if session["status"] != "complete" or session["payment_status"] != "unpaid":
        return None
    intent = world.find("payment_intent", session["payment_intent"])
    if intent["status"] != "processing":
        return None
    if arrived:
        payment_intents.succeed(world, intent, cards.new(world))
        session["payment_status"] = "paid"
        return world.emit("checkout.session.async_payment_succeeded", session)
    payment_intents.fail(world, intent, cards.new(world, "pm_card_chargeCustomerFail"), "generic_decline")
    return world.emit("checkout.session.async_payment_failed", session)
