"""Checkout Sessions to pay, to subscribe or to keep a card: https://docs.stripe.com/api/checkout/sessions"""

from lists import page
from objects import customers, prices, products, setup_intents
from refusal import bad
from values import address, metadata, money, rows, table, text, whole
from world import shown

_DAY = 86_400
_DATA = {"payment": "payment_intent_data", "setup": "setup_intent_data", "subscription": "subscription_data"}
_LEAST, _MOST = 50, 99_999_999  # Stripe's bounds for a charge in US dollars, in cents


def create(call):
    """Opens a session. It can be paid on the page at its `url` for 24 hours, or until `expires_at`."""
    world, params = call.world, call.params
    mode = text(params, "mode") or "payment"
    if text(params, "ui_mode") not in (None, "hosted_page"):
        raise bad("The sandbox knows the hosted page only.", "ui_mode")
    customer = _customer(world, params)
    intent_data = _data(params, mode)
    success, cancel = address(params, "success_url"), address(params, "cancel_url")
    if success is None:
        raise bad("Missing required param: success_url.", "success_url", "parameter_missing")
    expires = _expiry(world, params)
    drafts, currency, total = _lines(world, params, mode)
    kept = metadata(params)
    lines = [_item(world, draft) for draft in drafts]
    id = world.new_id("cs_test_", 58)
    session = world.add({
        "id": id, "object": "checkout.session", "adaptive_pricing": None, "after_expiration": None,
        "allow_promotion_codes": None, "amount_subtotal": total, "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None, "cancel_url": cancel,
        "client_reference_id": text(params, "client_reference_id"), "client_secret": None, "consent": None,
        "consent_collection": None, "created": world.now(), "currency": currency, "currency_conversion": None,
        "custom_fields": [], "custom_text": {"after_submit": None, "shipping_address": None, "submit": None,
                                             "terms_of_service_acceptance": None},
        "customer": customer["id"] if customer else None,
        "customer_creation": None if customer else text(params, "customer_creation") or "if_required",
        "customer_details": None, "customer_email": text(params, "customer_email"), "expires_at": expires,
        "invoice": None, "invoice_creation": None, "livemode": False, "locale": text(params, "locale"),
        "metadata": kept, "mode": mode, "payment_intent": None, "payment_link": None,
        "payment_method_collection": "always", "payment_method_options": {},
        "payment_method_types": rows(params, "payment_method_types") or ["card"],
        "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
        "phone_number_collection": {"enabled": False}, "recovered_from": None, "setup_intent": None,
        "shipping_address_collection": None, "shipping_cost": None, "shipping_options": [], "status": "open",
        "submit_type": text(params, "submit_type"), "subscription": None, "success_url": success,
        "total_details": None if mode == "setup" else {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page", "url": f"{call.base}/c/pay/{id}", "_lines": lines,
        "_intent_data": intent_data})
    if customer:
        session["customer_details"] = details(customer)
    if mode == "setup":
        session["setup_intent"] = setup_intents.for_session(world, session)["id"]
    return session


def _customer(world, params):
    id = text(params, "customer")
    if id and text(params, "customer_email"):
        raise bad("You may only specify one of these parameters: customer, customer_email.", "customer")
    if not id and "customer_update" in params:
        raise bad("`customer_update` can only be used with `customer`.", "customer_update")
    if not id and text(params, "mode") == "subscription":
        raise bad("The sandbox wants to know the customer of a subscription.", "customer", "parameter_missing")
    return customers.existing(world, id, "customer") if id else None


def _data(params, mode):
    """What goes to the intent or subscription; refused now, not when somebody pays."""
    for other in set(_DATA.values()) - {_DATA[mode]}:
        if other in params:
            raise bad(f"You can not pass `{other}` in `{mode}` mode.", other)
    if table(params, "invoice_creation").get("enabled") == "true":
        raise bad("The sandbox makes no invoices for payments.", "invoice_creation")
    data = table(params, _DATA[mode])
    if "trial_period_days" in data or "trial_end" in data:
        raise bad("The sandbox knows no trials.", "subscription_data")
    metadata(data)
    return data


def details(customer):
    """What a session tells of its customer, as `customer_details`."""
    return {"address": None, "email": customer["email"], "name": customer["name"], "phone": customer["phone"],
            "tax_exempt": customer["tax_exempt"], "tax_ids": None}


def _expiry(world, params):
    at = whole(params, "expires_at", world.now() + _DAY)
    if not world.now() + 1800 <= at <= world.now() + _DAY + 60:
        raise bad("The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from now.",
                  "expires_at")
    return at


def _lines(world, params, mode):
    """The lines as drafts, their one currency, and their sum in minor units."""
    given = rows(params, "line_items")
    if mode == "setup":
        if given:
            raise bad("You can not pass `line_items` in `setup` mode.", "line_items")
        return [], (text(params, "currency") or "usd").lower(), None
    if not given:
        raise bad("Missing required param: line_items.", "line_items", "parameter_missing")
    drafts = [_draft(world, line, f"line_items[{place}]", mode) for place, line in enumerate(given)]
    currencies = {draft["price"]["currency"] for draft in drafts}
    if len(currencies) > 1:
        raise bad("All line items must have the same currency.", "line_items")
    total = sum(draft["amount"] for draft in drafts)
    currency = currencies.pop()
    if currency == "usd" and total < _LEAST and mode == "payment":
        raise bad(f"The Checkout Session's total amount must be at least {money(_LEAST, 'usd')}.", None,
                  "amount_too_small")
    if total > _MOST:
        raise bad("The Checkout Session's total amount due must be no more than 999,999.99.", None,
                  "amount_too_large")
    return drafts, currency, total


def _draft(world, line, where, mode):
    data, id = table(line, "price_data"), text(line, "price")
    if bool(data) == bool(id):
        raise bad(f"Give `{where}` either a `price` or `price_data`.", where)
    if id:
        price = world.find("price", id, f"{where}[price]")
        name = world.find("product", price["product"])["name"]
        product_data = None
    else:
        price = prices.read(world, data, f"{where}[price_data]")
        product_data = table(data, "product_data")
        if bool(product_data) == bool(text(data, "product")):
            raise bad(f"Give `{where}[price_data]` either a `product` or `product_data`.", f"{where}[price_data]")
        name = text(product_data, "name") or world.find("product", text(data, "product"), where)["name"]
        price = {**price, "active": False, "product": text(data, "product")}
    if price["recurring"] and mode == "payment":
        raise bad("You specified `payment` mode but passed a recurring price.", where)
    if not price["recurring"] and mode == "subscription":
        raise bad("The sandbox wants recurring prices only in `subscription` mode.", where)
    quantity = _quantity(line, price, where)
    return {"price": price, "product_data": product_data, "name": name, "quantity": quantity,
            "amount": quantity * price["unit_amount"] if quantity else 0}


def _quantity(line, price, where):
    """How many are bought; None where usage will tell."""
    quantity = whole(line, "quantity", None, least=1, param=f"{where}[quantity]")
    if price["recurring"] and price["recurring"]["usage_type"] == "metered":
        if quantity is not None:
            raise bad("Quantity should not be specified where usage_type is `metered`.", f"{where}[quantity]")
        return None
    if quantity is None:
        raise bad(f"Quantity is required. Add `quantity` to `{where}`.", f"{where}[quantity]", "parameter_missing")
    if price["unit_amount"] is None:
        raise bad("The sandbox takes whole minor units here.", f"{where}[price_data][unit_amount_decimal]")
    return quantity


def _item(world, draft):
    price = draft["price"]
    if "id" not in price:
        product = price["product"] or products.new(world, {"active": "false", **draft["product_data"]})["id"]
        price = prices.keep(world, price, product)
    return {"id": world.new_id("li_"), "object": "item", "amount_discount": 0, "amount_subtotal": draft["amount"],
            "amount_tax": 0, "amount_total": draft["amount"], "currency": price["currency"],
            "description": draft["name"], "metadata": {}, "price": shown(price), "quantity": draft["quantity"]}


def retrieve(call):
    return find(call.world, call.path["session"])


def find(world, id):
    """The session, expired if its time is over."""
    session = world.find("checkout.session", id)
    if session["status"] == "open" and session["expires_at"] <= world.now():
        close(world, session)
    return session


def update(call):
    session = retrieve(call)
    session["metadata"] = metadata(call.params, session["metadata"])
    return session


def expire(call):
    session = retrieve(call)
    if session["status"] != "open":
        raise bad(f"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a "
                  f"status of {session['status']}.", "session")
    return close(call.world, session)


def close(world, session):
    session.update(status="expired", url=None)
    world.emit("checkout.session.expired", session)
    return session


def line_items(call):
    session = retrieve(call)
    return page(call, reversed(session["_lines"]), f"/v1/checkout/sessions/{session['id']}/line_items")


def list_all(call):
    params = call.params
    wanted = {key: text(params, key) for key in ("customer", "payment_intent", "status", "subscription")
              if key in params}
    things = [session for session in list(call.world.table("checkout.session").values())
              if all(find(call.world, session["id"])[key] == value for key, value in wanted.items())]
    return page(call, things, "/v1/checkout/sessions")
