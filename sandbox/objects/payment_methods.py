"""Payment methods, as far as cards go: https://docs.stripe.com/api/payment_methods

Stripe's test ids stand for cards nobody has: `pm_card_visa` can be attached any number of times and becomes a new
payment method each time (https://docs.stripe.com/testing).
"""

from lists import page
from refusal import bad, declined, missing
from values import metadata, text
from world import shown

# name: (brand, last four digits, decline on attaching, decline on charging)
_TEST_CARDS = {
    "pm_card_visa": ("visa", "4242", None, None),
    "pm_card_mastercard": ("mastercard", "4444", None, None),
    "pm_card_amex": ("amex", "8431", None, None),
    "pm_card_chargeDeclined": ("visa", "0002", "generic_decline", "generic_decline"),
    "pm_card_visa_chargeDeclined": ("visa", "0002", "generic_decline", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": ("visa", "9995", "insufficient_funds", "insufficient_funds"),
    "pm_card_chargeCustomerFail": ("visa", "0341", None, "generic_decline"),
}
_REASONS = {"generic_decline": "Your card was declined.",
            "insufficient_funds": "Your card has insufficient funds."}


def resolve(world, id, param):
    """The card that `id` stands for: a test card, or a payment method that no customer has. None for no id.

    Refuses 402 where the issuer declines, 400 where there is no such payment method.
    """
    if id is None:
        return None
    if id in _TEST_CARDS:
        reason = _TEST_CARDS[id][2]
        if reason:
            raise declined(decline_code=reason, message=_REASONS[reason])
        return new(world, id)
    found = world.table("payment_method").get(id)
    if found is None:
        raise missing("PaymentMethod", id, param)
    return found


def new(world, test_card="pm_card_visa"):
    """A card in nobody's hands. It is not kept until it is given to a customer or used."""
    brand, last4, _, on_charge = _TEST_CARDS[test_card]
    nobody = {"address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None,
                          "state": None}, "email": None, "name": None, "phone": None, "tax_id": None}
    return {
        "id": world.new_id("pm_"), "object": "payment_method", "allow_redisplay": "unspecified",
        "billing_details": nobody,
        "card": {"brand": brand, "checks": {"address_line1_check": None, "address_postal_code_check": None,
                                            "cvc_check": "pass"},
                 "country": "US", "display_brand": brand, "exp_month": 12, "exp_year": 2034,
                 "fingerprint": world.new_id("", 16), "funding": "credit", "generated_from": None, "last4": last4,
                 "networks": {"available": [brand], "preferred": None}, "regulated_status": "unregulated",
                 "three_d_secure_usage": {"supported": True}, "wallet": None},
        "created": world.now(), "customer": None, "customer_account": None, "livemode": False, "metadata": {},
        "type": "card", "_declines": on_charge}


def give(world, card, customer):
    """Keeps the card as this customer's."""
    if card["customer"] == customer:
        return card
    check_free(card)
    card["customer"] = customer
    world.add(card)
    world.emit("payment_method.attached", card)
    return card


def check_free(card):
    """Refuses a card that some customer has or had: a card once detached is of no use to anybody."""
    if card["customer"] or card.get("_spent"):
        raise bad("The payment method you provided has already been attached to a customer.", "payment_method")


def charge_refusal(card):
    """Why charging this card fails: a decline code and a sentence, or None."""
    code = card.get("_declines")
    return (code, _REASONS[code]) if code else None


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
    world = call.world
    card = world.find("payment_method", call.path["payment_method"])
    if not card["customer"]:
        raise bad("The payment method you provided is not attached to a customer so detachment is impossible.")
    customer = world.table("customer")[card["customer"]]
    if customer["invoice_settings"]["default_payment_method"] == card["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
    before = {"customer": card["customer"]}
    card.update(customer=None, _spent=True)
    world.emit("payment_method.detached", card, before)
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
    return page(call, _of(call, customer), "/v1/payment_methods")


def list_of_customer(call):
    customer = call.world.find("customer", call.path["customer"])["id"]
    return page(call, _of(call, customer), f"/v1/customers/{customer}/payment_methods")


def _of(call, customer):
    kind = text(call.params, "type")
    return [card for card in call.world.table("payment_method").values()
            if card["customer"] == customer and kind in (None, card["type"])]


def as_charged(card):
    """The `payment_method_details` of a charge."""
    face = shown(card["card"])
    return {"card": {key: face[key] for key in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint",
                                                "funding", "last4", "regulated_status", "wallet")}, "type": "card"}
