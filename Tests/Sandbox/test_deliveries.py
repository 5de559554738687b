"""Webhooks as the shop receives them."""

import json
import time

import pytest
import stripe

from stripe_double import WEBHOOK_SECRET


def types(received):
    return [json.loads(one.body)["type"] for one in received]


def test_signs_as_stripe_does(double, shop, session):
    double.pay(session.id)
    # customer, product, price; then intent, charge, intent and session.
    for received in shop.wait(7):
        event = stripe.Webhook.construct_event(received.body, received.headers["Stripe-Signature"], WEBHOOK_SECRET)
        assert (event.livemode, event.api_version) == (False, "2026-08-26.dahlia")
        assert received.headers["Content-Type"].startswith("application/json")
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(received.body, received.headers["Stripe-Signature"], "whsec_other")
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(received.body + b" ", received.headers["Stripe-Signature"], WEBHOOK_SECRET)
    assert types(shop.received)[3:] == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
                                        "checkout.session.completed"]


def test_signs_with_every_secret_while_one_replaces_another(stripe_double, shop):
    double = stripe_double(webhook_url=shop.url, webhook_secret="whsec_old,whsec_new")
    stripe.StripeClient(double.secret_key, base_addresses={"api": double.url}).v1.customers.create()
    received, = shop.wait(1)
    for secret in ("whsec_old", "whsec_new"):
        stripe.Webhook.construct_event(received.body, received.headers["Stripe-Signature"], secret)


def test_retries_until_it_is_acknowledged(double, shop):
    shop.answers = [500, 302]
    customer = stripe.Customer.create(email="a@example.com")
    event = stripe.Event.list().data[0]
    first, second, third = shop.wait(3)
    assert {json.loads(one.body)["id"] for one in (first, second, third)} == {event.id}
    assert json.loads(third.body)["data"]["object"]["id"] == customer.id
    attempts = double.deliveries(settle=5)
    assert [(entry["attempt"], entry["status"]) for entry in attempts] == [(1, 500), (2, 302), (3, 200)]
    assert stripe.Event.retrieve(event.id).pending_webhooks == 0


def test_gives_up_after_the_last_retry_and_lists_what_was_lost(stripe_double, shop, monkeypatch):
    double = stripe_double(webhook_url=shop.url, retry_delays="0.05")
    client = stripe.StripeClient(double.secret_key, base_addresses={"api": double.url})
    client.v1.customers.create({"email": "kept@example.com"})
    double.deliveries(settle=5)
    kept = client.v1.events.list().data[0]
    shop.status = 503
    client.v1.customers.create({"email": "lost@example.com"})
    assert [entry["status"] for entry in double.deliveries(settle=5)] == [200, 503, 503]
    lost = client.v1.events.list({"delivery_success": False, "ending_before": kept.id})
    assert [event.data.object["email"] for event in lost] == ["lost@example.com"]
    assert [event.id for event in client.v1.events.list({"delivery_success": True})] == [kept.id]
    shop.status = 200
    double.resend(lost.data[0].id)
    double.deliveries(settle=5)
    assert client.v1.events.list({"delivery_success": False}).data == []


def test_goes_on_when_nobody_listens(stripe_double):
    double = stripe_double(webhook_url="http://127.0.0.1:9/", retry_delays="0.01")
    stripe.StripeClient(double.secret_key, base_addresses={"api": double.url}).v1.customers.create()
    attempts = double.deliveries(settle=5)
    assert [entry["status"] for entry in attempts] == [None, None]
    assert "refused" in attempts[0]["error"]


@pytest.mark.parametrize("order", ["created", "reverse", "shuffle"])
def test_holds_back_and_lets_go_in_any_order(double, shop, session, order):
    double.deliveries(settle=5)
    before = len(shop.received)
    double.hold()
    double.pay(session.id)
    assert len(shop.received) == before
    double.release(order)
    double.deliveries(settle=5)
    came = types(shop.received[before:])
    made = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
    assert sorted(came) == sorted(made)
    if order == "created":
        assert came == made
    if order == "reverse":
        assert came == made[::-1]


def test_sends_duplicates_of_one_event(double, shop):
    double.deliver(duplicates=2)
    stripe.Customer.create(email="a@example.com")
    double.deliveries(settle=5)
    assert len({json.loads(one.body)["id"] for one in shop.received}) == 1
    assert len(shop.received) == 3


def test_sends_two_events_for_one_change(double, shop):
    double.deliver(twins=1)
    customer = stripe.Customer.create(email="a@example.com")
    double.deliveries(settle=5)
    bodies = [json.loads(one.body) for one in shop.received]
    assert len({body["id"] for body in bodies}) == 2
    assert {body["data"]["object"]["id"] for body in bodies} == {customer.id}


def test_resends_by_hand_what_was_acknowledged(double, shop):
    stripe.Customer.create(email="a@example.com")
    first, = shop.wait(1)
    event = json.loads(first.body)["id"]
    double.deliveries(settle=5)
    double.resend(event)
    again = shop.wait(2)[1]
    resent = stripe.Webhook.construct_event(again.body, again.headers["Stripe-Signature"], WEBHOOK_SECRET)
    assert resent.id == event
    assert [entry["copy"] for entry in double.deliveries(settle=5)] == [0, "resend"]


def test_delivers_to_an_endpoint_made_over_the_api(stripe_double, shop):
    double = stripe_double()
    client = stripe.StripeClient(double.secret_key, base_addresses={"api": double.url})
    endpoint = client.v1.webhook_endpoints.create({
        "url": shop.url, "enabled_events": ["customer.created"], "api_version": "2025-03-31.basil"})
    client.v1.products.create({"name": "p"})
    client.v1.customers.create({"email": "a@example.com"})
    received, = shop.wait(1)
    event = stripe.Webhook.construct_event(received.body, received.headers["Stripe-Signature"], endpoint.secret)
    assert (event.type, event.api_version) == ("customer.created", "2025-03-31.basil")
    assert len(double.deliveries(settle=5)) == 1
    assert "secret" not in client.v1.webhook_endpoints.list().data[0]


def test_tells_of_a_refund_and_a_dispute(double, shop, session):
    double.pay(session.id)
    double.refund(session.id, 345)
    double.dispute(session.id)
    double.deliveries(settle=5)
    assert {"charge.refunded", "refund.created", "charge.dispute.created"} <= set(types(shop.received))


def test_drops_events_that_only_a_look_at_the_list_finds(double, shop):
    double.drop()
    lost = stripe.Customer.create(email="lost@example.com")
    double.stop_dropping()
    stripe.Customer.create(email="kept@example.com")
    assert [entry["status"] for entry in double.deliveries(settle=5)] == [200]
    missed, = stripe.Event.list(delivery_success=False)
    assert (missed.data.object.id, missed.pending_webhooks) == (lost.id, 1)
    double.resend(missed.id)
    double.deliveries(settle=5)
    assert stripe.Event.list(delivery_success=False).data == []
    assert len(shop.received) == 2


def test_drops_only_the_types_named(double, shop, session):
    double.deliveries(settle=5)
    before = len(shop.received)
    double.drop(["charge.*", "checkout.session.completed"])
    # Whoever waits for the acknowledgement of what is never sent waits in vain, and not for long.
    began = time.monotonic()
    assert not double.pay(session.id, wait=20)["acknowledged"]
    assert time.monotonic() - began < 10
    double.deliveries(settle=5)
    assert types(shop.received[before:]) == ["payment_intent.created", "payment_intent.succeeded"]


def test_lists_what_happened_since_a_moment_and_by_type(double, customer):
    first = stripe.Event.list(limit=1).data[0]
    double.advance(3_600)
    for name in ("a", "b", "c"):
        stripe.Customer.modify(customer.id, name=name)
    stripe.Product.create(name="p")
    changed = ["customer.updated"] * 3
    listed = stripe.Event.list(created={"gte": first.created + 3_600}, types=["customer.updated"])
    assert [event.type for event in listed] == changed
    assert [event.data.object.name for event in listed] == ["c", "b", "a"]
    newer = stripe.Event.list(ending_before=first.id, limit=2)
    assert [event.data.object.name for event in newer] == ["b", "a"] and newer.has_more
    older = stripe.Event.list(starting_after=listed.data[0].id, types=["customer.updated"])
    assert [event.data.object.name for event in older] == ["b", "a"]
    double.advance(31 * 86_400)
    assert stripe.Event.list().data == []
