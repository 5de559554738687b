"""Setup intents, which keep a card without charging it: https://docs.stripe.com/api/setup_intents"""

from lists import page
from objects import cards, payment_methods
from values import metadata, text


def for_session(world, session):
    """The intent of a Checkout Session in setup mode, made with it."""
    id, data = world.new_id("seti_"), session["_intent_data"]
    intent = world.add({
        "id": id, "object": "setup_intent", "application": None, "automatic_payment_methods": None,
        "cancellation_reason": None, "client_secret": f"{id}_secret_{world.new_id('', 25)}", "created": world.now(),
        "customer": session["customer"], "description": text(data, "description"), "flow_directions": None,
        "last_setup_error": None, "latest_attempt": None, "livemode": False, "mandate": None,
        "metadata": metadata(data), "next_action": None, "on_behalf_of": None, "payment_method": None,
        "payment_method_options": {}, "payment_method_types": ["card"], "single_use_mandate": None,
        "status": "requires_payment_method", "usage": "off_session"})
    world.emit("setup_intent.created", intent)
    return intent


def succeed(world, session, card):
    intent = world.find("setup_intent", session["setup_intent"])
    if session["customer"]:
        payment_methods.give(world, card, session["customer"])
    world.add(card)
    intent.update(status="succeeded", payment_method=card["id"], last_setup_error=None)
    world.emit("setup_intent.succeeded", intent)


def fail(world, session, card, reason):
    intent = world.find("setup_intent", session["setup_intent"])
    intent["last_setup_error"] = cards.error(reason, card)
    world.emit("setup_intent.setup_failed", intent)


def retrieve(call):
    return call.world.find("setup_intent", call.path["intent"])


def list_all(call):
    wanted = {key: text(call.params, key) for key in ("customer", "payment_method") if key in call.params}
    things = [intent for intent in call.world.table("setup_intent").values()
              if all(intent[key] == value for key, value in wanted.items())]
    return page(call, things, "/v1/setup_intents")
