"""The resources, driven by Stripe's own library."""

import pytest
import stripe

from .portal_requests import checkout


def test_refuses_callers_without_the_right_key(double):
    for key in ("sk_test_wrong", "sk_live_wrong"):
        with pytest.raises(stripe.AuthenticationError) as refused:
            stripe.Customer.list(api_key=key)
        assert refused.value.http_status == 401
        assert key not in str(refused.value)


def test_names_what_it_does_not_know(double):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.Customer.retrieve("cus_nobody")
    assert refused.value.http_status == 404
    assert (refused.value.code, refused.value.param) == ("resource_missing", "id")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.checkout.Session.create(**checkout("cus_nobody"))
    assert refused.value.http_status == 400
    assert refused.value.param == "customer"
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        stripe.Topup.list()


def test_keeps_customers(double):
    ada = stripe.Customer.create(name="Ada", email="ada@example.com", metadata={"account": "1", "_own": "x"})
    stripe.Customer.create(name="Bob", email="bob@example.com")
    assert ada.id.startswith("cus_") and ada.metadata["_own"] == "x"
    stripe.Customer.modify(ada.id, name="Ada L.", metadata={"account": "", "plan": "free"})
    again = stripe.Customer.retrieve(ada.id)
    assert again.name == "Ada L."
    assert again.metadata.to_dict() == {"_own": "x", "plan": "free"}
    assert [one.id for one in stripe.Customer.list(email="ada@example.com")] == [ada.id]


def test_forgets_a_deleted_customer(double, customer):
    assert stripe.Customer.delete(customer.id).deleted
    assert stripe.Customer.retrieve(customer.id).deleted
    assert stripe.Customer.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        stripe.checkout.Session.create(**checkout(customer.id))


def test_lists_page_by_page_newest_first(double):
    made = [stripe.Customer.create(email=f"c{number}@example.com").id for number in range(7)]
    first = stripe.Customer.list(limit=3)
    assert [one.id for one in first] == made[:3:-1]
    assert first.has_more
    assert [one.id for one in stripe.Customer.list(limit=3).auto_paging_iter()] == made[::-1]
    newer = stripe.Customer.list(limit=2, ending_before=made[3])
    assert [one.id for one in newer] == [made[5], made[4]]
    with pytest.raises(stripe.InvalidRequestError):
        stripe.Customer.list(limit=101)


def test_attaches_a_good_card_any_number_of_times(double, customer):
    first = stripe.PaymentMethod.attach("pm_card_visa", customer=customer.id)
    second = stripe.PaymentMethod.attach("pm_card_visa", customer=customer.id)
    assert first.id != second.id != "pm_card_visa"
    assert first.card.last4 == "4242"
    stripe.Customer.modify(customer.id, invoice_settings={"default_payment_method": first.id})
    assert [card.id for card in stripe.PaymentMethod.list(customer=customer.id)] == [second.id, first.id]
    stripe.PaymentMethod.detach(first.id)
    assert stripe.Customer.retrieve(customer.id).invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError):
        stripe.PaymentMethod.attach(first.id, customer=customer.id)


@pytest.mark.parametrize("card", ["pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"])
def test_declines_a_bad_card(double, customer, card):
    with pytest.raises(stripe.CardError) as refused:
        stripe.PaymentMethod.attach(card, customer=customer.id)
    assert refused.value.http_status == 402
    assert refused.value.code == "card_declined"
    assert refused.value.error.decline_code == "generic_decline"
    assert stripe.PaymentMethod.list(customer=customer.id).data == []


def test_leaves_no_customer_behind_a_declined_card(double):
    with pytest.raises(stripe.CardError):
        stripe.Customer.create(email="eve@example.com", payment_method="pm_card_chargeDeclined")
    assert stripe.Customer.list().data == []


def test_expands_what_is_asked_for(double, session):
    assert "line_items" not in session
    again = stripe.checkout.Session.retrieve(session.id, expand=["line_items", "customer"])
    assert again.customer.email == "ada@example.com"
    assert again.line_items.data[0].description == "BioQL Quantum Computing Usage"
    double.pay(session.id)
    paid = stripe.checkout.Session.retrieve(session.id, expand=["payment_intent.latest_charge"])
    assert paid.payment_intent.latest_charge.amount == 12_345
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        stripe.checkout.Session.retrieve(session.id, expand=["nothing"])


def test_opens_checkout_only_for_amounts_stripe_takes(double, customer):
    opened = stripe.checkout.Session.create(**checkout(customer.id, amount=50))
    assert (opened.status, opened.payment_status, opened.amount_total) == ("open", "unpaid", 50)
    assert opened.payment_intent is None
    for amount, code in ((49, "amount_too_small"), (100_000_000, "amount_too_large")):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            stripe.checkout.Session.create(**checkout(customer.id, amount=amount))
        assert refused.value.code == code


@pytest.mark.parametrize("mistake", [
    {"customer_email": "second@example.com"}, {"success_url": "/done"}, {"line_items": []}, {"mode": "setup"},
    {"expires_at": 1}, {"cancel_url": "javascript:alert(1)"},
])
def test_refuses_a_checkout_that_makes_no_sense(double, customer, mistake):
    with pytest.raises(stripe.InvalidRequestError):
        stripe.checkout.Session.create(**checkout(customer.id, **mistake))


def test_refunds_in_parts_and_never_too_much(double, session):
    double.pay(session.id)
    intent = stripe.checkout.Session.retrieve(session.id).payment_intent
    part = stripe.Refund.create(payment_intent=intent, amount=345)
    assert stripe.Refund.retrieve(part.id).amount == 345
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        stripe.Refund.create(payment_intent=intent, amount=12_001)
    stripe.Refund.create(payment_intent=intent)
    charge = stripe.Charge.retrieve(stripe.PaymentIntent.retrieve(intent).latest_charge)
    assert charge.refunded and charge.amount_refunded == 12_345
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.Refund.create(payment_intent=intent)
    assert refused.value.code == "charge_already_refunded"
    assert len(stripe.Refund.list(payment_intent=intent).data) == 2


def test_plays_a_dispute_to_its_end(double, session):
    double.pay(session.id)
    dispute = double.dispute(session.id)
    assert stripe.Charge.retrieve(dispute["charge"]).disputed
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.Refund.create(charge=dispute["charge"])
    assert refused.value.code == "charge_disputed"
    double.close_dispute(dispute["id"], "won")
    assert stripe.Dispute.retrieve(dispute["id"]).status == "won"
    kinds = [event.type for event in stripe.Event.list(types=["charge.dispute.closed", "charge.dispute.created"])]
    assert kinds == ["charge.dispute.closed", "charge.dispute.created"]


def test_invoices_and_charges_the_default_card(double, customer):
    card = stripe.PaymentMethod.attach("pm_card_visa", customer=customer.id)
    stripe.InvoiceItem.create(customer=customer.id, amount=300_000, currency="usd", description="Usage")
    invoice = stripe.Invoice.create(customer=customer.id, pending_invoice_items_behavior="include")
    assert (invoice.status, invoice.total) == ("draft", 300_000)
    with pytest.raises(stripe.InvalidRequestError, match="default_payment_method"):
        stripe.Invoice.pay(invoice.id)
    stripe.Customer.modify(customer.id, invoice_settings={"default_payment_method": card.id})
    paid = stripe.Invoice.pay(invoice.id)
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 300_000, 0)
    assert [one.id for one in stripe.Invoice.list(customer=customer.id, status="paid")] == [invoice.id]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.Invoice.pay(invoice.id)
    assert refused.value.code == "invoice_already_paid"


def test_declines_an_invoice_on_a_card_that_fails_later(double, customer):
    card = stripe.PaymentMethod.attach("pm_card_chargeCustomerFail", customer=customer.id)
    stripe.InvoiceItem.create(customer=customer.id, amount=500, currency="usd")
    invoice = stripe.Invoice.create(customer=customer.id, pending_invoice_items_behavior="include")
    with pytest.raises(stripe.CardError):
        stripe.Invoice.pay(invoice.id, payment_method=card.id)
    assert stripe.Invoice.retrieve(invoice.id).status == "open"
    assert [event.type for event in stripe.Event.list(type="invoice.payment_failed")] == ["invoice.payment_failed"]


def test_opens_the_billing_portal(double, customer):
    opened = stripe.billing_portal.Session.create(customer=customer.id, return_url="http://127.0.0.1:9/")
    assert opened.url.startswith(f"{double.url}/p/session/bps_")


def test_saves_a_card_in_setup_mode(double, customer):
    session = stripe.checkout.Session.create(mode="setup", currency="usd", customer=customer.id,
                                             success_url="http://127.0.0.1:9/")
    assert session.payment_status == "no_payment_required"
    double.pay(session.id)
    intent = stripe.SetupIntent.retrieve(stripe.checkout.Session.retrieve(session.id).setup_intent)
    assert intent.status == "succeeded"
    assert [card.id for card in stripe.PaymentMethod.list(customer=customer.id)] == [intent.payment_method]


def test_gives_the_same_ids_for_the_same_seed(stripe_double):
    ids = []
    for seed in ("a", "a", "b"):
        made = stripe_double(seed=seed)
        client = stripe.StripeClient(made.secret_key, base_addresses={"api": made.url})
        ids.append(client.v1.customers.create({"email": "a@example.com"}).id)
    assert ids[0] == ids[1] != ids[2]
