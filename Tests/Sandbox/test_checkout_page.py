"""The Checkout page, by hand: forms posted as a browser would, redirects looked at rather than followed."""

import re

import pytest
import requests
import stripe

from .portal_requests import checkout


def press(session, way):
    return requests.post(f"{session.url}/{way}", allow_redirects=False, timeout=20)


def test_shows_who_pays_what_and_that_it_is_a_sandbox(session):
    page = requests.get(session.url, timeout=5)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    for words in ("SANDBOX", "Ada", "ada@example.com", "BioQL Quantum Computing Usage", "123.45 USD"):
        assert words in page.text
    assert re.findall(r'action="[^"]*/(\w+)"', page.text) == ["pay", "decline", "cancel"]
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_pays(double, shop, session):
    given = press(session, "pay")
    assert given.status_code == 303
    assert given.headers["Location"] == "http://127.0.0.1:9/done?payment=success"
    # The page has waited for the shop.
    assert b"checkout.session.completed" in b"".join(received.body for received in shop.received)
    paid = stripe.checkout.Session.retrieve(session.id)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    intent = stripe.PaymentIntent.retrieve(paid.payment_intent)
    assert (intent.status, intent.amount_received, intent.customer) == ("succeeded", 12_345, paid.customer)
    types = {event.type for event in stripe.Event.list(limit=100)}
    assert {"checkout.session.completed", "payment_intent.succeeded", "charge.succeeded"} <= types


def test_puts_the_session_into_the_address_of_success(double, customer):
    address = "http://127.0.0.1:9/done?id={CHECKOUT_SESSION_ID}"
    session = stripe.checkout.Session.create(**checkout(customer.id, success_url=address))
    assert press(session, "pay").headers["Location"] == f"http://127.0.0.1:9/done?id={session.id}"


def test_declines_and_stays_payable(double, session):
    page = requests.post(f"{session.url}/decline", timeout=5)
    assert "Your card was declined." in page.text and "card_declined" in page.text
    tried = stripe.checkout.Session.retrieve(session.id, expand=["payment_intent"])
    assert (tried.status, tried.payment_status) == ("open", "unpaid")
    assert tried.payment_intent.status == "requires_payment_method"
    assert tried.payment_intent.last_payment_error.code == "card_declined"
    assert len(stripe.Event.list(type="payment_intent.payment_failed").data) == 1
    assert press(session, "pay").status_code == 303
    paid = stripe.checkout.Session.retrieve(session.id)
    assert paid.payment_status == "paid"
    assert paid.payment_intent == tried.payment_intent.id


def test_cancels_without_closing_the_session(session):
    assert press(session, "cancel").headers["Location"] == "http://127.0.0.1:9/done?payment=cancel"
    assert stripe.checkout.Session.retrieve(session.id).status == "open"


def test_takes_money_once(double, session):
    press(session, "pay")
    again = requests.post(f"{session.url}/pay", timeout=5)
    assert "already paid" in again.text and "<form" not in again.text
    assert requests.post(f"{session.url}/decline", timeout=5).status_code == 200
    assert len(stripe.Charge.list().data) == 1
    assert len(stripe.Event.list(type="checkout.session.completed").data) == 1


@pytest.mark.parametrize("arrived, status, event", [(True, "paid", "checkout.session.async_payment_succeeded"),
                                                    (False, "unpaid", "checkout.session.async_payment_failed")])
def test_completes_unpaid_when_the_money_comes_later(double, session, arrived, status, event):
    double.pay_later(session.id)
    waiting = stripe.checkout.Session.retrieve(session.id)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert stripe.PaymentIntent.retrieve(waiting.payment_intent).status == "processing"
    double.settle(session.id, arrived)
    assert stripe.checkout.Session.retrieve(session.id).payment_status == status
    assert len(stripe.Event.list(type=event).data) == 1
    with pytest.raises(AssertionError):
        double.settle(session.id, arrived)


def test_says_when_a_session_has_expired(double, session):
    stripe.checkout.Session.expire(session.id)
    page = requests.post(f"{session.url}/pay", timeout=5)
    assert "has expired" in page.text and "<form" not in page.text
    assert stripe.checkout.Session.retrieve(session.id).payment_status == "unpaid"
    with pytest.raises(stripe.InvalidRequestError):
        stripe.checkout.Session.expire(session.id)


def test_expires_by_itself_after_a_day(double, session):
    double.advance(86_401)
    assert stripe.checkout.Session.retrieve(session.id).status == "expired"
    assert len(stripe.Event.list(type="checkout.session.expired").data) == 1


def test_escapes_everything(double):
    evil = "<script>alert(1)</script>\"'&"
    customer = stripe.Customer.create(name=evil, email=evil)
    asked = checkout(customer.id, cancel_url='http://127.0.0.1:9/"><script>')
    asked["line_items"][0]["price_data"]["product_data"]["name"] = evil
    session = stripe.checkout.Session.create(**asked)
    for page in (requests.get(session.url, timeout=5), requests.get(f"{double.url}/c/pay/<script>", timeout=5)):
        assert "<script" not in page.text
    stripe.checkout.Session.expire(session.id)
    assert "<script" not in requests.get(session.url, timeout=5).text


def test_knows_no_other_pages(double, session):
    assert requests.get(f"{double.url}/c/pay/cs_test_none", timeout=5).status_code == 404
    assert press(session, "steal").status_code == 404
    assert requests.get(f"{double.url}/nothing", timeout=5).status_code == 404
    named = requests.get(session.url, headers={"Host": "stripe.example"}, timeout=5)
    assert named.status_code == 421
    foreign = requests.post(f"{double.url}/_sandbox/checkout/{session.id}/pay",
                            headers={"Origin": "http://evil.example"}, timeout=5)
    assert foreign.status_code == 403


def test_shows_the_portal(double, customer):
    opened = stripe.billing_portal.Session.create(customer=customer.id, return_url="http://127.0.0.1:9/back")
    page = requests.get(opened.url, timeout=5)
    assert "SANDBOX" in page.text and "Ada" in page.text and "http://127.0.0.1:9/back" in page.text
