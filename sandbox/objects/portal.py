"""Billing Portal sessions; the page behind one is a plain list: https://docs.stripe.com/api/customer_portal/sessions"""

from objects import customers
from refusal import bad
from values import address, text


def create(call):
    world, params = call.world, call.params
    if text(params, "customer") is None:
        raise bad("Missing required param: customer.", "customer", "parameter_missing")
    customer = customers.existing(world, text(params, "customer"), "customer")
    id = world.new_id("bps_")
    return world.add({
        "id": id, "object": "billing_portal.session", "configuration": "bpc_sandbox", "created": world.now(),
        "customer": customer["id"], "flow": None, "livemode": False, "locale": text(params, "locale"),
        "on_behalf_of": None, "return_url": address(params, "return_url"), "url": f"{call.base}/p/session/{id}"})
