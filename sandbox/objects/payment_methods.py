"""Payment methods, as far as cards go: https://docs.stripe.com/api/payment_methods"""

from lists import page
from objects import cards
from refusal import bad, missing
from values import metadata, text


def resolve(world, id, param):
    """The card that `id` stands for: a test card, or a payment method there is. None for no id; refuses others 400."""
    if id is None:
        return None
    if id in cards.TEST_CARDS:
        return cards.new(world, id)
    found = world.table("payment_method").get(id)
    if found is None:
        raise missing("PaymentMethod", id, param)
    return found


def check_attachable(card):
    """Refuses 400 a card that some customer has or had (once detached it is of no use to anybody), 402 a bad one."""
    if card["customer"] or card.get("_spent"):
        raise bad("The payment method you provided has already been attached to a customer.", "payment_method")
    if card.get("_declines_attaching"):
        raise cards.refusal(card["_declines"])


def give(world, card, customer):
    """Keeps the card as this customer's."""
    if card["customer"] == customer:
        return card
    check_attachable(card)
    card["customer"] = customer
    world.add(card)
    world.emit("payment_method.attached", card)
    return card


def attach(call):
    world = call.world
    if text(call.params, "customer") is None:
        raise bad("Missing required param: customer.", "customer", "parameter_missing")
    customer = world.find("customer", text(call.params, "customer"), "customer")
    if customer.get("_deleted"):
        raise missing("customer", customer["id"], "customer")
    try:
        card = resolve(world, call.path["payment_method"], "payment_method")
    except Exception as refused:
        if getattr(refused, "code", None) == "resource_missing":
            refused.status = 404
        raise
    return give(world, card, customer["id"])


def detach(call):
    card = retrieve(call)
    if not card["customer"]:
        raise bad("The payment method you provided is not attached to a customer so detachment is impossible.")
    return take(call.world, card)


def take(world, card):
    """Takes the card from its customer, for good."""
    settings = world.table("customer")[card["customer"]]["invoice_settings"]
    if settings["default_payment_method"] == card["id"]:
        settings["default_payment_method"] = None
    before = {"customer": card["customer"]}
    card.update(customer=None, _spent=True)
    world.emit("payment_method.detached", card, before)
    return card


def of(world, customer):
    """A customer's payment methods, oldest first."""
    return [card for card in world.table("payment_method").values() if card["customer"] == customer]


def replace(world, card, last4, month, year):
    """The bank has sent the customer a new card, and the networks tell: the same payment method, another face."""
    if not card["customer"]:
        raise bad("Only a customer's card is updated.")
    before = {"card": {key: card["card"][key] for key in ("exp_month", "exp_year", "last4")}}
    card["card"].update(exp_month=month, exp_year=year, last4=last4)
    card["_declines"] = None
    world.emit("payment_method.automatically_updated", card, before)
    return card


def retrieve(call):
    return call.world.find("payment_method", call.path["payment_method"])


def retrieve_of_customer(call):
    card = retrieve(call)
    if card["customer"] != call.path["customer"]:
        raise missing("PaymentMethod", card["id"], "payment_method", 404)
    return card


def update(call):
    card = retrieve(call)
    before = {"metadata": dict(card["metadata"])}
    card["metadata"] = metadata(call.params, card["metadata"])
    call.world.emit("payment_method.updated", card, before)
    return card


def list_all(call):
    customer = text(call.params, "customer")
    if customer is None:
        return page(call, [], "/v1/payment_methods")
    call.world.find("customer", customer, "customer")
    return page(call, _wanted(call, customer), "/v1/payment_methods")


def list_of_customer(call):
    customer = call.world.find("customer", call.path["customer"])["id"]
    return page(call, _wanted(call, customer), f"/v1/customers/{customer}/payment_methods")


def _wanted(call, customer):
    kind = text(call.params, "type")
    return [card for card in of(call.world, customer) if kind in (None, card["type"])]
