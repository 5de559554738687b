"""Pages at the provider, its customer portal, and the cards that an account keeps there."""

import urllib.request

import pytest
from people import Browser, owner
from stack import wait_until

CARDS = "/api/v1/billing/payment-methods"


@pytest.fixture
def olga(payments):
    return owner(payments, "olga@example.com")


def cards(browser):
    answer = browser.get(CARDS)
    assert answer.status == 200, answer
    return answer.json


def add(browser, card="pm_card_visa"):
    answer = browser.post(CARDS, {"payment_method_id": card})
    assert answer.status == 200, answer
    return answer.json["payment_method"]


def customer(browser):
    return browser.stack.sql(f"SELECT stripe_customer_id id FROM account WHERE id = {browser.account}")[0]["id"]


def checkout(browser, **what):
    return browser.post("/api/v1/billing/checkout", what)


def last_form(stack):
    return [call for call in stack.stripe.journal("/v1/checkout/sessions") if call["method"] == "POST"][-1]["params"]


# ---- cards

def test_a_card_is_kept_listed_preferred_and_removed(payments, olga):
    assert cards(olga) == []
    first = add(olga)
    assert (first["type"], first["is_default"], first["card"]["last4"]) == ("card", True, "4242")
    assert first["card"] == {name: first[name] for name in ("brand", "last4", "exp_month", "exp_year")}
    second = add(olga, "pm_card_mastercard")
    assert [card["id"] for card in cards(olga)] == [first["id"], second["id"]]
    answer = olga.post(f"{CARDS}/{second['id']}/default")
    assert [(card["id"], card["is_default"]) for card in answer.json] == [(second["id"], True), (first["id"], False)]
    assert payments.stripe.get(f"/v1/customers/{customer(olga)}")["invoice_settings"]["default_payment_method"] == second["id"]
    assert olga.delete(f"{CARDS}/{second['id']}").json == {"deleted": True}
    assert [(card["id"], card["is_default"]) for card in cards(olga)] == [(first["id"], True)]
    assert olga.delete(f"{CARDS}/{second['id']}").status == 404
    assert payments.stripe.get(f"/v1/payment_methods/{second['id']}")["customer"] is None


def test_another_accounts_card_is_not_found(payments, olga):
    card = add(olga)
    stranger = owner(payments, "stranger@example.com")
    for answer in (stranger.delete(f"{CARDS}/{card['id']}"), stranger.post(f"{CARDS}/{card['id']}/default")):
        assert answer.status == 404
    assert len(cards(olga)) == 1


def test_a_refused_card_is_400_and_kept_nowhere(payments, olga):
    answer = olga.post(CARDS, {"payment_method_id": "pm_card_chargeDeclined"})
    assert (answer.status, answer.json["code"]) == (400, "card_refused")
    assert olga.post(CARDS, {"payment_method_id": "pm_nobody"}).status == 400
    assert cards(olga) == []


def test_a_card_can_be_typed_on_a_page_of_the_provider(payments, olga):
    answer = olga.post(CARDS)
    assert answer.json["payment_method"] is None and answer.json["url"]
    payments.stripe.pay(answer.json["session_id"], wait=10)
    (card,) = wait_until(lambda: cards(olga), what="the card")
    assert card["is_default"]
    assert payments.sql("SELECT purpose, status, amount FROM checkout") == [{"purpose": "card", "status": "paid", "amount": 0}]


def test_the_card_given_at_sign_up_is_known(payments):
    visa = payments.register("ada@example.com", payment_method_id="pm_card_visa")
    ada = owner_of(payments, visa)
    (card,) = wait_until(lambda: cards(ada), what="the card")
    assert card["last4"] == "4242"


def owner_of(stack, user):
    browser = Browser(stack).sign_in(user["email"], api_key=user["api_key"])
    browser.user, browser.account = user, browser.get("/api/v1/account").json["id"]
    return browser


def test_cards_follow_what_happens_at_the_provider(payments, olga):
    card = add(olga)
    payments.stripe.replace_card(card["id"], last4="0005", exp_year=2041)
    wait_until(lambda: cards(olga)[0]["last4"] == "0005", what="the new number")
    request = urllib.request.Request(f"{payments.stripe.url}/v1/payment_methods/{card['id']}/detach", data=b"",
                                     headers={"Authorization": f"Bearer {payments.stripe.secret_key}",
                                              "Stripe-Version": "2026-08-26.dahlia"})
    urllib.request.urlopen(request).read()
    wait_until(lambda: cards(olga) == [], what="the card's end")


def test_without_a_provider_there_are_no_cards_and_nothing_to_open(stack):
    browser = owner(stack, "cardless@example.com")
    assert cards(browser) == []
    for answer in (browser.post(CARDS), checkout(browser, setup=True), checkout(browser, amount=5),
                   browser.post("/api/v1/billing/portal")):
        assert (answer.status, answer.json["code"]) == (503, "payments_not_configured")


# ---- the portal

def test_the_portal_opens_for_an_account_that_was_no_customer_yet(payments):
    user = payments.register("late@example.com", create_stripe_account=False)
    browser = owner_of(payments, user)
    assert customer(browser) is None
    assert browser.post("/api-v2/dashboard/billing/portal").json["code"] == "no_customer"
    assert browser.post("/api/v1/billing/portal").json["url"].startswith(payments.stripe.url)
    made = [found["id"] for found in payments.stripe.get("/v1/customers")["data"] if found["email"] == "late@example.com"]
    assert made == [customer(browser)]


# ---- pages

def test_a_page_for_an_amount_becomes_credit_once_paid(payments, olga):
    answer = checkout(olga, amount=12.5)
    assert set(answer.json) == {"url", "session_id"}
    payments.stripe.deliver(duplicates=1, twins=1)
    payments.stripe.pay(answer.json["session_id"], wait=10)
    credit = "SELECT sum(credits - debits) AS cents FROM ledger_balance WHERE side = 'credit'"
    wait_until(lambda: payments.sql(credit) == [{"cents": 1000 + 1250}], what="the credit")
    assert payments.findings() == []


def test_a_page_is_for_one_thing(payments, olga):
    payments.stripe.forget()
    for what in ({}, {"setup": False}, {"amount": 5, "setup": True}, {"plan": "pro", "tier": "pro"}, {"amount": 0},
                 {"amount": -1}, {"amount": 0.001}, {"amount": 1000000}):
        assert checkout(olga, **what).status == 400, what
    assert checkout(olga, invoice="INV-000099").status == 404
    assert checkout(olga, plan="no-such-plan").status == 404
    assert [call for call in payments.stripe.journal("/v1/checkout")] == []


def test_a_repeat_with_the_same_key_is_the_same_page(payments, olga):
    ask = lambda amount: olga.ask("POST", "/api/v1/billing/checkout", {"amount": amount}, **{"Idempotency-Key": "once"})
    first = ask(5)
    assert ask(5).json == first.json
    assert ask(6).status == 422
    assert len(payments.stripe.get("/v1/checkout/sessions")["data"]) == 1


def test_the_card_of_a_page_for_a_card_is_kept_for_later(payments, olga):
    assert checkout(olga, setup=True).status == 200
    form = last_form(payments)
    assert (form["mode"], form["customer"], form["metadata"]["purser_purpose"]) == ("setup", customer(olga), "card")


@pytest.mark.parametrize("kind", ["500", "429", "garbage", "close", "hang"])
def test_a_provider_in_trouble_is_503_with_retry_after(payments, olga, kind):
    for path, ask in (("/v1/checkout", lambda: checkout(olga, amount=5)),
                      ("/v1/billing_portal", lambda: olga.post("/api/v1/billing/portal")),
                      ("/v1/payment_methods", lambda: olga.post(CARDS, {"payment_method_id": "pm_card_visa"}))):
        payments.stripe.fault(path, kind, times=4, delay=20)
        answer = ask()
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0, (path, answer)
        payments.stripe.clear_faults()
    wait_until(lambda: checkout(olga, amount=5).status == 200, 40, "the provider")
