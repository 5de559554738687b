"""Payouts of what is available to the bank: https://docs.stripe.com/api/payouts"""

from lists import page
from objects import balance_transactions
from refusal import bad
from values import text


def pay_out(world, currency="usd"):
    """Pays out all that is available in a currency, and says of each movement which payout it went with."""
    balance_transactions.mature(world)
    entries = [entry for entry in world.table("balance_transaction").values()
               if entry["status"] == "available" and not entry["_payout"] and entry["currency"] == currency]
    amount, now = sum(entry["net"] for entry in entries), world.now()
    if amount <= 0:
        raise bad(f"There is nothing to pay out in {currency}.", "currency", "balance_insufficient")
    payout = world.add({
        "id": world.new_id("po_"), "object": "payout", "amount": amount, "application_fee": None,
        "application_fee_amount": None, "arrival_date": now, "automatic": True, "balance_transaction": None,
        "created": now, "currency": currency, "description": "STRIPE PAYOUT", "destination": None,
        "failure_balance_transaction": None, "failure_code": None, "failure_message": None, "livemode": False,
        "metadata": {}, "method": "standard", "original_payout": None, "payout_method": None,
        "reconciliation_status": "completed", "reversed_by": None, "source_type": "card",
        "statement_descriptor": None, "status": "in_transit", "trace_id": None, "type": "bank_account"})
    own = balance_transactions.book(world, "payout", -amount, payout, description="STRIPE PAYOUT")
    payout["balance_transaction"] = own["id"]
    for entry in [*entries, own]:
        entry["_payout"] = payout["id"]
    world.emit("payout.created", payout)
    payout["status"] = "paid"
    world.emit("payout.paid", payout)
    return payout


def retrieve(call):
    return call.world.find("payout", call.path["payout"])


def list_all(call):
    status = text(call.params, "status")
    things = [payout for payout in call.world.table("payout").values() if status in (None, payout["status"])]
    return page(call, things, "/v1/payouts")
