"""Disputes, opened and closed in place of cardholder and bank: https://docs.stripe.com/api/disputes"""

from lists import page
from objects import balance_transactions
from refusal import bad
from values import flag, metadata, table, text
from world import shown

_TEXTS = ("access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
          "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
          "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation",
          "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt", "refund_policy",
          "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
          "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation",
          "shipping_tracking_number", "uncategorized_file", "uncategorized_text")


def open_on(world, charge, reason="fraudulent", amount=None, inquiry=False):
    """The cardholder disputes a paid charge: the amount (what is not refunded, unless given) and a fee are withdrawn.

    The bank may only ask at first (`inquiry`): nothing is withdrawn then, and a refund is still possible.
    """
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if not charge["paid"] or charge["disputed"] or not 0 < amount <= charge["amount"]:
        raise bad(f"Charge {charge['id']} cannot be disputed.", "charge")
    face = charge["payment_method_details"]["card"]
    dispute = world.add({
        "id": world.new_id("du_"), "object": "dispute", "amount": amount, "balance_transactions": [],
        "charge": charge["id"], "created": world.now(), "currency": charge["currency"],
        "enhanced_eligibility_types": [], "evidence": {**dict.fromkeys(_TEXTS), "enhanced_evidence": {}},
        "evidence_details": {"due_by": world.now() + 7 * 86_400, "enhanced_eligibility": {}, "has_evidence": False,
                             "past_due": False, "submission_count": 0},
        "is_charge_refundable": inquiry, "livemode": False, "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": {"brand": face["brand"], "network": face["brand"],
                                            "case_type": "inquiry" if inquiry else "chargeback",
                                            "network_reason_code": "10"}, "type": "card"},
        "reason": reason, "status": "warning_needs_response" if inquiry else "needs_response"})
    charge["disputed"] = True
    world.emit("charge.dispute.created", dispute)
    if not inquiry:
        _withdraw(world, dispute)
    return dispute


def _withdraw(world, dispute):
    _move(world, dispute, -dispute["amount"], balance_transactions.fees(world)["dispute"], "dispute",
          f"Chargeback withdrawal for {dispute['charge']}")
    world.emit("charge.dispute.funds_withdrawn", dispute)


def _move(world, dispute, amount, fee, category, words):
    moved = balance_transactions.book(world, "adjustment", amount, dispute, fee=fee, fee_for="Dispute fee",
                                      category=category, description=words)
    dispute["balance_transactions"].append(shown(moved))


def escalate(world, dispute):
    """The answer to an inquiry did not satisfy the bank: a dispute proper."""
    if not dispute["status"].startswith("warning_") or dispute["status"] == "warning_closed":
        raise bad(f"This dispute is {dispute['status']}.", "dispute")
    before = {"status": dispute["status"], "is_charge_refundable": True}
    dispute.update(status="needs_response", is_charge_refundable=False)
    world.emit("charge.dispute.updated", dispute, before)
    _withdraw(world, dispute)
    return dispute


def close(world, dispute, outcome):
    """The bank decides: `won` gives the amount back, `lost` keeps it; an inquiry ends as `warning_closed`."""
    inquiry = dispute["status"].startswith("warning_")
    if dispute["status"] in ("won", "lost", "warning_closed"):
        raise bad("This dispute is already closed.", "dispute")
    if outcome not in (("warning_closed",) if inquiry else ("won", "lost")):
        raise bad("A dispute is won or lost, an inquiry warning_closed.", "outcome")
    dispute["status"] = outcome
    if outcome == "won":
        fees = balance_transactions.fees(world)
        _move(world, dispute, dispute["amount"], -fees["dispute"] if fees["dispute_returned"] else 0,
              "dispute_reversal", f"Chargeback reversal for {dispute['charge']}")
    world.emit("charge.dispute.closed", dispute)
    if outcome == "won":
        world.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def retrieve(call):
    return call.world.find("dispute", call.path["dispute"])


def update(call):
    """Takes evidence and, unless `submit=false`, hands it to the bank."""
    dispute, given = retrieve(call), table(call.params, "evidence")
    return submit(call.world, dispute, {key: text(given, key) for key in given if key in _TEXTS},
                  flag(call.params, "submit", True), metadata(call.params, dispute["metadata"]))


def submit(world, dispute, evidence, to_bank=True, kept=None):
    if dispute["status"] in ("won", "lost", "warning_closed"):
        raise bad("This dispute is already closed.", "dispute")
    before = {"status": dispute["status"], "evidence": dict(dispute["evidence"])}
    dispute["evidence"].update(evidence)
    dispute["metadata"] = kept or dispute["metadata"]
    details = dispute["evidence_details"]
    details["has_evidence"] = details["has_evidence"] or bool(evidence)
    if to_bank and evidence:
        details["submission_count"] += 1
        dispute["status"] = dispute["status"].replace("needs_response", "under_review")
    world.emit("charge.dispute.updated", dispute, before)
    return dispute


def accept(call):
    """The shop gives in."""
    return close(call.world, retrieve(call), "lost")


def list_all(call):
    wanted = {key: text(call.params, key) for key in ("charge", "payment_intent") if key in call.params}
    things = [dispute for dispute in call.world.table("dispute").values()
              if all(dispute[key] == value for key, value in wanted.items())]
    return page(call, things, "/v1/disputes")
