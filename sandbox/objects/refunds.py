"""Refunds, whole or in parts: https://docs.stripe.com/api/refunds"""

import copy

from lists import page
from objects import balance_transactions
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
    amount = _refundable(world, charge, amount)
    made = world.add({
        "id": world.new_id("re_"), "object": "refund", "amount": amount, "balance_transaction": None,
        "charge": charge["id"], "created": world.now(), "currency": charge["currency"],
        "destination_details": {"card": {"reference_status": "pending", "reference_type":
                                         "acquirer_reference_number", "type": "refund"}, "type": "card"},
        "metadata": kept or {}, "payment_intent": charge["payment_intent"], "reason": reason,
        "receipt_number": None, "source_transfer_reversal": None, "status": "succeeded", "transfer_reversal": None})
    made["balance_transaction"] = balance_transactions.book(
        world, "refund", -amount, made, description="REFUND FOR CHARGE")["id"]
    before = _put(charge, charge["amount_refunded"] + amount)
    world.emit("refund.created", made)
    world.emit("charge.refunded", charge, before)
    # The bank names its reference soon afterwards.
    before = copy.deepcopy({"destination_details": made["destination_details"]})
    made["destination_details"]["card"].update(reference_status="available", reference=world.new_id("", 23).upper())
    world.emit("refund.updated", made, before)
    return made


def _refundable(world, charge, amount):
    """The amount to refund; refuses what is more than the charge still holds."""
    if not charge["paid"]:
        raise bad(f"Charge {charge['id']} was not paid: there is nothing to refund.", "charge")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        raise bad(f"Charge {charge['id']} has already been refunded.", None, "charge_already_refunded")
    if any(dispute["charge"] == charge["id"] and not dispute["is_charge_refundable"]
           for dispute in world.table("dispute").values()):
        raise bad(f"Charge {charge['id']} has been charged back; cannot issue a refund.", None, "charge_disputed")
    amount = left if amount is None else amount
    if amount > left:
        raise bad(f"Refund amount ({money(amount, charge['currency'])}) is greater than unrefunded amount on charge "
                  f"({money(left, charge['currency'])})", "amount")
    return amount


def _put(charge, refunded):
    """Sets how much of a charge is refunded; returns what was there before."""
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge.update(amount_refunded=refunded, refunded=refunded == charge["amount"])
    return before


def fail(world, made, reason="lost_or_stolen_card"):
    """The customer's bank sends a refund back: the money returns, and the charge holds it again."""
    if made["status"] != "succeeded":
        raise bad(f"This refund is {made['status']}.", "refund")
    charge = world.find("charge", made["charge"])
    returned = balance_transactions.book(world, "refund_failure", made["amount"], made,
                                         description="REFUND FAILURE")
    made.update(status="failed", failure_reason=reason, failure_balance_transaction=returned["id"])
    _put(charge, charge["amount_refunded"] - made["amount"])
    before = {"status": "succeeded"}
    for type in ("refund.updated", "charge.refund.updated", "refund.failed"):
        world.emit(type, made, before)
    return made


def retrieve(call):
    return call.world.find("refund", call.path["refund"])


def update(call):
    made = retrieve(call)
    before, made["metadata"] = {"metadata": made["metadata"]}, metadata(call.params, made["metadata"])
    call.world.emit("refund.updated", made, before)
    return made


def list_all(call):
    charge, intent = text(call.params, "charge"), text(call.params, "payment_intent")
    things = [made for made in call.world.table("refund").values()
              if charge in (None, made["charge"]) and intent in (None, made["payment_intent"])]
    return page(call, things, "/v1/refunds")
