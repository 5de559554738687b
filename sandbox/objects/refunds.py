"""Refunds, whole or in parts: https://docs.stripe.com/api/refunds"""

from lists import page
from refusal import bad
from values import metadata, money, text, whole


def create(call):
    """Refunds a charge, given itself or by its payment intent; `amount` in minor units, the whole rest without it."""
    charge = _charge(call)
    return refund(call.world, charge, whole(call.params, "amount", None, least=1), text(call.params, "reason"),
                  metadata(call.params))


def _charge(call):
    world, params = call.world, call.params
    id, intent = text(params, "charge"), text(params, "payment_intent")
    if bool(id) == bool(intent):
        raise bad("One of the following params should be provided for this request: payment_intent or charge.")
    if intent:
        id = world.find("payment_intent", intent, "payment_intent")["latest_charge"]
        if id is None:
            raise bad(f"This PaymentIntent ({intent}) does not have a successful charge to refund.",
                      "payment_intent", "payment_intent_unexpected_state")
    return world.find("charge", id, "charge")


def refund(world, charge, amount=None, reason=None, kept=None):
    if not charge["paid"]:
        raise bad(f"Charge {charge['id']} was not paid: there is nothing to refund.", "charge")
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise bad(f"Charge {charge['id']} has already been refunded.", None, "charge_already_refunded")
    if charge["disputed"]:
        raise bad(f"Charge {charge['id']} has been charged back; cannot issue a refund.", None, "charge_disputed")
    amount = left if amount is None else amount
    if amount > left:
        raise bad(f"Refund amount ({money(amount, charge['currency'])}) is greater than unrefunded amount on charge "
                  f"({money(left, charge['currency'])})", "amount")
    made = world.add({
        "id": world.new_id("re_"), "object": "refund", "amount": amount, "balance_transaction": world.new_id("txn_"),
        "charge": charge["id"], "created": world.now(), "currency": charge["currency"],
        "destination_details": {"card": {"reference_status": "pending", "reference_type":
                                         "acquirer_reference_number", "type": "refund"}, "type": "card"},
        "metadata": kept or {}, "payment_intent": charge["payment_intent"], "reason": reason,
        "receipt_number": None, "source_transfer_reversal": None, "status": "succeeded", "transfer_reversal": None})
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.emit("refund.created", made)
    world.emit("charge.refunded", charge, before)
    return made


def retrieve(call):
    return call.world.find("refund", call.path["refund"])


def list_all(call):
    charge, intent = text(call.params, "charge"), text(call.params, "payment_intent")
    things = [made for made in call.world.table("refund").values()
              if charge in (None, made["charge"]) and intent in (None, made["payment_intent"])]
    return page(call, things, "/v1/refunds")
