"""Charges, one for each attempt of an intent that reached the bank: https://docs.stripe.com/api/charges"""

from lists import page
from objects import balance_transactions, cards
from values import text


def new(world, intent, card, reason=None):
    """The attempt of `intent` to charge `card`: paid, or declined for a reason of `cards.REASONS`."""
    paid = reason is None
    code, _, message = cards.REASONS[reason] if reason else (None, None, None)
    charge = world.add({
        "id": world.new_id("ch_"), "object": "charge", "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0, "amount_refunded": 0, "application": None,
        "application_fee": None, "application_fee_amount": None, "balance_transaction": None,
        "billing_details": card["billing_details"], "calculated_statement_descriptor": "PURSER SANDBOX",
        "captured": paid, "created": world.now(), "currency": intent["currency"], "customer": intent["customer"],
        "description": intent["description"], "disputed": False, "failure_balance_transaction": None,
        "failure_code": code, "failure_message": message, "fraud_details": {}, "livemode": False,
        "metadata": dict(intent["metadata"]), "on_behalf_of": None,
        "outcome": {"advice_code": None, "network_advice_code": None, "network_decline_code": None,
                    "network_status": "approved_by_network" if paid else "declined_by_network", "reason": reason,
                    "risk_level": "normal", "risk_score": 20,
                    "seller_message": "Payment complete." if paid else "The bank declined the payment.",
                    "type": "authorized" if paid else "issuer_declined"},
        "paid": paid, "payment_intent": intent["id"], "payment_method": card["id"],
        "payment_method_details": cards.as_charged(card), "receipt_email": None, "receipt_number": None,
        "receipt_url": None, "refunded": False, "review": None, "shipping": None, "source_transfer": None,
        "statement_descriptor": None, "statement_descriptor_suffix": None,
        "status": "succeeded" if paid else "failed", "transfer_data": None, "transfer_group": None})
    if paid:
        charge["balance_transaction"] = balance_transactions.book_charge(world, charge)["id"]
    return charge


def named(world, id):
    """A charge by its own id, its payment intent's, or its Checkout Session's."""
    if id.startswith("cs_"):
        id = world.find("checkout.session", id)["payment_intent"] or "none yet"
    if id.startswith("pi_"):
        id = world.find("payment_intent", id)["latest_charge"] or "none yet"
    return world.find("charge", id)


def retrieve(call):
    return call.world.find("charge", call.path["charge"])


def list_all(call):
    customer, intent = text(call.params, "customer"), text(call.params, "payment_intent")
    things = [charge for charge in call.world.table("charge").values()
              if customer in (None, charge["customer"]) and intent in (None, charge["payment_intent"])]
    return page(call, things, "/v1/charges")
