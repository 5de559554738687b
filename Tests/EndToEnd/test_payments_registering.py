"""Signing up with a customer and a card at the provider, whatever state the provider is in."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from stack import wait_until

NEWCOMER = {"name": "Ada Lovelace", "email": "ada@example.com"}


def register(stack, **more):
    return stack.post("/auth/register", NEWCOMER | more)


def people(stack):
    return stack.sql("SELECT count(*) AS n FROM person")[0]["n"]


def customers(stack):
    return stack.stripe.get("/v1/customers?limit=100")["data"]


def customer_of(stack, email="ada@example.com"):
    return stack.sql("SELECT a.stripe_customer_id AS id FROM account a JOIN member m ON m.account_id = a.id "
                     f"JOIN person p ON p.id = m.person_id WHERE p.email = '{email}'")[0]["id"]


def is_idle(stack):
    return stack.sql("SELECT count(*) AS n FROM outbox WHERE kind <> 'mail'") == [{"n": 0}]


def test_a_newcomer_becomes_a_customer(payments):
    answer = register(payments)
    body = answer.json
    assert (answer.status, body["stripe_customer_created"], body["stripe_subscription_created"]) == (201, True, False)
    (customer,) = customers(payments)
    assert (customer["id"], customer["name"], customer["email"]) == (
        body["user"]["stripe_customer_id"], "Ada Lovelace", "ada@example.com")
    assert payments.get("/auth/user", key=body["user"]["api_key"]).json["stripe_customer_id"] == customer["id"]


def test_with_a_card_the_customer_is_subscribed_to_the_metered_price(payments):
    payments.shell("stripe", "setup")
    (price,) = payments.stripe.get("/v1/prices")["data"]
    body = register(payments, payment_method_id="pm_card_visa").json
    assert (body["stripe_customer_created"], body["stripe_subscription_created"]) == (True, True)
    (customer,) = customers(payments)
    assert customer["invoice_settings"]["default_payment_method"]
    (subscription,) = payments.stripe.get("/v1/subscriptions")["data"]
    assert (subscription["id"], subscription["customer"]) == (body["user"]["stripe_subscription_id"], customer["id"])
    assert [item["price"]["id"] for item in subscription["items"]["data"]] == [price["id"]]


def test_before_set_up_a_card_is_kept_and_nothing_subscribed(payments):
    body = register(payments, payment_method_id="pm_card_visa").json
    assert (body["stripe_customer_created"], body["stripe_subscription_created"]) == (True, False)
    wait_until(lambda: is_idle(payments), what="the card to be fetched")
    assert payments.sql("SELECT brand, last4 FROM payment_method") == [{"brand": "visa", "last4": "4242"}]
    assert payments.stripe.get("/v1/subscriptions")["data"] == []


@pytest.mark.parametrize("card", ["pm_card_chargeDeclined", "pm_card_chargeDeclinedInsufficientFunds", "pm_nobody_has"])
def test_a_card_that_cannot_be_attached_leaves_no_user_and_no_customer(payments, card):
    answer = register(payments, payment_method_id=card)
    assert (answer.status, answer.json["code"]) == (400, "card_refused")
    assert (people(payments), customers(payments)) == (0, [])
    assert register(payments, payment_method_id="pm_card_visa").status == 201


def test_a_taken_address_never_reaches_the_provider(payments):
    assert register(payments).status == 201
    payments.stripe.forget()
    assert register(payments, payment_method_id="pm_card_visa").status == 409
    assert payments.stripe.journal() == []


def test_of_many_who_take_the_same_address_at_once_one_gets_it_and_one_customer_is_left(payments):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: register(payments), range(6)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 5
    assert [customer["id"] for customer in customers(payments)] == [customer_of(payments)]


def test_who_wants_no_customer_gets_none(payments):
    body = register(payments, create_stripe_account=False, payment_method_id="pm_card_visa").json
    assert (body["user"]["stripe_customer_id"], body["stripe_customer_created"]) == (None, False)
    assert (payments.stripe.journal("/v1/customers"), is_idle(payments)) == ([], True)


@pytest.mark.parametrize("kind, times, delay", [
    ("500", 2, None), ("429", 2, None), ("409", 2, None), ("close", 4, None), ("garbage", 1, None), ("hang", 2, 60),
    ("500_after_commit", 1, None), ("timeout_after_commit", 2, 60)])
def test_with_the_provider_in_trouble_the_account_is_made_and_linked_later_once(payments, kind, times, delay):
    payments.stripe.fault("/v1/customers", kind, times=times, delay=delay)
    began = time.monotonic()
    answer = register(payments, payment_method_id="pm_card_visa")
    assert answer.status == 201, answer
    # Well within what nginx waits for.
    assert time.monotonic() - began < 14
    assert (answer.json["stripe_customer_created"], answer.json["user"]["stripe_customer_id"]) == (False, None)
    payments.stripe.clear_faults()
    wait_until(lambda: customer_of(payments), 40, "the link")
    wait_until(lambda: is_idle(payments), 15, "the outbox")
    (customer,) = customers(payments)
    assert (customer["id"], customer["email"]) == (customer_of(payments), "ada@example.com")
    assert customer["invoice_settings"]["default_payment_method"]


def test_a_lost_answer_is_asked_for_again_under_the_same_key(payments):
    payments.stripe.fault("/v1/customers", "timeout_after_commit", times=1, delay=60)
    answer = register(payments)
    assert answer.json["stripe_customer_created"]
    keys = {call["idempotency_key"] for call in payments.stripe.journal("/v1/customers")}
    assert (len(keys), len(customers(payments))) == (1, 1)


def test_a_slow_provider_is_waited_for(payments):
    payments.stripe.fault("/v1/customers", "slow", delay=1.5)
    assert register(payments).json["stripe_customer_created"]


def test_a_card_declined_later_links_without_it(payments):
    payments.stripe.fault("/v1/customers", "500", times=2)
    assert register(payments, payment_method_id="pm_card_chargeDeclined").status == 201
    wait_until(lambda: customer_of(payments), 20, "the link")
    (customer,) = customers(payments)
    assert customer["invoice_settings"]["default_payment_method"] is None


def test_a_subscription_that_failed_is_made_later_once(payments):
    payments.shell("stripe", "setup")
    payments.stripe.fault("/v1/subscriptions", "timeout_after_commit", times=2, delay=60)
    body = register(payments, payment_method_id="pm_card_visa").json
    assert (body["stripe_customer_created"], body["stripe_subscription_created"]) == (True, False)
    payments.stripe.clear_faults()
    wait_until(lambda: is_idle(payments), 20, "the outbox")
    (subscription,) = payments.stripe.get("/v1/subscriptions")["data"]
    assert payments.sql("SELECT stripe_subscription_id AS id FROM account") == [{"id": subscription["id"]}]


def test_with_the_provider_gone_accounts_are_made_at_once_after_a_while_and_linked_when_it_is_back(payments):
    payments.stripe.stop()
    for number in range(8):
        assert payments.post("/auth/register", {"name": "Ada", "email": f"a{number}@example.com"}).status == 201
    assert payments.sql("SELECT count(stripe_customer_id) AS n FROM account") == [{"n": 0}]
    payments.stripe.start()
    wait_until(lambda: is_idle(payments), 60, "the outbox")
    linked = {row["id"] for row in payments.sql("SELECT stripe_customer_id AS id FROM account")}
    assert {customer["id"] for customer in customers(payments)} == linked and len(linked) == 8


def test_an_account_made_without_a_provider_is_linked_once_there_is_one(payments):
    payments.stop_purser()
    off = payments.settings["PAYMENTS"]
    payments.settings["PAYMENTS"] = "off"
    payments.start_purser()
    assert register(payments).json["user"]["stripe_customer_id"] is None
    payments.stop_purser()
    payments.settings["PAYMENTS"] = off
    payments.start_purser()
    wait_until(lambda: customer_of(payments), 15, "the link")
    assert len(customers(payments)) == 1
