"""What moved the balance, and what Stripe kept of it: https://docs.stripe.com/api/balance_transactions"""

from lists import page
from refusal import bad
from values import text

_DAYS_TO_AVAILABLE = 2
# A charge costs `basis_points` of its amount, rounded half up, and `fixed` on top; a dispute `dispute`, which comes
# back when it is won if `dispute_returned`. All but the basis points in minor units of the currency concerned.
_FEES = {"basis_points": 290, "fixed": 30, "dispute": 1500, "dispute_returned": False}


def fees(world):
    return {**_FEES, **world.state.get("fees", {})}


def set_fees(world, given):
    unknown = set(given) - set(_FEES)
    wrong = [key for key, value in given.items() if type(value) is not type(_FEES.get(key))
             or (value is not True and value < 0)]
    if unknown or wrong:
        raise bad(f"Fees are whole numbers from 0 on, and a truth value: {', '.join(_FEES)}.", "fees")
    world.state["fees"] = {**fees(world), **given}
    return fees(world)


def book_charge(world, charge):
    """The money of a paid charge: there for a payout in two days."""
    rates, amount = fees(world), charge["amount"]
    fee = (amount * rates["basis_points"] + 5_000) // 10_000 + rates["fixed"]
    return book(world, "charge", amount, charge, fee=fee, fee_for="Stripe processing fees", days=_DAYS_TO_AVAILABLE,
                description=charge["description"])


def book(world, type, amount, source, fee=0, fee_for=None, category=None, days=0, description=None):
    """One movement. `amount` is positive for money that comes in; `category` is the reporting one, `type` without it.
    """
    now, currency = world.now(), source["currency"]
    costs = [{"amount": fee, "application": None, "currency": currency, "description": fee_for, "type": "stripe_fee"}]
    return world.add({
        "id": world.new_id("txn_"), "object": "balance_transaction", "amount": amount,
        "available_on": now + days * 86_400, "balance_type": "payments", "created": now, "currency": currency,
        "description": description, "exchange_rate": None, "fee": fee, "fee_details": costs if fee else [],
        "net": amount - fee, "reporting_category": category or type, "source": source["id"],
        "status": "pending" if days else "available", "type": type, "_payout": None})


def mature(world):
    """Makes available what the clock says is."""
    for entry in world.table("balance_transaction").values():
        if entry["status"] == "pending" and entry["available_on"] <= world.now():
            entry["status"] = "available"


def retrieve(call):
    mature(call.world)
    return call.world.find("balance_transaction", call.path["id"])


def list_all(call):
    """With `payout`, what that payout is made of, itself included."""
    world, params = call.world, call.params
    mature(world)
    payout = text(params, "payout")
    if payout:
        world.find("payout", payout, "payout")
    wanted = {key: text(params, key) for key in ("type", "source", "currency") if key in params}
    things = [entry for entry in world.table("balance_transaction").values()
              if payout in (None, entry["_payout"]) and all(entry[key] == value for key, value in wanted.items())]
    return page(call, things, "/v1/balance_transactions")
