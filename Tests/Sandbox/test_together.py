"""Many callers at once."""

from concurrent.futures import ThreadPoolExecutor

import requests
import stripe


def test_takes_money_once_from_many_presses(double, session):
    def press(_):
        return requests.post(f"{session.url}/pay", allow_redirects=False, timeout=30).status_code

    with ThreadPoolExecutor(16) as many:
        assert set(many.map(press, range(32))) == {303}
    assert len(stripe.Charge.list().data) == 1
    assert len(stripe.Event.list(type="checkout.session.completed").data) == 1


def test_makes_one_customer_under_one_key(double):
    def create(_):
        return stripe.Customer.create(email="a@example.com", idempotency_key="key-1").id

    with ThreadPoolExecutor(16) as many:
        assert len(set(many.map(create, range(32)))) == 1
    assert len(stripe.Customer.list().data) == 1


def test_answers_many_calls_on_one_connection(double):
    with requests.Session() as connection:
        connection.auth = (double.secret_key, "")
        connection.headers["Stripe-Version"] = "2026-08-26.dahlia"
        for number in range(50):
            given = connection.post(f"{double.url}/v1/customers", data={"email": f"{number}@example.com"}, timeout=5)
            assert given.status_code == 200
            assert connection.get(f"{double.url}/v1/nothing", timeout=5).status_code == 404
            assert connection.post(f"{double.url}/c/pay/none", data={"left": "over"}, timeout=5).status_code == 404
    assert len(stripe.Customer.list(limit=100).data) == 50
