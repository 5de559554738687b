"""Failures on demand, and what a client that retries makes of them."""

import time

import pytest
import requests
import stripe

from .portal_requests import checkout, off_session


def test_fails_as_often_as_asked_and_then_works(double):
    double.fault("/v1/customers", "500", times=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as refused:
            stripe.Customer.create(email="a@example.com")
        assert refused.value.http_status == 500
    assert stripe.Customer.create(email="a@example.com").id
    assert len(stripe.Customer.list().data) == 1


def test_lets_other_paths_and_the_first_calls_pass(double):
    double.fault("/v1/products", "500", method="POST", skip=1)
    assert stripe.Customer.create(email="a@example.com").id
    assert stripe.Product.list().data == []
    assert stripe.Product.create(name="first").id
    with pytest.raises(stripe.APIError):
        stripe.Product.create(name="second")


@pytest.mark.parametrize("kind, error, status", [("429", stripe.RateLimitError, 429), ("402", stripe.CardError, 402),
                                                 ("409", stripe.APIError, 409)])
def test_refuses_in_stripes_words(double, kind, error, status):
    double.fault("/v1/customers", kind)
    with pytest.raises(stripe.StripeError) as refused:
        stripe.Customer.create(email="a@example.com")
    assert refused.value.http_status == status
    if status != 409:
        assert isinstance(refused.value, error)


def test_closes_the_connection_without_an_answer(double):
    double.fault("/v1/customers", "close")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{double.url}/v1/customers", auth=(double.secret_key, ""), timeout=5)


def test_hangs_until_the_client_gives_up(double):
    double.fault("/v1/customers", "hang", delay=30)
    with pytest.raises(requests.Timeout):
        requests.get(f"{double.url}/v1/customers", auth=(double.secret_key, ""), timeout=0.3)
    # Others are served meanwhile.
    assert stripe.Product.list().data == []


def test_answers_garbage(double):
    double.fault("/v1/customers", "garbage")
    with pytest.raises(stripe.APIError, match="Invalid response body"):
        stripe.Customer.list()


def test_answers_late(double):
    double.fault("/v1/customers", "slow", delay=0.3)
    began = time.monotonic()
    assert stripe.Customer.list().data == []
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("kind", ["timeout_after_commit", "close"])
def test_a_retry_with_the_same_key_makes_one_session(double, customer, monkeypatch, kind):
    monkeypatch.setattr(stripe, "max_network_retries", 2)
    double.fault("/v1/checkout", kind, delay=0.1)
    session = stripe.checkout.Session.create(**checkout(customer.id))
    assert [one.id for one in stripe.checkout.Session.list()] == [session.id]
    calls = double.journal("/v1/checkout")
    assert calls[0]["idempotency_key"] == calls[1]["idempotency_key"]
    assert calls[1]["replayed"] == (kind == "timeout_after_commit")


def test_keeps_a_failure_that_came_after_the_work(double):
    double.fault("/v1/customers", "500_after_commit")
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            stripe.Customer.create(email="a@example.com", idempotency_key="key-1")
    assert len(stripe.Customer.list().data) == 1


PATHS = [("POST", "/v1/payment_intents"), ("POST", "/v1/payment_intents/pi_1/confirm"), ("POST", "/v1/refunds"),
         ("POST", "/v1/disputes/du_1"), ("GET", "/v1/balance_transactions"), ("GET", "/v1/events"),
         ("GET", "/v1/setup_intents/seti_1"), ("DELETE", "/v1/customers/cus_1")]


@pytest.mark.parametrize("method, path", PATHS)
def test_fails_on_any_path(double, method, path):
    def ask():
        return requests.request(method, double.url + path, timeout=5, auth=(double.secret_key, ""))

    for kind, status in (("500", 500), ("429", 429), ("garbage", 200)):
        double.fault("/v1", kind, delay=7)
        given = ask()
        assert given.status_code == status
        assert given.headers.get("Retry-After") == ("7" if kind == "429" else None)
        assert given.headers.get("Stripe-Should-Retry") == ("true" if kind == "500" else None)
    for kind in ("close", "timeout_after_commit"):
        double.fault("/v1", kind, delay=0.05)
        with pytest.raises(requests.ConnectionError):
            ask()
    double.fault("/v1", "slow", delay=0.2)
    began = time.monotonic()
    ask()
    assert time.monotonic() - began >= 0.2


def test_charges_once_though_the_answer_was_lost(double, customer, card):
    double.fault("/v1/payment_intents", "timeout_after_commit", delay=0.1)
    asked = off_session(customer.id, card.id, idempotency_key="invoice-7")
    with pytest.raises(stripe.APIConnectionError):
        stripe.PaymentIntent.create(**asked)
    assert stripe.PaymentIntent.create(**asked).status == "succeeded"
    assert len(stripe.Charge.list(customer=customer.id).data) == 1
    # After a day the key is forgotten: whoever repeats the call then pays twice, and must look first.
    double.advance(86_401)
    stripe.PaymentIntent.create(**asked)
    assert len(stripe.Charge.list(customer=customer.id).data) == 2


def test_forgets_faults(double):
    double.fault("/v1", "500", times=9)
    double.clear_faults()
    assert stripe.Customer.list().data == []
