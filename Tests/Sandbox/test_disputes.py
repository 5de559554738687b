"""Disputes, from the cardholder's call to the bank's word."""

import pytest
import stripe

from .happened import latest, since
from .portal_requests import off_session


@pytest.fixture
def charge(customer, card):
    """The id of a paid charge of 50 dollars."""
    return stripe.PaymentIntent.create(**off_session(customer.id, card.id)).latest_charge


def moved(dispute):
    """What a dispute did to the balance: (category, amount, fee), oldest first."""
    return [(entry.reporting_category, entry.amount, entry.fee)
            for entry in stripe.Dispute.retrieve(dispute["id"]).balance_transactions]


def test_withdraws_the_amount_and_a_fee(double, charge):
    before = latest()
    dispute = double.dispute(charge, reason="product_not_received")
    assert (dispute["status"], dispute["amount"]) == ("needs_response", 5_000)
    assert since(before) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert moved(dispute) == [("dispute", -5_000, 1_500)]
    assert [one.id for one in stripe.Dispute.list(charge=charge)] == [dispute["id"]]
    assert stripe.Charge.retrieve(charge).disputed
    with pytest.raises(AssertionError, match="cannot be disputed"):
        double.dispute(charge)


def test_disputes_what_is_not_refunded_or_less(double, customer, card, charge):
    double.refund(charge, 1_000)
    assert double.dispute(charge)["amount"] == 4_000
    other = stripe.PaymentIntent.create(**off_session(customer.id, card.id)).id
    assert double.dispute(other, amount=700)["amount"] == 700


def test_gives_the_amount_back_when_it_is_won(double, charge):
    dispute, before = double.dispute(charge), latest()
    stripe.Dispute.modify(dispute["id"], evidence={"product_description": "Shots"}, submit=True)
    assert stripe.Dispute.retrieve(dispute["id"]).status == "under_review"
    double.close_dispute(dispute["id"], "won")
    assert since(before) == ["charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"]
    assert stripe.Dispute.retrieve(dispute["id"]).status == "won"
    assert moved(dispute) == [("dispute", -5_000, 1_500), ("dispute_reversal", 5_000, 0)]


def test_gives_the_fee_back_where_that_is_the_custom(double, charge):
    double.set_fees(dispute=2_000, dispute_returned=True)
    dispute = double.dispute(charge)
    double.answer_dispute(dispute["id"])
    double.close_dispute(dispute["id"], "won")
    assert moved(dispute) == [("dispute", -5_000, 2_000), ("dispute_reversal", 5_000, -2_000)]


@pytest.mark.parametrize("who", ["the bank", "the shop"])
def test_keeps_the_amount_when_it_is_lost(double, charge, who):
    dispute, before = double.dispute(charge), latest()
    if who == "the bank":
        double.close_dispute(dispute["id"], "lost")
    else:
        stripe.Dispute.close(dispute["id"])
    assert since(before) == ["charge.dispute.closed"]
    assert stripe.Dispute.retrieve(dispute["id"]).status == "lost"
    assert moved(dispute) == [("dispute", -5_000, 1_500)]
    for outcome in ("won", "lost"):
        with pytest.raises(AssertionError, match="already closed"):
            double.close_dispute(dispute["id"], outcome)


def test_moves_nothing_while_the_bank_only_asks(double, charge):
    before = latest()
    inquiry = double.dispute(charge, inquiry=True)
    assert (inquiry["status"], inquiry["is_charge_refundable"]) == ("warning_needs_response", True)
    assert double.answer_dispute(inquiry["id"])["status"] == "warning_under_review"
    with pytest.raises(AssertionError, match="warning_closed"):
        double.close_dispute(inquiry["id"], "won")
    double.close_dispute(inquiry["id"], "warning_closed")
    assert since(before) == ["charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"]
    assert moved(inquiry) == []
    assert stripe.Refund.create(charge=charge).amount == 5_000


def test_withdraws_when_an_inquiry_becomes_a_dispute(double, charge):
    inquiry, before = double.dispute(charge, inquiry=True), latest()
    assert double.escalate_dispute(inquiry["id"])["status"] == "needs_response"
    assert since(before) == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]
    assert moved(inquiry) == [("dispute", -5_000, 1_500)]
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        stripe.Refund.create(charge=charge)
    with pytest.raises(AssertionError, match="needs_response"):
        double.escalate_dispute(inquiry["id"])
