"""Customers: https://docs.stripe.com/api/customers"""

from lists import page
from objects import payment_methods
from refusal import bad
from values import metadata, rows, table, text, whole

_TEXTS = ("description", "email", "name", "phone")


def create(call):
    world, params = call.world, call.params
    # The card comes first: a declined one leaves no customer behind.
    card = payment_methods.resolve(world, text(params, "payment_method"), "payment_method")
    if card:
        payment_methods.check_attachable(card)
    default = text(table(params, "invoice_settings"), "default_payment_method")
    if default and default != text(params, "payment_method"):
        raise bad("The payment method must be attached to the customer first.", "invoice_settings")
    kept = metadata(params)
    customer = world.add({
        "id": world.new_id("cus_", 14), "object": "customer", "address": params.get("address") or None,
        "balance": whole(params, "balance", 0), "created": world.now(), "currency": None, "default_source": None,
        "delinquent": False, "description": None, "discount": None, "email": None,
        "invoice_prefix": world.new_id("", 8).upper(),
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None,
                             "rendering_options": None},
        "livemode": False, "metadata": kept, "name": None, "next_invoice_sequence": 1, "phone": None,
        "preferred_locales": rows(params, "preferred_locales"), "shipping": None,
        "tax_exempt": text(params, "tax_exempt") or "none", "test_clock": None})
    for key in _TEXTS:
        customer[key] = text(params, key)
    if card:
        attached = payment_methods.give(world, card, customer["id"])
        if default:
            customer["invoice_settings"]["default_payment_method"] = attached["id"]
    world.emit("customer.created", customer)
    return customer


def retrieve(call):
    customer = call.world.table("customer").get(call.path["customer"])
    if customer is None:
        return call.world.find("customer", call.path["customer"], None)
    return _tombstone(customer) if customer.get("_deleted") else customer


def existing(world, id, param=None):
    """The customer, who has not been deleted."""
    customer = world.find("customer", id, param)
    if customer.get("_deleted"):
        raise bad(f"No such customer: '{id}'", param or "id", "resource_missing")
    return customer


def update(call):
    world, params = call.world, call.params
    customer = existing(world, call.path["customer"])
    settings = table(params, "invoice_settings")
    default = text(settings, "default_payment_method")
    if default and world.find("payment_method", default, "invoice_settings[default_payment_method]")[
            "customer"] != customer["id"]:
        raise bad(f"The customer does not have a payment method with the ID {default}.", "invoice_settings",
                  "resource_missing")
    changes = {key: text(params, key) for key in _TEXTS if key in params}
    if "metadata" in params:
        changes["metadata"] = metadata(params, customer["metadata"])
    if "balance" in params:
        changes["balance"] = whole(params, "balance")
    if "address" in params:
        changes["address"] = params["address"] or None
    if "default_payment_method" in settings:
        changes["invoice_settings"] = {**customer["invoice_settings"], "default_payment_method": default}
    before = {key: customer[key] for key, value in changes.items() if customer[key] != value}
    customer.update(changes)
    if before:
        world.emit("customer.updated", customer, before)
    return customer


def delete(call):
    customer = existing(call.world, call.path["customer"])
    for card in payment_methods.of(call.world, customer["id"]):
        payment_methods.take(call.world, card)
    call.world.emit("customer.deleted", customer)
    customer["_deleted"] = True
    return _tombstone(customer)


def _tombstone(customer):
    return {"id": customer["id"], "object": "customer", "deleted": True}


def list_all(call):
    email = text(call.params, "email")
    things = [customer for customer in call.world.table("customer").values()
              if not customer.get("_deleted") and email in (None, customer["email"])]
    return page(call, things, "/v1/customers")
