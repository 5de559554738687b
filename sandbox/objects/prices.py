"""Prices, one-time and recurring, licensed and metered: https://docs.stripe.com/api/prices"""

from decimal import Decimal

from lists import page
from objects import products
from refusal import bad
from values import flag, metadata, rows, table, text, whole


def create(call):
    params, world = call.params, call.world
    _one_of(params, "product", "product_data")
    key = text(params, "lookup_key")
    holder = next((price for price in world.table("price").values() if key and price["lookup_key"] == key), None)
    if holder and not flag(params, "transfer_lookup_key", False):
        raise bad(f"A price (`{holder['id']}`) already uses that lookup key.", "lookup_key")
    draft = read(world, params)
    if "product_data" in params:
        product = products.new(world, table(params, "product_data"))["id"]
    else:
        product = world.find("product", text(params, "product"), "product")["id"]
    if holder:
        holder["lookup_key"] = None
        world.emit("price.updated", holder, {"lookup_key": key})
    return keep(world, draft, product)


def read(world, params, where=""):
    """A price without product or id, from a price's parameters or a line's price data.

    `unit_amount` is in minor units; `unit_amount_decimal` may have up to 12 places. A metered price needs a meter
    that exists and is active.
    """
    amount, exact = _unit_amount(params, where)
    recurring = _recurring(world, table(params, "recurring"), where)
    return {
        "object": "price", "active": flag(params, "active", True), "billing_scheme": "per_unit",
        "created": world.now(), "currency": (text(params, "currency") or "").lower(), "custom_unit_amount": None,
        "livemode": False, "lookup_key": text(params, "lookup_key"), "metadata": metadata(params),
        "nickname": text(params, "nickname"), "recurring": recurring,
        "tax_behavior": text(params, "tax_behavior") or "unspecified", "tiers_mode": None,
        "transform_quantity": None, "type": "recurring" if recurring else "one_time", "unit_amount": amount,
        "unit_amount_decimal": exact}


def keep(world, draft, product):
    """Gives a read price its product and its id."""
    price = world.add({"id": world.new_id("price_"), **draft, "product": product})
    world.emit("price.created", price)
    return price


def _one_of(params, one, other):
    if one in params and other in params:
        raise bad(f"You may only specify one of these parameters: {one}, {other}.", one)
    if one not in params and other not in params:
        raise bad(f"You must specify either `{one}` or `{other}`.", one, "parameter_missing")


def _unit_amount(params, where):
    name = f"{where}[unit_amount]" if where else "unit_amount"
    if text(params, "billing_scheme") == "tiered":
        raise bad("The sandbox knows no tiered prices.", "billing_scheme")
    amount, exact = whole(params, "unit_amount", None, least=0, param=name), text(params, "unit_amount_decimal")
    if amount is not None and exact is not None:
        raise bad("You may only specify one of these parameters: unit_amount, unit_amount_decimal.", name)
    if amount is None and exact is None:
        raise bad("Missing required param: unit_amount.", name, "parameter_missing")
    if exact is None:
        return amount, str(amount)
    value = Decimal(exact)
    if value < 0:
        raise bad("This value must be greater than or equal to 0.", f"{name}_decimal")
    return (int(value) if value == value.to_integral_value() else None), exact


def _recurring(world, params, where):
    if not params:
        return None
    meter = text(params, "meter")
    usage = text(params, "usage_type") or "licensed"
    if usage == "metered" and not meter:
        raise bad("A metered price needs a meter: `recurring[meter]`.", "recurring[meter]", "parameter_missing")
    if meter:
        if usage != "metered":
            raise bad("A price with a meter must have `recurring[usage_type]=metered`.", "recurring[usage_type]")
        if world.find("billing.meter", meter, "recurring[meter]")["status"] != "active":
            raise bad(f"The meter {meter} is not active.", "recurring[meter]")
    return {"interval": text(params, "interval"), "interval_count": whole(params, "interval_count", 1, least=1),
            "meter": meter, "usage_type": usage}


def retrieve(call):
    return call.world.find("price", call.path["price"])


def update(call):
    price = retrieve(call)
    changes = {key: text(call.params, key) for key in ("nickname", "lookup_key") if key in call.params}
    if "active" in call.params:
        changes["active"] = flag(call.params, "active")
    changes["metadata"] = metadata(call.params, price["metadata"])
    before = {key: price[key] for key, value in changes.items() if price[key] != value}
    price.update(changes)
    if before:
        call.world.emit("price.updated", price, before)
    return price


def list_all(call):
    params = call.params
    active, keys, product = flag(params, "active"), rows(params, "lookup_keys"), text(params, "product")
    kind, currency, recurring = text(params, "type"), text(params, "currency"), table(params, "recurring")
    things = [price for price in call.world.table("price").values()
              if active in (None, price["active"]) and (not keys or price["lookup_key"] in keys)
              and product in (None, price["product"]) and kind in (None, price["type"])
              and currency in (None, price["currency"])
              and all((price["recurring"] or {}).get(key) == value for key, value in recurring.items())]
    return page(call, things, "/v1/prices")
