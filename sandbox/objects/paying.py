"""What happens to a Checkout Session when somebody pays, or tries to."""

from objects import payment_methods, payments
from objects.checkout import details


def pay(world, session):
    """The customer presses Pay: returns the event `checkout.session.completed`, or None where it was too late."""
    if session["status"] != "open":
        return None
    card = payment_methods.new(world)
    if session["mode"] == "setup":
        payments.succeed_setup(world, session, card)
    else:
        payments.succeed(world, _intent(world, session), card)
        session["payment_status"] = "paid"
    return _complete(world, session)


def _intent(world, session):
    intent = payments.for_session(world, session)
    session["payment_intent"] = intent["id"]
    return intent


def _complete(world, session):
    session.update(status="complete", url=None)
    if session["customer_details"] is None:
        guest = {"email": session["customer_email"], "name": None, "phone": None, "tax_exempt": "none"}
        session["customer_details"] = details(guest)
    return world.emit("checkout.session.completed", session)


def decline(world, session):
    """The customer's card is declined: the session stays open. False where it was too late."""
    if session["status"] != "open":
        return False
    card = payment_methods.new(world, "pm_card_chargeCustomerFail")
    if session["mode"] == "setup":
        payments.fail_setup(world, session, card)
    else:
        payments.fail(world, _intent(world, session), card)
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
        payments.succeed(world, intent, payment_methods.new(world))
        session["payment_status"] = "paid"
        return world.emit("checkout.session.async_payment_succeeded", session)
    payments.fail(world, intent, payment_methods.new(world, "pm_card_chargeCustomerFail"))
    return world.emit("checkout.session.async_payment_failed", session)
