"""Idempotency keys: the same request gets the same answer, another request is refused."""

import pytest
import stripe

from .portal_requests import checkout, off_session


def test_answers_the_same_request_the_same(double):
    first = stripe.Customer.create(email="a@example.com", idempotency_key="key-1")
    again = stripe.Customer.create(email="a@example.com", idempotency_key="key-1")
    assert first.id == again.id
    assert len(stripe.Customer.list().data) == 1
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert [call["replayed"] for call in double.journal("/v1/customers")][:2] == [False, True]


def test_refuses_another_request_under_the_same_key(double):
    stripe.Customer.create(email="a@example.com", idempotency_key="key-1")
    with pytest.raises(stripe.IdempotencyError, match="same parameters") as refused:
        stripe.Customer.create(email="b@example.com", idempotency_key="key-1")
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        stripe.Product.create(name="p", idempotency_key="key-1")


def test_keeps_a_refusal_as_well(double, customer):
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            stripe.PaymentMethod.attach("pm_card_chargeDeclined", customer=customer.id, idempotency_key="key-1")
    assert double.journal("/v1/payment_methods")[-1]["replayed"]


def test_does_not_keep_what_the_schema_refused(double):
    with pytest.raises(stripe.InvalidRequestError):
        stripe.Customer.create(colour="red", idempotency_key="key-1")
    assert stripe.Customer.create(email="a@example.com", idempotency_key="key-1").id
    assert len(double.violations()) == 1


def test_forgets_a_key_after_a_day(double, customer):
    first = stripe.checkout.Session.create(**checkout(customer.id), idempotency_key="key-1")
    double.advance(86_401)
    again = stripe.checkout.Session.create(**checkout(customer.id), idempotency_key="key-1")
    assert first.id != again.id


def test_goes_through_a_year_in_a_moment(double, customer, card):
    began = double.advance(0)
    for _ in range(12):
        for _ in range(2):
            stripe.PaymentIntent.create(**off_session(customer.id, card.id), idempotency_key="monthly")
        open_session = stripe.checkout.Session.create(**checkout(customer.id))
        double.advance(30 * 86_400)
        assert stripe.checkout.Session.retrieve(open_session.id).status == "expired"
    charges = double.everything("/v1/charges")
    assert [(charge["created"] - began) // 86_400 for charge in charges] == list(range(0, 360, 30))
    assert double.pay_out()["amount"] == 12 * (5_000 - 175)
