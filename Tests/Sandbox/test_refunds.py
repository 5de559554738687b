"""Money that goes back, and refunds that come back."""

import pytest
import stripe

from .happened import latest, since
from .portal_requests import off_session


@pytest.fixture
def charge(customer, card):
    """A paid charge of 50 dollars."""
    intent = stripe.PaymentIntent.create(**off_session(customer.id, card.id), expand=["latest_charge"])
    return intent.latest_charge


def test_tells_of_a_refund_by_the_shop(double, charge):
    before = latest()
    part = stripe.Refund.create(charge=charge.id, amount=1_200, reason="requested_by_customer",
                                metadata={"invoice": "7"}, expand=["balance_transaction"])
    assert (part.status, part.amount, part.metadata["invoice"]) == ("succeeded", 1_200, "7")
    assert (part.balance_transaction.type, part.balance_transaction.net) == ("refund", -1_200)
    assert since(before) == ["refund.created", "charge.refunded", "refund.updated"]
    refunded = stripe.Event.list(type="charge.refunded").data[0].data
    assert (refunded.object.amount_refunded, refunded.previous_attributes.amount_refunded) == (1_200, 0)
    assert stripe.Refund.modify(part.id, metadata={"note": "kind"}).metadata["note"] == "kind"


def test_tells_of_a_refund_in_the_dashboard(double, charge):
    before = latest()
    part = double.refund(charge.id, 1_200)
    rest = double.refund(charge.payment_intent)
    assert (part["amount"], rest["amount"]) == (1_200, 3_800)
    assert since(before) == 2 * ["refund.created", "charge.refunded", "refund.updated"]
    whole = stripe.Charge.retrieve(charge.id)
    assert (whole.amount_refunded, whole.refunded) == (5_000, True)
    assert sum(one.amount for one in stripe.Refund.list(charge=charge.id)) == 5_000


def test_never_refunds_more_than_was_captured(double, charge):
    double.refund(charge.id, 4_000)
    with pytest.raises(stripe.InvalidRequestError, match=r"10\.01 USD.* greater than unrefunded amount .*10\.00 USD"):
        stripe.Refund.create(charge=charge.id, amount=1_001)
    with pytest.raises(AssertionError, match="greater than unrefunded"):
        double.refund(charge.id, 1_001)
    assert stripe.Charge.retrieve(charge.id).amount_refunded == 4_000


def test_refuses_to_refund_what_was_never_paid(double, customer, card):
    double.fail_card(customer.id)
    with pytest.raises(stripe.CardError) as refused:
        stripe.PaymentIntent.create(**off_session(customer.id, card.id))
    with pytest.raises(stripe.InvalidRequestError, match="not paid"):
        stripe.Refund.create(payment_intent=refused.value.error.payment_intent["id"])


def test_takes_the_money_back_when_a_refund_fails(double, charge):
    made = double.refund(charge.id)
    before = latest()
    double.fail_refund(made["id"])
    assert since(before) == ["refund.updated", "charge.refund.updated", "refund.failed"]
    failed = stripe.Refund.retrieve(made["id"], expand=["failure_balance_transaction"])
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    returned = failed.failure_balance_transaction
    assert (returned.type, returned.net) == ("refund_failure", 5_000)
    held = stripe.Charge.retrieve(charge.id)
    assert (held.amount_refunded, held.refunded) == (0, False)
    with pytest.raises(AssertionError, match="failed"):
        double.fail_refund(made["id"])
    assert stripe.Refund.create(charge=charge.id).amount == 5_000
