"""One house for the suite's questions; a house of its own for tests that break things."""

import itertools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from stack import Stack, free_port  # noqa: E402
from stripe_double import StripeDouble, published_schema  # noqa: E402


@pytest.fixture(scope="session")
def spec():
    return published_schema()


@pytest.fixture
def make_stack():
    """Makes houses, started; ends them."""
    made = []

    def make(**options):
        made.append(Stack(**options))
        return made[-1].start()

    yield make
    for stack in made:
        stack.stop()


@pytest.fixture(scope="module")
def stack():
    with Stack(DEV_MODE="on") as made:
        yield made


@pytest.fixture
def payments(tmp_path, spec):
    """A house with the Stripe double beside it, which checks every request against Stripe's schema."""
    port = free_port()
    double = StripeDouble(state=tmp_path / "stripe", spec=spec, webhook_url=f"http://127.0.0.1:{port}/webhooks/stripe")
    with double, Stack(stripe=double, port=port) as made:
        made.stripe = double
        yield made
        violations = double.violations()
    assert violations == []


numbers = itertools.count(1)


@pytest.fixture
def user(stack):
    """A fresh account on the free plan, with `api_key`."""
    return stack.register(email=f"person{next(numbers)}@example.com")


def pytest_configure(config):
    config.addinivalue_line("markers", "writes: this test means to write (see nothing_stored in test_bad_input.py)")
