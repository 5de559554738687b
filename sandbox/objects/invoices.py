"""Invoices and the items that go on them: https://docs.stripe.com/api/invoices"""

from lists import page
from objects import customers, payment_intents
from refusal import Refusal, bad
from values import flag, metadata, text, whole


def add_item(call):
    """An amount, in minor units, for the customer's next invoice or for the draft that `invoice` names."""
    world, params = call.world, call.params
    if text(params, "customer") is None:
        raise bad("Missing required param: customer.", "customer", "parameter_missing")
    customer = customers.existing(world, text(params, "customer"), "customer")
    amount = whole(params, "amount")
    if amount is None:
        raise bad("The sandbox takes invoice items by `amount`.", "amount", "parameter_missing")
    invoice = world.find("invoice", text(params, "invoice"), "invoice") if text(params, "invoice") else None
    if invoice and invoice["status"] != "draft":
        raise bad("This invoice is no longer editable.", "invoice", "invoice_not_editable")
    now = world.now()
    item = world.add({
        "id": world.new_id("ii_"), "object": "invoiceitem", "amount": amount,
        "currency": (text(params, "currency") or "usd").lower(), "customer": customer["id"], "date": now,
        "description": text(params, "description"), "discountable": amount > 0, "discounts": [],
        "invoice": invoice["id"] if invoice else None, "livemode": False, "metadata": metadata(params),
        "net_amount": amount, "parent": None, "period": {"end": now, "start": now}, "pricing": None,
        "proration": False, "quantity": 1, "quantity_decimal": "1", "tax_rates": [], "test_clock": None})
    if invoice:
        _put(world, invoice, item)
    return item


def _put(world, invoice, item):
    item["invoice"] = invoice["id"]
    add_line(world, invoice, item["amount"], item["description"], dict(item["period"]), {
        "invoice_item_details": {"invoice_item": item["id"], "proration": False, "proration_details": None,
                                 "subscription": None},
        "subscription_item_details": None, "type": "invoice_item_details"}, kept=dict(item["metadata"]))


def add_line(world, invoice, amount, description, period, parent, quantity=1, kept=None):
    """Puts a line on a draft. `parent` says where it comes from, `period` is {"start", "end"} in seconds."""
    invoice["lines"]["data"].append({
        "id": world.new_id("il_"), "object": "line_item", "amount": amount, "currency": invoice["currency"],
        "description": description, "discount_amounts": [], "discountable": amount > 0, "discounts": [],
        "invoice": invoice["id"], "livemode": False, "metadata": kept or {}, "parent": parent, "period": period,
        "pretax_credit_amounts": [], "pricing": None, "quantity": quantity, "quantity_decimal": str(quantity),
        "subtotal": amount, "taxes": []})
    total = sum(entry["amount"] for entry in invoice["lines"]["data"])
    invoice.update(subtotal=total, subtotal_excluding_tax=total, total=total, total_excluding_tax=total,
                   amount_due=max(total, 0), amount_remaining=max(total, 0))


def create(call):
    """A draft. The customer's pending items go on it with `pending_invoice_items_behavior=include`."""
    world, params = call.world, call.params
    if text(params, "customer") is None:
        raise bad("Missing required param: customer.", "customer", "parameter_missing")
    customer = customers.existing(world, text(params, "customer"), "customer")
    way = text(params, "collection_method") or "charge_automatically"
    days = whole(params, "days_until_due", None, least=0)
    if way == "send_invoice" and days is None and "due_date" not in params:
        raise bad("If invoice is send_invoice, you must specify `days_until_due` or `due_date`.", "days_until_due")
    due = whole(params, "due_date", world.now() + days * 86_400 if days is not None else None)
    currency = (text(params, "currency") or "usd").lower()
    invoice = new(world, customer, currency, way, "manual", due, flag(params, "auto_advance", False),
                  metadata(params), text(params, "description"))
    if text(params, "pending_invoice_items_behavior") == "include":
        for item in world.table("invoiceitem").values():
            if item["customer"] == customer["id"] and not item["invoice"] and item["currency"] == currency:
                _put(world, invoice, item)
    world.emit("invoice.created", invoice)
    return invoice


def new(world, customer, currency, way, reason, due=None, advance=False, kept=None, description=None, parent=None):
    """A draft without lines. `reason` is Stripe's billing_reason."""
    id, now = world.new_id("in_"), world.now()
    return world.add({
        "id": id, "object": "invoice", "account_country": "US", "account_name": "Purser sandbox",
        "amount_due": 0, "amount_overpaid": 0, "amount_paid": 0, "amount_paid_off_stripe": 0, "amount_remaining": 0,
        "amount_shipping": 0, "application": None, "attempt_count": 0, "attempted": False, "auto_advance": advance,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "provider": None,
                          "status": None},
        "billing_reason": reason, "collection_method": way, "created": now, "currency": currency,
        "customer": customer["id"], "customer_email": customer["email"], "customer_name": customer["name"],
        "default_payment_method": None, "default_source": None, "default_tax_rates": [], "description": description,
        "discounts": [], "due_date": due, "effective_at": None, "ending_balance": None, "footer": None,
        "from_invoice": None, "hosted_invoice_url": None, "invoice_pdf": None, "issuer": {"type": "self"},
        "last_finalization_error": None, "latest_revision": None,
        "lines": {"object": "list", "data": [], "has_more": False, "url": f"/v1/invoices/{id}/lines"},
        "livemode": False, "metadata": kept or {}, "next_payment_attempt": None, "number": None, "parent": parent,
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "period_end": now, "period_start": now, "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0, "receipt_number": None, "starting_balance": 0, "status": "draft",
        "status_transitions": {"finalized_at": None, "marked_uncollectible_at": None, "paid_at": None,
                               "voided_at": None},
        "subtotal": 0, "subtotal_excluding_tax": 0, "total": 0, "total_discount_amounts": [],
        "total_excluding_tax": 0, "total_taxes": []})


def finalize(call):
    return settle(call.world, retrieve(call))


def settle(world, invoice):
    """Gives a draft its number and opens it; one that asks for nothing is paid at once."""
    if invoice["status"] != "draft":
        raise bad("This invoice is already finalized, you can't re-finalize a non-draft invoice.", None,
                  "invoice_not_editable")
    customer = world.find("customer", invoice["customer"])
    invoice["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer["next_invoice_sequence"] += 1
    invoice.update(status="open", effective_at=world.now())
    invoice["status_transitions"]["finalized_at"] = world.now()
    world.emit("invoice.finalized", invoice)
    return paid(world, invoice) if invoice["amount_due"] == 0 else invoice


def paid(world, invoice, outside=False):
    due = invoice["amount_due"]
    invoice.update(status="paid", attempted=True, amount_remaining=0, amount_paid=due,
                   amount_paid_off_stripe=due if outside else 0)
    invoice["status_transitions"]["paid_at"] = world.now()
    world.emit("invoice.paid", invoice)
    if not outside:
        world.emit("invoice.payment_succeeded", invoice)
    return invoice


def pay(call):
    """Charges the given card or the customer's default one; `paid_out_of_band=true` marks it paid without."""
    world, params, invoice = call.world, call.params, retrieve(call)
    if invoice["status"] == "paid":
        raise bad("Invoice is already paid", None, "invoice_already_paid")
    if invoice["status"] not in ("draft", "open", "uncollectible"):
        raise bad(f"An invoice that is {invoice['status']} cannot be paid.")
    if flag(params, "paid_out_of_band", False):
        return paid(world, settle(world, invoice) if invoice["status"] == "draft" else invoice, outside=True)
    customer = world.find("customer", invoice["customer"])
    id = text(params, "payment_method") or customer["invoice_settings"]["default_payment_method"]
    if id is None and invoice["amount_due"]:
        raise bad("There is no default_payment_method set on this Customer or Invoice. Please set one or pass a "
                  "payment method.", None, "resource_missing")
    if invoice["status"] == "draft" and settle(world, invoice)["status"] == "paid":
        return invoice
    card = world.find("payment_method", id, "payment_method")
    invoice.update(attempted=True, attempt_count=invoice["attempt_count"] + 1)
    intent = payment_intents.new(world, invoice["amount_due"], invoice["currency"], customer["id"], {}, None)
    try:
        payment_intents.attempt(world, intent, card)
    except Refusal:
        world.emit("invoice.payment_failed", invoice)
        raise
    return paid(world, invoice)


def void(call):
    return _end(call, "void", "voided_at", "invoice.voided")


def mark_uncollectible(call):
    return _end(call, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible")


def _end(call, status, moment, event):
    invoice = retrieve(call)
    if invoice["status"] not in ("open", "uncollectible"):
        raise bad(f"You can only pass in open invoices. This invoice isn't open: it is {invoice['status']}.")
    invoice["status"] = status
    invoice["status_transitions"][moment] = call.world.now()
    call.world.emit(event, invoice)
    return invoice


def retrieve(call):
    return call.world.find("invoice", call.path["invoice"])


def list_all(call):
    params = call.params
    wanted = {key: text(params, key) for key in ("customer", "status", "collection_method") if key in params}
    subscription = text(params, "subscription")
    things = [invoice for invoice in call.world.table("invoice").values()
              if all(invoice[key] == value for key, value in wanted.items())
              and subscription in (None, _subscription(invoice))]
    return page(call, things, "/v1/invoices")


def _subscription(invoice):
    return invoice["parent"]["subscription_details"]["subscription"] if invoice["parent"] else None
