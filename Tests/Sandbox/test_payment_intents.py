"""Cards charged while nobody is there, and what becomes of it."""

import pytest
import stripe

from .happened import latest, since
from .portal_requests import checkout, off_session


def test_charges_a_kept_card_off_session(double, customer, card):
    before = latest()
    intent = stripe.PaymentIntent.create(**off_session(customer.id, card.id), description="Invoice 7",
                                         metadata={"invoice": "7"}, expand=["latest_charge.balance_transaction"])
    assert (intent.status, intent.amount_received, intent.payment_method) == ("succeeded", 5_000, card.id)
    charge = intent.latest_charge
    assert (charge.paid, charge.captured, charge.customer, charge.metadata["invoice"]) == (True, True, customer.id, "7")
    assert charge.description == "Invoice 7"
    assert charge.balance_transaction.net == 5_000 - 175
    assert since(before) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


@pytest.mark.parametrize("test_card, code, decline_code", [
    ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ("pm_card_authenticationRequired", "authentication_required", "authentication_required"),
])
def test_declines_by_card_with_the_intent_inside(double, customer, test_card, code, decline_code):
    before = latest()
    with pytest.raises(stripe.CardError) as refused:
        stripe.PaymentIntent.create(**off_session(customer.id, test_card))
    error = refused.value.error
    assert (refused.value.http_status, error.code, error.decline_code) == (402, code, decline_code)
    intent = stripe.PaymentIntent.retrieve(error.payment_intent["id"])
    assert (intent.status, intent.payment_method, intent.amount_received) == ("requires_payment_method", None, 0)
    assert intent.last_payment_error.code == code
    assert intent.last_payment_error.payment_method.id == error.payment_method["id"]
    charge = stripe.Charge.retrieve(intent.latest_charge)
    assert (charge.paid, charge.status, charge.failure_code) == (False, "failed", code)
    assert charge.balance_transaction is None
    assert since(before) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_answers_a_declined_charge_the_same_under_its_key(double, customer, card):
    double.fail_card(customer.id, times=1)
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            stripe.PaymentIntent.create(**off_session(customer.id, card.id), idempotency_key="charge-1")
    assert len(stripe.PaymentIntent.list(customer=customer.id).data) == 1
    assert stripe.PaymentIntent.create(**off_session(customer.id, card.id), idempotency_key="charge-2").amount == 5_000


def test_fails_a_customers_card_as_often_as_asked(double, customer, card):
    double.fail_card(customer.id, "insufficient_funds", times=2)
    outcomes = []
    for _ in range(3):
        try:
            outcomes.append(stripe.PaymentIntent.create(**off_session(customer.id, card.id)).status)
        except stripe.CardError as refused:
            outcomes.append(refused.error.decline_code)
    assert outcomes == ["insufficient_funds", "insufficient_funds", "succeeded"]


def test_fails_a_customers_card_until_it_is_mended_and_nobody_elses(double, customer, card):
    other = stripe.Customer.create(payment_method="pm_card_visa")
    others = stripe.PaymentMethod.list(customer=other.id).data[0]
    double.fail_card(customer.id, "lost_card")
    for _ in range(3):
        with pytest.raises(stripe.CardError):
            stripe.PaymentIntent.create(**off_session(customer.id, card.id))
    assert stripe.PaymentIntent.create(**off_session(other.id, others.id)).status == "succeeded"
    double.mend_card(customer.id)
    assert stripe.PaymentIntent.create(**off_session(customer.id, card.id)).status == "succeeded"
    with pytest.raises(AssertionError, match="Unknown code"):
        double.fail_card(customer.id, "bad_mood")


def test_asks_the_cardholder_who_is_there(double, customer):
    before = latest()
    intent = stripe.PaymentIntent.create(**off_session(customer.id, "pm_card_authenticationRequired",
                                                       off_session=False))
    assert (intent.status, intent.next_action.type) == ("requires_action", "use_stripe_sdk")
    assert since(before) == ["payment_intent.created", "payment_intent.requires_action"]
    assert double.authenticate(intent.id)["status"] == "succeeded"
    assert stripe.PaymentIntent.retrieve(intent.id).amount_received == 5_000
    with pytest.raises(AssertionError, match="succeeded"):
        double.authenticate(intent.id)


def test_asks_for_another_card_where_the_cardholder_is_not_believed(double, customer, card):
    intent = stripe.PaymentIntent.create(**off_session(customer.id, "pm_card_authenticationRequired",
                                                       off_session=False))
    double.authenticate(intent.id, passed=False)
    failed = stripe.PaymentIntent.retrieve(intent.id)
    assert (failed.status, failed.latest_charge) == ("requires_payment_method", None)
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert stripe.PaymentIntent.confirm(intent.id, payment_method=card.id).status == "succeeded"


def test_confirms_a_failed_intent_with_another_card(double, customer, card):
    double.fail_card(customer.id, times=1)
    with pytest.raises(stripe.CardError) as refused:
        stripe.PaymentIntent.create(**off_session(customer.id, card.id))
    intent = refused.value.error.payment_intent["id"]
    paid = stripe.PaymentIntent.confirm(intent, payment_method=card.id, off_session=True)
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)
    assert [charge.status for charge in stripe.Charge.list(payment_intent=intent)] == ["succeeded", "failed"]
    with pytest.raises(stripe.InvalidRequestError) as again:
        stripe.PaymentIntent.confirm(intent, payment_method=card.id)
    assert again.value.code == "payment_intent_unexpected_state"
    assert len(stripe.Charge.list(payment_intent=intent).data) == 2


def test_cancels_what_is_not_paid(double, customer, card):
    intent = stripe.PaymentIntent.create(amount=5_000, currency="usd", customer=customer.id, payment_method=card.id)
    assert intent.status == "requires_confirmation"
    assert stripe.PaymentIntent.modify(intent.id, amount=6_000, metadata={"a": "b"}).amount == 6_000
    gone = stripe.PaymentIntent.cancel(intent.id, cancellation_reason="abandoned")
    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")
    assert latest().type == "payment_intent.canceled"
    for act in (stripe.PaymentIntent.cancel, stripe.PaymentIntent.confirm):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            act(intent.id)
        assert refused.value.code == "payment_intent_unexpected_state"
        assert refused.value.error.payment_intent["status"] == "canceled"


@pytest.mark.parametrize("mistake, words", [
    ({"confirm": False}, "off_session"), ({"amount": 49}, "at least 0.50 USD"), ({"amount": 10**8}, "no more than"),
    ({"capture_method": "manual"}, "captures at once"), ({"customer": "cus_nobody"}, "No such customer"),
    ({"payment_method": "pm_nobody"}, "No such PaymentMethod"), ({"payment_method": None}, "missing a payment method"),
])
def test_refuses_a_charge_that_makes_no_sense(double, customer, card, mistake, words):
    with pytest.raises(stripe.InvalidRequestError, match=words):
        stripe.PaymentIntent.create(**{**off_session(customer.id, card.id), **mistake})
    assert stripe.Charge.list().data == []


def test_refuses_another_customers_card_and_a_used_one(double, customer, card):
    other = stripe.Customer.create(email="bob@example.com")
    with pytest.raises(stripe.InvalidRequestError, match="different Customer"):
        stripe.PaymentIntent.create(**off_session(other.id, card.id))
    once = stripe.PaymentIntent.create(**off_session(other.id, "pm_card_visa")).payment_method
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        stripe.PaymentIntent.create(**off_session(other.id, once))


def test_keeps_a_card_for_the_next_time_where_asked(double, customer):
    session = stripe.checkout.Session.create(**checkout(
        customer.id, payment_intent_data={"setup_future_usage": "off_session", "metadata": {"top_up": "9"}}))
    double.pay(session.id)
    intent = stripe.PaymentIntent.retrieve(stripe.checkout.Session.retrieve(session.id).payment_intent)
    assert (intent.setup_future_usage, intent.metadata["top_up"]) == ("off_session", "9")
    assert [card.id for card in stripe.PaymentMethod.list(customer=customer.id)] == [intent.payment_method]
    assert stripe.PaymentIntent.create(**off_session(customer.id, intent.payment_method)).status == "succeeded"


def test_lists_by_customer_and_time(double, customer, card):
    other = stripe.Customer.create(payment_method="pm_card_visa")
    made = [stripe.PaymentIntent.create(**off_session(customer.id, card.id))]
    stripe.PaymentIntent.create(**off_session(other.id, stripe.PaymentMethod.list(customer=other.id).data[0].id))
    double.advance(3_600)
    made.append(stripe.PaymentIntent.create(**off_session(customer.id, card.id)))
    assert [one.id for one in stripe.PaymentIntent.list(customer=customer.id)] == [made[1].id, made[0].id]
    recent = stripe.PaymentIntent.list(customer=customer.id, created={"gte": made[1].created})
    assert [one.id for one in recent] == [made[1].id]
