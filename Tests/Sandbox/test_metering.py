"""Meters, metered prices and meter events."""

import pytest
import stripe

from .portal_requests import meter, metered_price


@pytest.fixture
def shots(double):
    return stripe.billing.Meter.create(**meter())


def use(customer, value, **more):
    return stripe.billing.MeterEvent.create(
        event_name="quantum_shot", payload={"stripe_customer_id": customer, "value": str(value)}, **more)


def test_has_one_active_meter_for_a_name(shots):
    with pytest.raises(stripe.InvalidRequestError, match="already an active meter"):
        stripe.billing.Meter.create(**meter())
    assert [one.id for one in stripe.billing.Meter.list(status="active")] == [shots.id]
    assert stripe.billing.Meter.retrieve(shots.id).default_aggregation.formula == "sum"


def test_finds_a_price_by_its_lookup_key(shots):
    product = stripe.Product.create(name="Quantum shots")
    price = stripe.Price.create(**metered_price(product.id, shots.id, lookup_key="purser_shot"))
    assert (price.type, price.unit_amount, price.recurring.meter) == ("recurring", 1, shots.id)
    assert [one.id for one in stripe.Price.list(lookup_keys=["purser_shot"])] == [price.id]
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        stripe.Price.create(**metered_price(product.id, shots.id, lookup_key="purser_shot"))


def test_counts_an_identifier_once(double, customer, shots):
    use(customer.id, 500, identifier="use-1")
    use(customer.id, 20, identifier="use-2")
    with pytest.raises(stripe.InvalidRequestError, match="An event already exists with identifier use-1") as refused:
        use(customer.id, 500, identifier="use-1")
    assert (refused.value.http_status, refused.value.code) == (400, None)
    now = double.advance(0) // 60 * 60
    summary = stripe.billing.Meter.list_event_summaries(shots.id, customer=customer.id, start_time=now - 3600,
                                                        end_time=now + 3600)
    assert [one.aggregated_value for one in summary] == [520]
    assert len(double.meter_events()) == 2


def test_takes_an_identifier_again_after_a_day(double, customer, shots):
    use(customer.id, 1, identifier="use-1")
    double.advance(86_401)
    use(customer.id, 1, identifier="use-1")
    assert len(double.meter_events()) == 2


@pytest.mark.parametrize("payload", [{"value": "1"}, {"stripe_customer_id": "cus_1"},
                                     {"stripe_customer_id": "cus_1", "value": "many"}])
def test_refuses_a_payload_it_cannot_count(shots, payload):
    with pytest.raises(stripe.InvalidRequestError):
        stripe.billing.MeterEvent.create(event_name="quantum_shot", payload=payload)


def test_refuses_times_too_far_away(double, customer, shots):
    now = double.advance(0)
    for at, code in ((now - 36 * 86_400, "timestamp_too_far_in_past"), (now + 600, "timestamp_in_future")):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            use(customer.id, 1, timestamp=at)
        assert refused.value.code == code


def test_refuses_an_event_without_a_meter(double, customer):
    with pytest.raises(stripe.InvalidRequestError, match="No active meter"):
        use(customer.id, 1)


def test_accepts_an_unknown_customer_but_does_not_count(double, shots):
    use("cus_nobody", 1)
    assert [event["error"] for event in double.meter_events()] == ["meter_event_customer_not_found"]


def test_subscribes_to_a_metered_price(double, customer, shots):
    product = stripe.Product.create(name="Quantum shots")
    price = stripe.Price.create(**metered_price(product.id, shots.id))
    made = stripe.Subscription.create(customer=customer.id, items=[{"price": price.id}])
    assert made.status == "active"
    assert made["items"].data[0].price.id == price.id
    assert stripe.Invoice.retrieve(made.latest_invoice).status == "paid"
    assert [one.id for one in stripe.Invoice.list(subscription=made.id)] == [made.latest_invoice]
    assert stripe.Subscription.cancel(made.id).status == "canceled"
    assert stripe.Subscription.retrieve(made.id).status == "canceled"
    assert stripe.Subscription.list(customer=customer.id).data == []
    with pytest.raises(stripe.InvalidRequestError, match="Quantity should not"):
        stripe.Subscription.create(customer=customer.id, items=[{"price": price.id, "quantity": 2}])


def test_needs_a_meter_for_a_metered_price(double):
    product = stripe.Product.create(name="Quantum shots")
    with pytest.raises(stripe.InvalidRequestError, match="needs a meter"):
        stripe.Price.create(currency="usd", unit_amount=1, product=product.id,
                            recurring={"interval": "month", "usage_type": "metered"})
