"""Cards kept for later: by a setup, by a subscription, replaced by the bank, taken away."""

import pytest
import stripe

from .happened import latest, since
from .portal_requests import checkout, off_session


def setup(customer, **more):
    return stripe.checkout.Session.create(mode="setup", currency="usd", customer=customer.id,
                                          success_url="http://127.0.0.1:9/", **more)


def test_keeps_a_card_by_a_setup(double, customer):
    session = setup(customer, metadata={"account": "1"}, setup_intent_data={"metadata": {"account": "1"}})
    before = latest()
    double.pay(session.id)
    assert since(before) == ["payment_method.attached", "setup_intent.succeeded", "checkout.session.completed"]
    done = stripe.checkout.Session.retrieve(session.id, expand=["setup_intent.payment_method"])
    assert (done.status, done.metadata["account"]) == ("complete", "1")
    assert (done.setup_intent.status, done.setup_intent.metadata["account"]) == ("succeeded", "1")
    assert done.setup_intent.payment_method.customer == customer.id
    assert [intent.id for intent in stripe.SetupIntent.list(customer=customer.id)] == [done.setup_intent.id]
    assert stripe.PaymentIntent.create(**off_session(customer.id, done.setup_intent.payment_method.id)).amount == 5_000


def test_keeps_a_card_that_will_fail_when_charged(double, customer):
    session = setup(customer)
    double.pay(session.id, card="pm_card_chargeCustomerFail")
    kept = stripe.PaymentMethod.list(customer=customer.id).data[0]
    with pytest.raises(stripe.CardError):
        stripe.PaymentIntent.create(**off_session(customer.id, kept.id))
    with pytest.raises(AssertionError, match="declines"):
        double.pay(setup(customer).id, card="pm_card_chargeDeclined")


def test_says_why_a_card_was_not_kept(double, customer):
    session = setup(customer)
    double.decline(session.id, "expired_card")
    intent = stripe.SetupIntent.retrieve(stripe.checkout.Session.retrieve(session.id).setup_intent)
    assert (intent.status, intent.last_setup_error.code) == ("requires_payment_method", "expired_card")
    assert latest().type == "setup_intent.setup_failed"
    double.pay(session.id)
    assert stripe.SetupIntent.retrieve(intent.id).last_setup_error is None


def monthly(customer, **more):
    price = {"currency": "usd", "unit_amount": 2_900, "recurring": {"interval": "month"},
             "product_data": {"name": "Starter"}}
    return checkout(customer, mode="subscription", line_items=[{"quantity": 2, "price_data": price}], **more)


def test_subscribes_by_checkout_and_bills_the_first_month(double, customer):
    session = stripe.checkout.Session.create(**monthly(customer.id,
                                                       subscription_data={"metadata": {"plan": "starter"}}))
    assert (session.mode, session.amount_total, session.payment_status) == ("subscription", 5_800, "unpaid")
    before = latest()
    double.pay(session.id)
    done = stripe.checkout.Session.retrieve(session.id, expand=["subscription", "invoice"])
    assert (done.payment_status, done.payment_intent) == ("paid", None)
    assert (done.subscription.status, done.subscription.metadata["plan"]) == ("active", "starter")
    assert done.subscription["items"].data[0].quantity == 2
    assert (done.invoice.status, done.invoice.amount_paid, done.invoice.billing_reason) == (
        "paid", 5_800, "subscription_create")
    assert [charge.amount for charge in stripe.Charge.list(customer=customer.id)] == [5_800]
    assert [one.id for one in stripe.checkout.Session.list(subscription=done.subscription.id)] == [session.id]
    card, = stripe.PaymentMethod.list(customer=customer.id)
    assert done.subscription.default_payment_method == card.id
    assert {"payment_method.attached", "customer.subscription.created", "invoice.paid", "charge.succeeded",
            "checkout.session.completed"} <= set(since(before))


def test_leaves_no_subscription_behind_a_declined_card(double, customer):
    session = stripe.checkout.Session.create(**monthly(customer.id))
    double.decline(session.id)
    assert stripe.checkout.Session.retrieve(session.id).status == "open"
    assert stripe.Subscription.list(customer=customer.id, status="all").data == []
    assert latest().type == "payment_intent.payment_failed"


def test_refuses_a_subscription_that_makes_no_sense(double, customer):
    once = checkout(customer.id, mode="subscription")
    for asked, words in ((once, "recurring"), ({**monthly(customer.id), "mode": "payment"}, "recurring"),
                         (monthly(customer.id, payment_intent_data={"metadata": {"a": "b"}}), "can not pass"),
                         (monthly(customer.id, subscription_data={"trial_period_days": 7}), "no trials")):
        with pytest.raises(stripe.InvalidRequestError, match=words):
            stripe.checkout.Session.create(**asked)


def test_tells_of_a_card_that_the_bank_replaced(double, customer, card):
    double.replace_card(card.id, last4="1881", exp_year=2041)
    event = latest()
    assert (event.type, event.data.previous_attributes.card.last4) == ("payment_method.automatically_updated", "4242")
    face = stripe.PaymentMethod.retrieve(card.id).card
    assert (face.last4, face.exp_year) == ("1881", 2041)


def test_sets_and_clears_the_default(double, customer, card):
    for default, kept in ((card.id, card.id), ("", None)):
        changed = stripe.Customer.modify(customer.id, invoice_settings={"default_payment_method": default})
        assert changed.invoice_settings.default_payment_method == kept
    with pytest.raises(stripe.InvalidRequestError):
        stripe.Customer.modify(customer.id, invoice_settings={"default_payment_method": "pm_none"})


def test_takes_a_card_away(double, customer, card):
    assert stripe.PaymentMethod.detach(card.id).customer is None
    event = latest()
    assert (event.type, event.data.previous_attributes.customer) == ("payment_method.detached", customer.id)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        stripe.PaymentIntent.create(**off_session(customer.id, card.id))


def test_a_deleted_customer_leaves_no_card(double, customer, card):
    before = latest()
    stripe.Customer.delete(customer.id)
    assert since(before) == ["payment_method.detached", "customer.deleted"]
    assert stripe.PaymentMethod.retrieve(card.id).customer is None
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        stripe.PaymentIntent.create(**off_session(customer.id, card.id))
