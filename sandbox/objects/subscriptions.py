"""Subscriptions, above all to a metered price: https://docs.stripe.com/api/subscriptions

The first period is billed; the sandbox renews nothing.
"""

import calendar
import datetime

from lists import page
from objects import customers, invoices, payment_intents
from refusal import bad
from values import flag, metadata, rows, table, text, whole
from world import shown


def create(call):
    """Subscribes a customer. A metered price asks for nothing at first: the first invoice is of 0 and paid."""
    world, params = call.world, call.params
    if text(params, "customer") is None:
        raise bad("Missing required param: customer.", "customer", "parameter_missing")
    customer = customers.existing(world, text(params, "customer"), "customer")
    chosen = [_price(world, entry, f"items[{place}]") for place, entry in enumerate(rows(params, "items"))]
    if not chosen:
        raise bad("Missing required param: items.", "items", "parameter_missing")
    if len({(price["currency"], price["recurring"]["interval"]) for price, *_ in chosen}) > 1:
        raise bad("All prices of a subscription must have the same currency and interval.", "items")
    if any(price["recurring"]["usage_type"] == "licensed" for price, *_ in chosen):
        raise bad("The sandbox subscribes to metered prices only.", "items")
    way = text(params, "collection_method") or "charge_automatically"
    if way == "send_invoice" and "days_until_due" not in params:
        raise bad("Missing required param: days_until_due.", "days_until_due", "parameter_missing")
    return start(world, customer, chosen, way, metadata(params), description=text(params, "description"),
                 days=whole(params, "days_until_due"), ends=flag(params, "cancel_at_period_end", False),
                 card=text(params, "default_payment_method"))


def _price(world, entry, where):
    if text(entry, "price") is None:
        raise bad(f"Missing required param: {where}[price].", f"{where}[price]", "parameter_missing")
    price = world.find("price", text(entry, "price"), f"{where}[price]")
    if not price["recurring"]:
        raise bad("The price specified is set to `type=one_time` but this field only accepts prices with "
                  "`type=recurring`.", f"{where}[price]")
    if not price["active"]:
        raise bad("The price specified is inactive. This field only accepts active prices.", f"{where}[price]")
    if price["recurring"]["usage_type"] == "metered" and "quantity" in entry:
        raise bad("Quantity should not be specified where usage_type is `metered`.", f"{where}[quantity]")
    return price, metadata(entry), None


def start(world, customer, chosen, way, kept, description=None, days=None, ends=False, card=None):
    """Subscribes to `chosen`, a list of (price, metadata, quantity); the quantity of a metered price is None.

    `card` is the id of the payment method that pays, now and later. It must be good for what is due now.
    """
    id, now = world.new_id("sub_"), world.now()
    end = _later(now, chosen[0][0]["recurring"])
    items = [world.add({
        "id": world.new_id("si_", 14), "object": "subscription_item", "billing_thresholds": None, "created": now,
        "current_period_end": end, "current_period_start": now, "discounts": [], "metadata": own,
        "price": shown(price), "subscription": id, "tax_rates": [],
        **({} if quantity is None else {"quantity": quantity})}) for price, own, quantity in chosen]
    subscription = world.add({
        "id": id, "object": "subscription", "application": None, "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": now, "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_schedules": [], "billing_thresholds": None, "cancel_at": None,
        "cancel_at_period_end": ends, "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None}, "collection_method": way,
        "created": now, "currency": chosen[0][0]["currency"], "customer": customer["id"],
        "days_until_due": days,
        "default_payment_method": card, "default_source": None, "default_tax_rates": [],
        "description": description, "discounts": [], "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": {"object": "list", "data": items, "has_more": False,
                  "url": f"/v1/subscription_items?subscription={id}"},
        "latest_invoice": None, "livemode": False, "metadata": kept, "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None, "pause_collection": None,
        "payment_settings": {"payment_method_options": None, "payment_method_types": None,
                             "save_default_payment_method": "off"},
        "pending_invoice_item_interval": None, "pending_setup_intent": None, "pending_update": None,
        "schedule": None, "start_date": now, "status": "active", "test_clock": None, "transfer_data": None,
        "trial_end": None, "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": None})
    invoice = _first_invoice(world, customer, subscription, items)
    world.emit("customer.subscription.created", subscription)
    world.emit("invoice.created", invoice)
    if invoices.settle(world, invoice)["status"] == "open":
        intent = payment_intents.new(world, invoice["amount_due"], invoice["currency"], customer["id"], {},
                                     "Subscription creation")
        payment_intents.succeed(world, intent, world.find("payment_method", card))
        invoices.paid(world, invoice)
    return subscription


def _first_invoice(world, customer, subscription, items):
    id = subscription["id"]
    invoice = invoices.new(
        world, customer, subscription["currency"], subscription["collection_method"], "subscription_create",
        parent={"quote_details": None, "type": "subscription_details", "subscription_details": {
            "metadata": dict(subscription["metadata"]), "subscription": id}})
    subscription["latest_invoice"] = invoice["id"]
    for item in items:
        if "quantity" in item:
            period = {"start": item["current_period_start"], "end": item["current_period_end"]}
            origin = {"invoice_item": None, "proration": False, "proration_details": None, "subscription": id,
                      "subscription_item": item["id"]}
            name = world.find("product", item["price"]["product"])["name"]
            invoices.add_line(world, invoice, item["quantity"] * item["price"]["unit_amount"], name, period, {
                "invoice_item_details": None, "subscription_item_details": origin,
                "type": "subscription_item_details"}, item["quantity"])
    return invoice


def _later(seconds, recurring):
    count, at = recurring["interval_count"], datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    if recurring["interval"] in ("day", "week"):
        return int((at + datetime.timedelta(**{recurring["interval"] + "s": count})).timestamp())
    months = at.year * 12 + at.month - 1 + count * (12 if recurring["interval"] == "year" else 1)
    year, month = divmod(months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())


def retrieve(call):
    return call.world.find("subscription", call.path["subscription"])


def update(call):
    subscription = retrieve(call)
    changes = {"metadata": metadata(call.params, subscription["metadata"])}
    if "cancel_at_period_end" in call.params:
        ending = changes["cancel_at_period_end"] = flag(call.params, "cancel_at_period_end")
        changes["canceled_at"] = call.world.now() if ending else None
        changes["cancel_at"] = subscription["items"]["data"][0]["current_period_end"] if ending else None
    before = {key: subscription[key] for key, value in changes.items() if subscription[key] != value}
    subscription.update(changes)
    if before:
        call.world.emit("customer.subscription.updated", subscription, before)
    return subscription


def cancel(call):
    subscription, now = retrieve(call), call.world.now()
    if subscription["status"] == "canceled":
        raise bad(f"No such subscription: '{subscription['id']}'", "id", "resource_missing")
    subscription.update(status="canceled", canceled_at=now, ended_at=now,
                        cancellation_details={"comment": text(table(call.params, "cancellation_details"), "comment"),
                                              "feedback": None, "reason": "cancellation_requested"})
    call.world.emit("customer.subscription.deleted", subscription)
    return subscription


def list_all(call):
    customer, status, price = (text(call.params, key) for key in ("customer", "status", "price"))
    things = [one for one in call.world.table("subscription").values()
              if customer in (None, one["customer"])
              and (status == "all" or (one["status"] == status if status else one["status"] != "canceled"))
              and price in (None, *(item["price"]["id"] for item in one["items"]["data"]))]
    return page(call, things, "/v1/subscriptions")
