"""Payment intents, setup intents and charges: https://docs.stripe.com/api/payment_intents"""

from lists import page
from objects import payment_methods
from refusal import bad, declined
from values import metadata, text, whole
from world import shown


def create(call):
    """An intent of one's own. With `confirm=true` and a payment method it is charged at once."""
    world, params = call.world, call.params
    customer = text(params, "customer")
    if customer:
        world.find("customer", customer, "customer")
    amount = whole(params, "amount", None, least=1)
    if amount is None:
        raise bad("Missing required param: amount.", "amount", "parameter_missing")
    card = _card(world, text(params, "payment_method"), customer)
    if params.get("confirm") == "true" and card is None:
        raise bad("You cannot confirm this PaymentIntent because it's missing a payment method.", "payment_method")
    intent = new(world, amount, (text(params, "currency") or "usd").lower(), customer, metadata(params),
                 text(params, "description"))
    if params.get("confirm") != "true":
        if card:
            intent.update(payment_method=card["id"], status="requires_confirmation")
        return intent
    refusal = payment_methods.charge_refusal(card)
    if refusal:
        fail(world, intent, card)
        raise declined(decline_code=refusal[0], message=refusal[1], charge=intent["latest_charge"],
                       payment_intent=shown(intent))
    return succeed(world, intent, card)


def _card(world, id, customer):
    card = payment_methods.resolve(world, id, "payment_method")
    if card and card["customer"] not in (None, customer):
        raise bad("The provided PaymentMethod belongs to a different Customer.", "payment_method")
    return card


def new(world, amount, currency, customer, kept, description):
    id = world.new_id("pi_")
    intent = world.add({
        "id": id, "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_received": 0,
        "application": None, "application_fee_amount": None, "automatic_payment_methods": None, "canceled_at": None,
        "cancellation_reason": None, "capture_method": "automatic_async",
        "client_secret": f"{id}_secret_{world.new_id('', 25)}", "confirmation_method": "automatic",
        "created": world.now(), "currency": currency, "customer": customer, "description": description,
        "last_payment_error": None, "latest_charge": None, "livemode": False, "metadata": kept, "next_action": None,
        "on_behalf_of": None, "payment_method": None, "payment_method_options": {},
        "payment_method_types": ["card"], "processing": None, "receipt_email": None, "review": None,
        "setup_future_usage": None, "shipping": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": "requires_payment_method", "transfer_data": None,
        "transfer_group": None})
    world.emit("payment_intent.created", intent)
    return intent


def for_session(world, session):
    """The intent of a Checkout Session: made at the first attempt to pay, kept for the next."""
    if session["payment_intent"]:
        return world.find("payment_intent", session["payment_intent"])
    data = session["_intent_data"]
    return new(world, session["amount_total"], session["currency"], session["customer"], metadata(data),
               text(data, "description"))


def succeed(world, intent, card):
    world.add(card)
    charge = _charge(world, intent, card)
    intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"],
                  payment_method=card["id"], last_payment_error=None)
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)
    return intent


def fail(world, intent, card):
    """A declined attempt: a failed charge, and the intent waits for another card."""
    code, message = payment_methods.charge_refusal(card)
    charge = _charge(world, intent, card, (code, message))
    intent.update(status="requires_payment_method", latest_charge=charge["id"], payment_method=None,
                  last_payment_error={"charge": charge["id"], "code": "card_declined", "decline_code": code,
                                      "doc_url": "https://stripe.com/docs/error-codes/card-declined",
                                      "message": message, "payment_method": shown(card), "type": "card_error"})
    world.emit("charge.failed", charge)
    world.emit("payment_intent.payment_failed", intent)


def _charge(world, intent, card, refusal=None):
    paid = refusal is None
    return world.add({
        "id": world.new_id("ch_"), "object": "charge", "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0, "amount_refunded": 0, "application": None,
        "application_fee": None, "application_fee_amount": None,
        "balance_transaction": world.new_id("txn_") if paid else None, "billing_details": card["billing_details"],
        "calculated_statement_descriptor": "PURSER SANDBOX", "captured": paid, "created": world.now(),
        "currency": intent["currency"], "customer": intent["customer"], "description": intent["description"],
        "disputed": False, "failure_balance_transaction": None, "failure_code": None if paid else "card_declined",
        "failure_message": None if paid else refusal[1], "fraud_details": {}, "livemode": False,
        "metadata": dict(intent["metadata"]), "on_behalf_of": None,
        "outcome": {"advice_code": None, "network_advice_code": None, "network_decline_code": None,
                    "network_status": "approved_by_network" if paid else "declined_by_network",
                    "reason": None if paid else refusal[0], "risk_level": "normal", "risk_score": 20,
                    "seller_message": "Payment complete." if paid else "The bank declined the payment.",
                    "type": "authorized" if paid else "issuer_declined"},
        "paid": paid, "payment_intent": intent["id"], "payment_method": card["id"],
        "payment_method_details": payment_methods.as_charged(card), "receipt_email": None, "receipt_number": None,
        "receipt_url": None, "refunded": False, "review": None, "shipping": None, "source_transfer": None,
        "statement_descriptor": None, "statement_descriptor_suffix": None,
        "status": "succeeded" if paid else "failed", "transfer_data": None, "transfer_group": None})


def retrieve(call):
    return call.world.find("payment_intent", call.path["intent"])


def list_all(call):
    customer = text(call.params, "customer")
    things = [intent for intent in call.world.table("payment_intent").values()
              if customer in (None, intent["customer"])]
    return page(call, things, "/v1/payment_intents")


def retrieve_charge(call):
    return call.world.find("charge", call.path["charge"])


def list_charges(call):
    customer, intent = text(call.params, "customer"), text(call.params, "payment_intent")
    things = [charge for charge in call.world.table("charge").values()
              if customer in (None, charge["customer"]) and intent in (None, charge["payment_intent"])]
    return page(call, things, "/v1/charges")


def new_setup(world, session):
    id = world.new_id("seti_")
    intent = world.add({
        "id": id, "object": "setup_intent", "application": None, "automatic_payment_methods": None,
        "cancellation_reason": None, "client_secret": f"{id}_secret_{world.new_id('', 25)}", "created": world.now(),
        "customer": session["customer"], "description": text(session["_intent_data"], "description"),
        "flow_directions": None, "last_setup_error": None, "latest_attempt": None, "livemode": False,
        "mandate": None, "metadata": metadata(session["_intent_data"]), "next_action": None, "on_behalf_of": None,
        "payment_method": None, "payment_method_options": {}, "payment_method_types": ["card"],
        "single_use_mandate": None, "status": "requires_payment_method", "usage": "off_session"})
    world.emit("setup_intent.created", intent)
    return intent


def succeed_setup(world, session, card):
    intent = world.find("setup_intent", session["setup_intent"])
    if session["customer"]:
        payment_methods.give(world, card, session["customer"])
    world.add(card)
    intent.update(status="succeeded", payment_method=card["id"], last_setup_error=None)
    world.emit("setup_intent.succeeded", intent)


def fail_setup(world, session, card):
    code, message = payment_methods.charge_refusal(card)
    intent = world.find("setup_intent", session["setup_intent"])
    intent["last_setup_error"] = {"code": "card_declined", "decline_code": code, "message": message,
                                  "payment_method": shown(card), "type": "card_error"}
    world.emit("setup_intent.setup_failed", intent)


def retrieve_setup(call):
    return call.world.find("setup_intent", call.path["intent"])
