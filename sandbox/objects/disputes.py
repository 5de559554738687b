"""Disputes, opened and closed in place of cardholder and bank: https://docs.stripe.com/api/disputes"""

from lists import page
from refusal import bad
from values import text

_TEXTS = ("access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
          "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
          "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation",
          "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt", "refund_policy",
          "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
          "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation",
          "shipping_tracking_number", "uncategorized_file", "uncategorized_text")


def open_on(world, charge, reason="fraudulent"):
    """The cardholder disputes a paid charge: its amount is withdrawn until the dispute is closed."""
    if not charge["paid"] or charge["disputed"]:
        raise bad(f"Charge {charge['id']} cannot be disputed.", "charge")
    dispute = world.add({
        "id": world.new_id("du_"), "object": "dispute", "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [], "charge": charge["id"], "created": world.now(), "currency": charge["currency"],
        "enhanced_eligibility_types": [], "evidence": {**dict.fromkeys(_TEXTS), "enhanced_evidence": {}},
        "evidence_details": {"due_by": world.now() + 7 * 86_400, "enhanced_eligibility": {}, "has_evidence": False,
                             "past_due": False, "submission_count": 0},
        "is_charge_refundable": False, "livemode": False, "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": {"brand": charge["payment_method_details"]["card"]["brand"],
                                            "case_type": "chargeback", "network_reason_code": "10",
                                            "network": charge["payment_method_details"]["card"]["brand"]},
                                   "type": "card"},
        "reason": reason, "status": "needs_response"})
    charge["disputed"] = True
    world.emit("charge.dispute.created", dispute)
    world.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(world, dispute, outcome):
    """The bank decides: `won` gives the amount back, `lost` keeps it."""
    if outcome not in ("won", "lost"):
        raise bad("A dispute is won or lost.", "outcome")
    if dispute["status"] in ("won", "lost"):
        raise bad("This dispute is already closed.", "dispute")
    dispute["status"] = outcome
    world.emit("charge.dispute.closed", dispute)
    if outcome == "won":
        world.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def retrieve(call):
    return call.world.find("dispute", call.path["dispute"])


def list_all(call):
    charge = text(call.params, "charge")
    things = [dispute for dispute in call.world.table("dispute").values() if charge in (None, dispute["charge"])]
    return page(call, things, "/v1/disputes")
