"""Charging a saved card for an invoice: by hand, by itself, and with a provider that answers as it likes."""

import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from people import Browser, mails
from stack import wait_until

CARDS = "/api/v1/billing/payment-methods"


@pytest.fixture
def desk(payments):
    payments.stop_purser()
    payments.settings["INVOICE_THRESHOLD"] = "20"
    payments.start_purser()
    return payments


def account(stack, email, **more):
    user = stack.register(email, **more)
    browser = Browser(stack).sign_in(email, api_key=user["api_key"])
    browser.user, browser.email = user, email
    browser.account = browser.get("/api/v1/account").json["id"]
    return browser


def bill(browser, shots=12):
    """Uses so much that an invoice is raised: of 26 dollars with 12 shots of 3 dollars, less the opening credit."""
    use = {"api_key": browser.user["api_key"], "backend": "ibm_torino", "shots": shots}
    assert browser.stack.post("/billing/record-usage", use).status == 200
    return browser.get("/api/v1/me/invoices").json["invoices"][0]["id"]


@pytest.fixture
def olga(desk):
    """Owes an invoice, has had no card when it was made out, and has one now."""
    browser = account(desk, "olga@example.com")
    browser.invoice = bill(browser)
    card(browser)
    return browser


def card(browser, name="pm_card_visa"):
    answer = browser.post(CARDS, {"payment_method_id": name})
    assert answer.status == 200, answer
    return answer.json["payment_method"]["id"]


def pay(browser, **body):
    return browser.post(f"/api/v1/invoices/{browser.invoice}/pay", body)


def status(browser):
    return browser.get("/api/v1/me/invoices").json["invoices"][0]["status"]


def intents(stack):
    return stack.stripe.get("/v1/payment_intents?limit=100")["data"]


def charged(stack):
    """What the provider has taken, in cents."""
    return [intent["amount"] for intent in intents(stack) if intent["status"] == "succeeded"]


def attempts(stack):
    return [(row["status"], row["error_code"]) for row in
            stack.sql("SELECT status, error_code FROM charge_attempt ORDER BY id")]


def booked(stack):
    return [row["amount"] for row in stack.sql("SELECT amount FROM payment ORDER BY id")]


# ---- by hand

def test_an_invoice_is_paid_by_the_saved_card_once(desk, olga):
    desk.stripe.deliver(duplicates=1, twins=1)
    answer = pay(olga)
    assert answer.status == 200, answer
    assert answer.json == {"number": olga.invoice, "status": "paid", "amount": 26, "currency": "usd",
                           "payment_id": intents(desk)[0]["id"]}
    again = pay(olga)
    assert (again.status, again.json["amount"], again.json["payment_id"]) == (200, 0, None)
    desk.stripe.deliveries(settle=10)
    assert (charged(desk), booked(desk), status(olga)) == ([2600], [2600], "paid")
    assert desk.findings() == []


def test_the_card_that_is_named_is_charged_and_no_strangers(desk, olga):
    stranger = account(desk, "stranger@example.com")
    assert pay(olga, payment_method=card(stranger)).status == 404
    second = card(olga, "pm_card_mastercard")
    assert pay(olga, payment_method=second).status == 200
    assert intents(desk)[0]["payment_method"] == second
    stranger.invoice = olga.invoice
    assert pay(stranger).status == 404


def test_without_a_card_it_is_402_with_a_page_that_pays_the_invoice(desk):
    ada = account(desk, "ada@example.com")
    ada.invoice = bill(ada)
    answer = pay(ada)
    assert (answer.status, answer.json["code"]) == (402, "no_payment_method")
    desk.stripe.pay(answer.json["session_id"], wait=10)
    wait_until(lambda: status(ada) == "paid", what="the invoice")
    assert (charged(desk), desk.findings()) == ([2600], [])


@pytest.mark.parametrize("code, told", [("card_declined", "generic_decline"), ("insufficient_funds", "insufficient_funds"),
                                        ("expired_card", "expired_card"),
                                        ("authentication_required", "authentication_required")])
def test_a_declined_card_is_402_with_the_reason_and_a_page(desk, olga, code, told):
    desk.stripe.fail_card(desk.sql("SELECT stripe_customer_id id FROM account")[0]["id"], code)
    answer = pay(olga)
    assert (answer.status, answer.json["code"]) == (402, told)
    assert answer.json["url"] and answer.json["session_id"]
    assert attempts(desk) == [("needs_action" if "auth" in told else "failed", told)]
    desk.stripe.mend_card(desk.sql("SELECT stripe_customer_id id FROM account")[0]["id"])
    assert pay(olga).status == 200
    desk.stripe.deliveries(settle=10)
    assert (charged(desk), booked(desk), desk.findings()) == ([2600], [2600], [])


def test_without_a_provider_or_an_invoice_there_is_nothing_to_charge(desk, stack, olga):
    olga.invoice = "INV-999999"
    assert pay(olga).status == 404
    loner = account(stack, "chargeless@example.com")
    loner.invoice = "INV-000001"
    assert pay(loner).status == 404


def test_of_many_at_once_one_charges(desk, olga):
    desk.stripe.fault("/v1/payment_intents", "slow", times=1, delay=1)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: pay(olga), range(8)))
    assert {answer.status for answer in answers} <= {200, 409}
    assert [answer.json["amount"] for answer in answers if answer.status == 200].count(26) == 1
    assert {answer.json["code"] for answer in answers if answer.status == 409} <= {"payment_under_way"}
    desk.stripe.deliveries(settle=10)
    assert (charged(desk), booked(desk), desk.findings()) == ([2600], [2600], [])


# ---- a provider in trouble

@pytest.mark.parametrize("kind", ["500", "429", "garbage", "close", "500_after_commit", "timeout_after_commit", "hang"])
@pytest.mark.parametrize("webhooks", [True, False])
def test_whatever_the_provider_answers_it_is_charged_once_and_nothing_is_lost(desk, olga, kind, webhooks):
    if not webhooks:
        desk.stripe.drop()
    desk.stripe.fault("/v1/payment_intents", kind, times=2, delay=20, method="POST")
    answer = pay(olga)
    assert (answer.status, answer.json["code"]) == (503, "payment_unknown")
    assert int(answer.headers["Retry-After"]) > 0
    # Another try is none as long as nobody knows. A webhook may have told meanwhile.
    again = pay(olga)
    assert again.status == 409 or again.json["amount"] == 0, again
    desk.stripe.clear_faults()
    hurry(desk)
    wait_until(lambda: status(olga) == "paid", 60, "the invoice")
    desk.stripe.deliveries(settle=10)
    assert (charged(desk), booked(desk), attempts(desk)) == ([2600], [2600], [("succeeded", None)])
    assert desk.findings() == []


def test_a_crash_between_asking_and_knowing_charges_once(desk, olga):
    desk.stripe.drop()
    desk.stripe.fault("/v1/payment_intents", "timeout_after_commit", times=1, delay=30, method="POST")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pay, olga)
        wait_until(lambda: charged(desk) == [2600], what="the charge")
        desk.stop_purser(number=9)
        assert waiting.result().status in (502, 503, 504)
    desk.stripe.clear_faults()
    assert attempts(desk) == [("asked", None)]
    hurry(desk, is_running=False)
    desk.start_purser()
    wait_until(lambda: status(olga) == "paid", 60, "the invoice")
    assert (charged(desk), booked(desk), attempts(desk), desk.findings()) == ([2600], [2600], [("succeeded", None)], [])


def test_what_never_reached_the_provider_is_given_up_after_a_day(desk, olga):
    desk.stripe.fault("/v1/payment_intents", "close", times=2, method="POST")
    assert pay(olga).status == 503
    desk.stop_purser()
    with sqlite3.connect(desk.store / "purser.db") as db:
        db.execute("UPDATE charge_attempt SET created_at = created_at - 24 * 3600 * 1000")
    db.close()
    hurry(desk, is_running=False)
    desk.stripe.clear_faults()
    desk.start_purser()
    wait_until(lambda: attempts(desk) == [("canceled", "never_made")], 60, "the end of it")
    assert charged(desk) == []
    assert pay(olga).status == 200
    assert (charged(desk), desk.findings()) == ([2600], [])


def test_reads_are_as_fast_beside_a_provider_that_hangs(desk, olga):
    def median():
        took = []
        for _ in range(60):
            began = time.monotonic()
            assert olga.get("/api/v1/billing/payment-methods").status == 200
            took.append(time.monotonic() - began)
        return sorted(took)[30]

    before = median()
    desk.stripe.fault("/v1", "hang", times=1000, delay=30)
    with ThreadPoolExecutor(6) as pool:
        busy = [pool.submit(olga.post, "/api/v1/billing/checkout", {"amount": 5}) for _ in range(6)]
        beside = median()
        answers = {future.result().status for future in busy}
    desk.stripe.clear_faults()
    print(f"median read {before * 1000:.2f} ms, beside a hanging provider {beside * 1000:.2f} ms")
    assert answers == {503}
    assert beside < before * 10 + 0.05


def hurry(stack, is_running=True):
    """Makes what the outbox puts off for half a minute due now, as no test waits that long."""
    if is_running:
        stack.stop_purser()
    with sqlite3.connect(stack.store / "purser.db") as db:
        db.execute("UPDATE outbox SET next_attempt_at = 0 WHERE kind = 'stripe.charge'")
    db.close()
    if is_running:
        stack.start_purser()


# ---- by itself

def test_an_account_with_a_card_pays_by_itself(desk):
    ada = account(desk, "ada@example.com")
    card(ada)
    ada.invoice = bill(ada)
    wait_until(lambda: status(ada) == "paid", what="the invoice")
    desk.stripe.deliveries(settle=10)
    assert (charged(desk), booked(desk), desk.findings()) == ([2600], [2600], [])
    assert not [mail for mail in mails(desk, "ada@example.com") if "payment" in mail]


def test_a_card_that_fails_is_told_by_mail_and_in_the_audit_log(desk):
    ada = account(desk, "ada@example.com")
    card(ada, "pm_card_chargeCustomerFail")
    ada.invoice = bill(ada)
    mail = json.loads(wait_until(lambda: [mail for mail in mails(desk, "ada@example.com") if "has failed" in mail],
                                 what="the mail")[0])
    assert mail["subject"] == "A payment of 26.00 USD has failed"
    assert "Your card was declined." in json.dumps(mail)
    page = next(part["url"] for part in mail["parts"] if part.get("link", "").startswith("Pay "))
    answer = desk.get(page.partition("/i/")[1] + page.partition("/i/")[2])
    assert answer.status == 200 and ada.invoice in answer.body.decode()
    actions = [entry["action"] for entry in ada.get("/api/v1/audit").json["entries"]]
    assert "payment.failed" in actions
    news = ada.get("/api/partner/notifications").json["notifications"]
    assert [note["type"] for note in news] == ["PAYMENT_FAILED"] and "26.00 USD" in news[0]["message"]
    assert (status(ada), desk.findings()) == ("pending", [])


def test_a_bank_that_wants_its_customer_is_told_by_mail(desk):
    ada = account(desk, "ada@example.com")
    card(ada, "pm_card_authenticationRequired")
    ada.invoice = bill(ada)
    wait_until(lambda: [mail for mail in mails(desk, "ada@example.com") if "Please confirm a payment" in mail],
               what="the mail")
    assert attempts(desk) == [("needs_action", "authentication_required")]


# ---- amounts that no card can pay

@pytest.fixture
def chief(desk):
    """An operator, who makes invoices out."""
    user = desk.register("chief@example.com", "Chief", create_stripe_account=False)
    desk.shell("user", "promote", "chief@example.com")
    return Browser(desk).sign_in("chief@example.com", api_key=user["api_key"])


def invoice(chief, browser, dollars):
    lines = [{"description": "Work", "unit_price": dollars}]
    made = chief.post("/api/v1/admin/invoices", {"account_id": browser.account, "lines": lines})
    assert made.status == 201, made
    return made.json["invoice"]


def spent(chief, browser):
    """Nothing of the opening credit is left to pay with."""
    made = invoice(chief, browser, 10)
    assert made["owed"] == 0


def test_what_is_too_small_to_be_paid_is_said_and_carried_to_the_next_payment(desk, chief):
    olga = account(desk, "olga@example.com")
    card(olga)
    spent(chief, olga)
    small = invoice(chief, olga, 0.3)
    olga.invoice = small["number"]
    for answer in (pay(olga), olga.post("/api/v1/billing/checkout", {"invoice": small["number"]})):
        assert (answer.status, answer.json["code"]) == (409, "amount_too_small"), answer
        assert (answer.json["amount"], answer.json["minimum"]) == (0.3, 0.5)
        assert "next payment" in answer.json["detail"]
    for answer in (olga.post("/api/v1/billing/checkout", {"amount": 0.49}),
                   desk.post("/billing/create-payment", {"amount": 0.49}, key=olga.user["api_key"])):
        assert (answer.status, answer.json["code"]) == (400, "amount_too_small"), answer
    page = desk.get(small["hosted_invoice_url"].removeprefix(desk.url)).body.decode()
    assert "the next payment takes it along" in page and "Pay online" not in page
    assert desk.sql("SELECT * FROM dunning WHERE ended_at IS NULL") == []
    assert (intents(desk), attempts(desk)) == ([], [])
    # The next one is charged by itself, and the small one with it.
    invoice(chief, olga, 10)
    wait_until(lambda: charged(desk) == [1030], 15, "the charge")
    wait_until(lambda: {row["status"] for row in desk.sql("SELECT status FROM invoice")} == {"paid"}, 15)
    assert desk.findings() == []


def test_a_page_for_an_invoice_asks_for_the_small_ones_too(desk, chief):
    olga = account(desk, "olga@example.com")
    spent(chief, olga)
    invoice(chief, olga, 0.3)
    other = invoice(chief, olga, 0.45)
    page = olga.post("/api/v1/billing/checkout", {"invoice": other["number"]})
    assert page.status == 200, page
    desk.stripe.pay(page.json["session_id"], wait=10)
    wait_until(lambda: booked(desk) == [75], what="the payment")
    assert {row["status"] for row in desk.sql("SELECT status FROM invoice")} == {"paid"}
    assert desk.findings() == []
