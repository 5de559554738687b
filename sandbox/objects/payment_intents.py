"""Payment intents, captured at once: https://docs.stripe.com/api/payment_intents"""

from lists import page
from objects import cards, charges, payment_methods
from refusal import Refusal, bad
from values import flag, metadata, money, table, text, whole
from world import shown

_LEAST, _MOST = 50, 99_999_999  # Stripe's bounds for a charge in US dollars, in cents
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(call):
    """An intent of one's own. With `confirm=true` and a payment method it is charged at once."""
    world, params = call.world, call.params
    customer, currency = text(params, "customer"), text(params, "currency")
    if currency is None:
        raise bad("Missing required param: currency.", "currency", "parameter_missing")
    if customer and world.find("customer", customer, "customer").get("_deleted"):
        raise bad(f"No such customer: '{customer}'", "customer", "resource_missing")
    confirm = flag(params, "confirm", False)
    if _off_session(params) and not confirm:
        raise bad("You can only use `off_session` when `confirm=true`.", "off_session")
    if text(params, "capture_method") == "manual":
        raise bad("The sandbox captures at once.", "capture_method")
    amount, card = _amount(params, currency.lower()), _card(world, text(params, "payment_method"), customer)
    if confirm and card is None:
        raise bad("You cannot confirm this PaymentIntent because it's missing a payment method.", "payment_method")
    intent = new(world, amount, currency.lower(), customer, metadata(params), text(params, "description"),
                 text(params, "setup_future_usage"))
    if table(params, "automatic_payment_methods").get("enabled") == "true":
        intent["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True}
    if confirm:
        return attempt(world, intent, card, _never_asks(params))
    return _prepare(world, intent, card) if card else intent


def _amount(params, currency):
    amount = whole(params, "amount", None, least=1)
    if amount is None:
        raise bad("Missing required param: amount.", "amount", "parameter_missing")
    if currency == "usd" and amount < _LEAST:
        raise bad(f"Amount must be at least {money(_LEAST, currency)}.", "amount", "amount_too_small")
    if amount > _MOST:
        raise bad(f"Amount must be no more than {money(_MOST, currency)}.", "amount", "amount_too_large")
    return amount


def _card(world, id, customer):
    card = payment_methods.resolve(world, id, "payment_method")
    if card and card.get("_spent"):
        raise bad("The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, "
                  "or was detached from a Customer. It may not be used again.", "payment_method")
    if card and card["customer"] not in (None, customer):
        raise bad("The provided PaymentMethod belongs to a different Customer.", "payment_method")
    return card


def _off_session(params):
    return params.get("off_session") not in (None, "", "false")  # `one_off` and `recurring` stand for true as well


def _never_asks(params):
    return _off_session(params) or flag(params, "error_on_requires_action", False)


def new(world, amount, currency, customer, kept, description, future_usage=None):
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
        "setup_future_usage": future_usage, "shipping": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": "requires_payment_method", "transfer_data": None,
        "transfer_group": None})
    world.emit("payment_intent.created", intent)
    return intent


def _prepare(world, intent, card):
    world.add(card)
    intent.update(payment_method=card["id"], status="requires_confirmation", next_action=None)
    return intent


def attempt(world, intent, card, never_ask=True):
    """Charges the card. Refuses 402, the failed intent inside, where the bank declines.

    A bank that wants to see the cardholder makes the intent wait for that (`requires_action`, see `authenticate`);
    with `never_ask`, as off session, it declines with authentication_required.
    """
    reason = cards.reason_now(world, card, intent["customer"])
    if reason is None:
        return succeed(world, intent, card)
    if reason == "authentication_required" and not never_ask:
        _prepare(world, intent, card)
        intent.update(status="requires_action", next_action={
            "type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}})
        world.emit("payment_intent.requires_action", intent)
        return intent
    fail(world, intent, card, reason)
    raise cards.refusal(reason, charge=intent["latest_charge"], payment_method=shown(card),
                        payment_intent=shown(intent))


def succeed(world, intent, card):
    """The bank pays. The card stays the customer's if the intent was to keep it, else it is used up."""
    world.add(card)
    if intent["customer"] and intent["setup_future_usage"]:
        payment_methods.give(world, card, intent["customer"])
    card["_spent"] = card["customer"] is None
    charge = charges.new(world, intent, card)
    intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"],
                  payment_method=card["id"], last_payment_error=None, next_action=None)
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)
    return intent


def fail(world, intent, card, reason):
    """A declined attempt: a failed charge, and the intent waits for another card."""
    world.add(card)
    charge = charges.new(world, intent, card, reason)
    intent.update(status="requires_payment_method", latest_charge=charge["id"], payment_method=None,
                  next_action=None, last_payment_error=cards.error(reason, card, charge=charge["id"]))
    world.emit("charge.failed", charge)
    world.emit("payment_intent.payment_failed", intent)


def authenticate(world, intent, passed):
    """The cardholder has answered the bank, or could not."""
    if intent["status"] != "requires_action":
        raise bad(f"This PaymentIntent is {intent['status']}.")
    card = world.find("payment_method", intent["payment_method"])
    if passed:
        return succeed(world, intent, card)
    code = "payment_intent_authentication_failure"
    error = bad("The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
                "PaymentMethod to attempt to fulfill this PaymentIntent again.", None, code).body["error"]
    intent.update(status="requires_payment_method", payment_method=None, next_action=None,
                  last_payment_error={**error, "payment_method": shown(card)})
    world.emit("payment_intent.payment_failed", intent)
    return intent


def confirm(call):
    world, params, intent = call.world, call.params, retrieve(call)
    if intent["status"] not in _OPEN:
        raise _unexpected(intent, "confirm", f"it has a status of {intent['status']}.")
    id = text(params, "payment_method") or intent["payment_method"]
    if id is None:
        raise _unexpected(intent, "confirm", "it's missing a payment method.")
    card = _card(world, id, intent["customer"])
    intent["setup_future_usage"] = text(params, "setup_future_usage") or intent["setup_future_usage"]
    return attempt(world, intent, card, _never_asks(params))


def cancel(call):
    intent = retrieve(call)
    if intent["status"] not in _OPEN:
        raise _unexpected(intent, "cancel", f"it has a status of {intent['status']}. Only a PaymentIntent with one of "
                          f"the following statuses may be canceled: {', '.join(_OPEN)}.")
    intent.update(status="canceled", canceled_at=call.world.now(), next_action=None,
                  cancellation_reason=text(call.params, "cancellation_reason"))
    call.world.emit("payment_intent.canceled", intent)
    return intent


def _unexpected(intent, verb, why):
    return Refusal(400, f"You cannot {verb} this PaymentIntent because {why}",
                   code="payment_intent_unexpected_state", payment_intent=shown(intent))


def update(call):
    """Description and metadata at any time, amount and payment method until it is over."""
    world, params, intent = call.world, call.params, retrieve(call)
    if intent["status"] not in _OPEN and {"amount", "payment_method"} & set(params):
        raise _unexpected(intent, "update", f"it has a status of {intent['status']}.")
    card = _card(world, text(params, "payment_method"), intent["customer"])
    if "amount" in params:
        intent["amount"] = _amount(params, intent["currency"])
    if "description" in params:
        intent["description"] = text(params, "description")
    intent["metadata"] = metadata(params, intent["metadata"])
    return _prepare(world, intent, card) if card else intent


def retrieve(call):
    return call.world.find("payment_intent", call.path["intent"])


def list_all(call):
    customer = text(call.params, "customer")
    things = [intent for intent in call.world.table("payment_intent").values()
              if customer in (None, intent["customer"])]
    return page(call, things, "/v1/payment_intents")
