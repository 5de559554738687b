"""Paying: a page at the provider, and what the money does when it comes."""

import itertools
import json
import time

import pytest
from stack import wait_until
from stripe_events import settled

_numbers = itertools.count(1)


@pytest.fixture
def ada(payments):
    return payments.register()


def pay(stack, user, amount, **more):
    return stack.post("/billing/create-payment", {"amount": amount}, key=user["api_key"], **more)


def use(stack, user, shots, backend="ibm_torino"):
    assert stack.post("/billing/record-usage", {"api_key": user["api_key"], "backend": backend, "shots": shots}).status == 200


def invoices(stack, user):
    return stack.get("/dashboard/invoices", key=user["api_key"]).json


def sessions(stack):
    return stack.stripe.get("/v1/checkout/sessions?limit=100")["data"]


def last_form(stack):
    return [call for call in stack.stripe.journal("/v1/checkout/sessions") if call["method"] == "POST"][-1]["params"]


# ---- the page

def test_the_page_is_for_the_customer_in_dollars_and_leads_back_to_the_dashboard(payments, ada):
    answer = pay(payments, ada, 12.5)
    (session,) = sessions(payments)
    assert (answer.status, answer.json) == (200, {"session_id": session["id"], "url": session["url"]})
    assert (session["customer"], session["mode"], session["currency"]) == (ada["stripe_customer_id"], "payment", "usd")
    assert session["success_url"] == payments.url + "/dashboard.html?payment=success"
    assert session["cancel_url"] == payments.url + "/dashboard.html?payment=cancel"
    (line,) = payments.stripe.get(f"/v1/checkout/sessions/{session['id']}/line_items")["data"]
    assert (line["description"], line["quantity"]) == ("BioQL Quantum Computing Usage", 1)


def test_where_it_leads_and_what_it_says_are_settings(payments):
    payments.stop_purser()
    payments.settings |= {"PAYMENT_SUCCESS_URL": "https://shop.example/yes?s={CHECKOUT_SESSION_ID}",
                          "PAYMENT_CANCEL_URL": "https://shop.example/no", "PAYMENT_PRODUCT": "Shots & more"}
    payments.start_purser()
    assert pay(payments, payments.register(), 5).status == 200
    (session,) = sessions(payments)
    assert session["success_url"] == "https://shop.example/yes?s={CHECKOUT_SESSION_ID}"
    assert session["cancel_url"] == "https://shop.example/no"
    assert last_form(payments)["line_items"][0]["price_data"]["product_data"]["name"] == "Shots & more"


@pytest.mark.parametrize("text, cents", [
    ("19.99", 1999), ("0.57", 57), ("0.5", 50), ("1.005", 101), ("4.35", 435), ("1.15", 115), ("2.675", 268), ("100", 10000),
    ("1234.56789", 123457), ("8.199999999999999", 820), ("999999.99", 99999999)])
def test_cents_are_exact(payments, ada, text, cents):
    answer = payments.post("/billing/create-payment", f'{{"amount":{text}}}'.encode(), key=ada["api_key"],
                           headers={"Content-Type": "application/json"})
    assert answer.status == 200, answer
    assert sessions(payments)[0]["amount_total"] == cents


def test_what_is_no_amount_is_400_and_never_reaches_the_provider(payments, ada):
    payments.stripe.forget()
    for text in ("0", "-1", "0.00", "0.004", "1e3", "1e-2", "1e400", "NaN", "Infinity", '"ten"', '"19.99"', "null", "true", "[5]", "{}",
                 "1000000", "1234567.89", "99999999999999999999", '""', '" 5"', '"0x10"', '"１２"'):
        answer = payments.post("/billing/create-payment", f'{{"amount":{text}}}'.encode(), key=ada["api_key"],
                               headers={"Content-Type": "application/json"})
        assert answer.status == 400, (text, answer)
    assert payments.post("/billing/create-payment", {}, key=ada["api_key"]).status == 400
    assert payments.stripe.journal() == []


def test_less_than_the_provider_takes_is_400_before_it_is_asked(payments, ada):
    answer = pay(payments, ada, 0.49)
    assert (answer.status, answer.json["code"]) == (400, "amount_too_small")
    assert (answer.json["amount"], answer.json["minimum"]) == (0.49, 0.5)
    assert payments.stripe.journal("/v1/checkout/sessions") == []


def test_what_is_wrong_is_told_in_order_key_customer_amount(payments):
    answer = payments.post("/billing/create-payment", {"amount": 0}, key="bioql_nobody")
    assert answer.status == 401
    loner = payments.register(email="loner@example.com", create_stripe_account=False)
    answer = pay(payments, loner, 0)
    assert (answer.status, answer.json["error"]) == (400, "No Stripe customer ID found")
    linked = payments.register(email="linked@example.com")
    assert pay(payments, linked, 0).json["errors"][0]["field"] == "amount"


def test_without_a_provider_paying_is_503(stack):
    user = stack.register(email=f"payer{next(_numbers)}@example.com")
    answer = pay(stack, user, 5)
    assert (answer.status, answer.json["code"]) == (503, "payments_not_configured")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_repeat_with_the_same_key_is_the_same_page(payments, ada):
    headers = {"Idempotency-Key": "pay-once"}
    first = pay(payments, ada, 5, headers=headers)
    asked = len(payments.stripe.journal())
    again = pay(payments, ada, 5, headers=headers)
    assert (again.status, again.json) == (200, first.json)
    assert len(payments.stripe.journal()) == asked
    assert pay(payments, ada, 6, headers=headers).status == 422
    assert pay(payments, ada, 5).json["session_id"] != first.json["session_id"]
    # Another account's key of the same name is another key.
    other = payments.register(email="other@example.com")
    assert pay(payments, other, 5, headers=headers).json["session_id"] != first.json["session_id"]


def test_a_repeat_after_a_lost_answer_is_the_same_page(payments, ada):
    payments.stripe.fault("/v1/checkout", "timeout_after_commit", times=2, delay=60)
    headers = {"Idempotency-Key": "lost"}
    assert pay(payments, ada, 5, headers=headers).status == 503
    assert pay(payments, ada, 6, headers=headers).status == 422
    answer = pay(payments, ada, 5, headers=headers)
    assert (answer.status, [answer.json["session_id"]]) == (200, [session["id"] for session in sessions(payments)])


@pytest.mark.parametrize("kind", ["500", "429", "garbage", "close", "402"])
def test_a_provider_in_trouble_is_503_and_a_declined_payer_400(payments, ada, kind):
    payments.stripe.fault("/v1/checkout", kind, times=4)
    answer = pay(payments, ada, 5)
    assert answer.status == (400 if kind == "402" else 503), answer
    assert kind == "402" or int(answer.headers["Retry-After"]) > 0
    payments.stripe.clear_faults()
    assert pay(payments, ada, 5).status == 200


def test_with_the_provider_down_payers_are_told_at_once_and_everything_else_goes_on(payments, ada):
    payments.stripe.fault("/v1/checkout", "hang", times=1000, delay=60)
    answers = []
    while not answers or answers[-1][1] > 1:
        began = time.monotonic()
        answer = pay(payments, ada, 5)
        answers.append((answer.status, time.monotonic() - began))
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
        assert len(answers) < 6, answers
        assert payments.get("/auth/user", key=ada["api_key"], timeout=2).status == 200
    payments.stripe.clear_faults()
    wait_until(lambda: pay(payments, ada, 5).status == 200, 30, "the provider")


# ---- the money

def test_a_payment_settles_the_invoice_and_the_rest_is_credit(payments):
    payments.stop_purser()
    payments.settings["INVOICE_THRESHOLD"] = "20"
    payments.start_purser()
    ada = payments.register()
    use(payments, ada, 12)
    (invoice,) = invoices(payments, ada)["invoices"]
    assert (invoice["amount"], invoice["status"], invoices(payments, ada)["current_balance"]) == (26, "pending", 26)
    # In parts first: the invoice stays open until all of it is there.
    for amount, owed, status in ((10, 16, "pending"), (16.5, 0, "paid")):
        payments.stripe.pay(pay(payments, ada, amount).json["session_id"], wait=10)
        state = invoices(payments, ada)
        assert (state["current_balance"], state["invoices"][0]["status"]) == (owed, status)
    # The half dollar is used up before anything is owed again.
    use(payments, ada, 1, backend="aws_tn1")
    use(payments, ada, 48, backend="ionq_ideal")
    assert invoices(payments, ada)["current_balance"] == 0
    use(payments, ada, 1, backend="aws_tn1")
    assert invoices(payments, ada)["current_balance"] == 0.02
    assert payments.findings() == []


def test_oldest_invoices_are_paid_first(payments):
    payments.stop_purser()
    payments.settings["INVOICE_THRESHOLD"] = "20"
    payments.start_purser()
    ada = payments.register()
    for shots in (12, 10, 8):
        use(payments, ada, shots)
    payments.stripe.pay(pay(payments, ada, 40).json["session_id"], wait=10)
    state = invoices(payments, ada)
    assert state["current_balance"] == 26 + 30 + 24 - 40
    assert [one["status"] for one in state["invoices"]] == ["pending", "pending", "paid"]
    assert payments.findings() == []


def test_a_refund_posts_once_and_takes_unused_credit_back_first(payments, ada):
    use(payments, ada, 12)
    session = pay(payments, ada, 100).json["session_id"]
    payments.stripe.deliver(duplicates=2, twins=1, order="reverse")
    payments.stripe.pay(session, wait=10)
    credit = "SELECT credits - debits AS cents FROM ledger_balance WHERE side = 'credit'"
    assert payments.sql(credit) == [{"cents": 7400}]
    for amount, left in ((5000, 2400), (3000, 0), (2000, 0)):
        payments.stripe.refund(session, amount)
        payments.stripe.deliveries(settle=15)
        settled(payments)
        assert payments.sql(credit) == [{"cents": left}]
    refunds = payments.sql("SELECT debit, sum(amount) AS cents FROM ledger_entry WHERE reason = 'refund' GROUP BY debit")
    assert {row["debit"]: row["cents"] for row in refunds} == {"credit": 7400, "revenue": 2600}
    assert (invoices(payments, ada)["current_balance"], payments.findings()) == (0, [])


def test_declined_expired_and_paid_pages_end_as_they_should(payments, ada):
    use(payments, ada, 12)
    declined, expired = (pay(payments, ada, 26).json["session_id"] for _ in range(2))
    payments.stripe.decline(declined)
    payments.stripe.expire(expired)
    payments.stripe.deliveries(settle=15)
    settled(payments)
    assert invoices(payments, ada)["current_balance"] == 26
    payments.stripe.pay(declined, wait=10)
    assert invoices(payments, ada)["current_balance"] == 0
    status = {row["session_id"]: row["status"] for row in payments.sql("SELECT session_id, status FROM checkout")}
    assert status == {declined: "paid", expired: "expired"}


def test_a_payment_whose_page_was_never_noted_down_is_the_customers(payments, ada):
    use(payments, ada, 12)
    payments.stripe.hold()
    session = pay(payments, ada, 26).json["session_id"]
    payments.stop_purser()
    import sqlite3
    with sqlite3.connect(payments.state / "purser.db") as db:
        db.execute("DELETE FROM checkout")
    db.close()
    payments.start_purser()
    payments.stripe.pay(session)
    payments.stripe.release(order="shuffle")
    payments.stripe.deliveries(settle=15)
    settled(payments)
    assert invoices(payments, ada)["current_balance"] == 0


# ---- what is said about it

@pytest.mark.parametrize("settings, payments_on, webhooks_on", [
    ({}, False, False),
    ({"PAYMENTS": "auto", "STRIPE_SECRET_KEY": "sk_test_x", "INVOICE_THRESHOLD": "12.50"}, True, False),
    ({"PAYMENTS": "auto", "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_a,whsec_b"}, True, True),
    ({"PAYMENTS": "off", "STRIPE_SECRET_KEY": "sk_test_x"}, False, False),
])
def test_start_health_and_check_say_whether_payments_are_on(make_stack, settings, payments_on, webhooks_on):
    stack = make_stack(**settings)
    threshold = settings.get("INVOICE_THRESHOLD", "3000.00")
    (line,) = [line for line in stack.log.splitlines() if "an invoice is raised" in line]
    assert ("payments are on" in line, "payments are OFF" in line) == (payments_on, not payments_on)
    assert ("webhooks can be" in line, "CANNOT be verified" in line) == (webhooks_on, not webhooks_on)
    assert f"raised at {threshold} dollars" in line
    health = stack.get("/health").json
    assert (health["stripe_enabled"], health["stripe_webhooks_enabled"]) == (payments_on, webhooks_on)
    assert health["invoice_threshold_usd"] == float(threshold)
    said = json.loads(stack.shell("check", "--json").stdout)["payments"]
    assert said in line
