"""The double under test, driven by Stripe's own Python library, with a shop that takes its webhooks."""

import pathlib
import sys

import pytest
import stripe

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from .portal_requests import checkout  # noqa: E402
from stripe_double import StripeDouble, published_schema  # noqa: E402
from webhook_receiver import WebhookReceiver  # noqa: E402


@pytest.fixture(scope="session")
def spec():
    return published_schema()


@pytest.fixture
def stripe_double(tmp_path, spec):
    """Makes doubles, started and checking everything; ends them, and finds that none strayed from Stripe's shapes."""
    made = []

    def make(**options):
        options = {"state": tmp_path / f"stripe-{len(made)}", "spec": spec, **options}
        made.append(StripeDouble(**options))
        return made[-1].start()

    yield make
    strayed = [fault for double in made if double.process for fault in double.own_faults()]
    for double in made:
        double.stop()
    assert strayed == []


@pytest.fixture
def shop():
    receiver = WebhookReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def double(stripe_double, shop, monkeypatch):
    """A double that delivers to `shop`, and Stripe's library pointed at it, without retries."""
    made = stripe_double(webhook_url=shop.url)
    monkeypatch.setattr(stripe, "api_base", made.url)
    monkeypatch.setattr(stripe, "api_key", made.secret_key)
    monkeypatch.setattr(stripe, "max_network_retries", 0)
    return made


@pytest.fixture
def customer(double):
    return stripe.Customer.create(name="Ada", email="ada@example.com")


@pytest.fixture
def card(customer):
    """A good card that the customer left."""
    return stripe.PaymentMethod.attach("pm_card_visa", customer=customer.id)


@pytest.fixture
def session(double, customer):
    """An open Checkout Session over 123.45 dollars."""
    return stripe.checkout.Session.create(**checkout(customer.id))
