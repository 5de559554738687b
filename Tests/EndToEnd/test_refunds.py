"""Giving payments back: by operators, in the provider's dashboard, in trouble, and never twice."""

import signal
import time

import pytest
from people import Browser, mails
from stack import wait_until
from stripe_events import settled


@pytest.fixture
def desk(payments):
    """An operator's browser, and a payment of 100 dollars by Ada, of which 26 paid for what she used."""
    chief = payments.register("chief@example.com", "Chief", create_stripe_account=False)
    payments.shell("user", "promote", "chief@example.com")
    payments.operator = Browser(payments).sign_in("chief@example.com", api_key=chief["api_key"])
    payments.ada = payments.register()
    payments.post("/billing/record-usage", {"api_key": payments.ada["api_key"], "backend": "ibm_torino", "shots": 12})
    payments.session = payments.post("/billing/create-payment", {"amount": 100}, key=payments.ada["api_key"]).json[
        "session_id"]
    payments.stripe.pay(payments.session, wait=10)
    payments.payment = payments.sql("SELECT provider_id FROM payment")[0]["provider_id"]
    yield payments
    wait_until(lambda: payments.sql("SELECT count(*) AS n FROM refund WHERE status = 'asked'")[0]["n"] == 0, 60)
    settled(payments)
    assert payments.findings() == []
    assert_agreement(payments)


def assert_agreement(stack):
    """To the cent: what the provider holds of each payment is what the books say."""
    charges = {one["payment_intent"]: one for one in stack.stripe.everything("/v1/charges") if one["paid"]}
    rows = stack.sql("SELECT provider_id, amount, refunded, disputed FROM payment")
    assert {row["provider_id"] for row in rows} == set(charges)
    for row in rows:
        charge = charges[row["provider_id"]]
        assert (row["amount"], row["refunded"]) == (charge["amount"], charge["amount_refunded"])
    balance = sum(entry["amount"] for entry in stack.stripe.everything("/v1/balance_transactions"))
    assert side(stack, "cash") == balance == sum(row["amount"] - row["refunded"] - row["disputed"] for row in rows)


def refund(desk, headers=None, **body):
    return desk.operator.ask("POST", f"/api/v1/admin/payments/{desk.payment}/refunds", body, **(headers or {}))


def refunds(desk):
    return desk.stripe.everything("/v1/refunds")


def side(desk, name):
    """What is on one side of Ada's books, or of the house's."""
    rows = desk.sql("SELECT sum(debits - credits) AS cents FROM ledger_balance WHERE account_id IN "
                    f"(0, (SELECT account_id FROM payment LIMIT 1)) AND side = '{name}'")
    return rows[0]["cents"] or 0


def test_in_part_and_then_the_rest_and_never_more(desk):
    first = refund(desk, amount=30.5, reason="duplicate")
    assert (first.status, first.json["status"], first.json["amount"]) == (200, "succeeded", 30.5)
    assert (first.json["payment"], first.json["currency"], first.json["reason"]) == (desk.payment, "usd", "duplicate")
    assert side(desk, "credit") == -(7400 - 3050)
    assert refund(desk, amount=69.51).status == 409
    rest = refund(desk)
    assert (rest.status, rest.json["amount"]) == (200, 69.5)
    again = refund(desk)
    assert (again.status, again.json["code"]) == (409, "refund_too_large")
    assert [one["amount"] for one in refunds(desk)] == [3050, 6950]
    # What the payment had paid for was used: that comes off revenue.
    assert side(desk, "credit") == 0
    told = desk.sql("SELECT action FROM audit_entry WHERE action LIKE 'payment.%' ORDER BY id")
    assert [row["action"] for row in told] == ["payment.refund_asked", "payment.refunded"] * 2


@pytest.mark.parametrize("body", [{"amount": 0}, {"amount": -1}, {"amount": 1.005}, {"amount": "x"},
                                  {"reason": "because"}])
def test_what_is_no_refund_is_400_and_asks_nobody(desk, body):
    assert refund(desk, **body).status == 400
    assert (refunds(desk), desk.sql("SELECT * FROM refund")) == ([], [])


def test_only_operators_and_only_payments_there_are(desk):
    path = f"/api/v1/admin/payments/{desk.payment}/refunds"
    owner = Browser(desk).sign_in(desk.ada["email"], api_key=desk.ada["api_key"])
    assert owner.post(path, {"amount": 1}).status == 403
    assert desk.operator.post("/api/v1/admin/payments/pi_other/refunds", {"amount": 1}).status == 404
    assert refunds(desk) == []


def test_a_repeat_under_the_same_key_is_the_same_refund(desk):
    key = {"Idempotency-Key": "back-once"}
    first, again = refund(desk, key, amount=5), refund(desk, key, amount=5)
    assert (first.status, again.status, again.json) == (200, 200, first.json)
    assert refund(desk, key, amount=6).status == 422
    assert len(refunds(desk)) == 1


@pytest.mark.parametrize("kind", ["500", "429", "garbage", "close", "hang", "500_after_commit", "timeout_after_commit"])
def test_a_provider_in_trouble_gives_back_once(desk, kind):
    desk.stripe.fault("/v1/refunds", kind, times=2, delay=20, method="POST")
    began = time.monotonic()
    answer = refund(desk, {"Idempotency-Key": "trouble"}, amount=12)
    assert time.monotonic() - began < 12
    assert (answer.status, answer.json["status"] in ("asked", "succeeded")) == (200, True), answer
    desk.stripe.clear_faults()
    # Whoever asks again finds it finished; if nobody does, it finishes by itself.
    if kind in ("500", "timeout_after_commit"):
        again = refund(desk, {"Idempotency-Key": "trouble"}, amount=12)
        assert (again.status, again.json["status"]) == (200, "succeeded")
    wait_until(lambda: [row["status"] for row in desk.sql("SELECT status FROM refund")] == ["succeeded"], 60, kind)
    assert [one["amount"] for one in refunds(desk)] == [1200]
    assert side(desk, "credit") == -6200


def test_a_crash_between_asking_and_hearing_gives_back_once(desk):
    desk.stripe.fault("/v1/refunds", "timeout_after_commit", times=1, delay=20, method="POST")
    import threading
    asking = threading.Thread(target=lambda: refund_quietly(desk))
    asking.start()
    wait_until(lambda: refunds(desk), 10, "the provider having acted")
    desk.stop_purser(signal.SIGKILL)
    asking.join()
    desk.stripe.hold()
    desk.stripe.clear_faults()
    desk.start_purser()
    wait_until(lambda: [row["status"] for row in desk.sql("SELECT status FROM refund")] == ["succeeded"], 60)
    desk.stripe.release()
    assert len(refunds(desk)) == 1


def refund_quietly(desk):
    try:
        refund(desk, amount=7)
    except OSError:
        pass


def test_what_the_provider_refuses_is_told_and_posts_nothing(desk):
    desk.stripe.dispute(desk.payment)
    desk.stripe.deliveries(settle=15)
    settled(desk)
    answer = refund(desk, amount=5)
    assert answer.status == 409 and refunds(desk) == []


def test_a_refund_from_the_dashboard_that_fails_comes_back(desk):
    made = desk.stripe.refund(desk.payment, 8000)
    desk.stripe.deliveries(settle=15)
    settled(desk)
    assert (side(desk, "credit"), side(desk, "cash")) == (0, 2000)
    desk.stripe.fail_refund(made["id"])
    desk.stripe.deliveries(settle=15)
    settled(desk)
    assert (side(desk, "credit"), side(desk, "cash")) == (-7400, 10000)
    assert desk.sql("SELECT status FROM refund") == [{"status": "failed"}]


@pytest.mark.parametrize("order", ["shuffle", "reverse", "created"])
def test_shuffled_doubled_and_told_by_twins_it_ends_the_same(desk, order):
    desk.stripe.deliver(order=order, duplicates=2, twins=2)
    desk.stripe.hold()
    desk.stripe.refund(desk.payment, 1500)
    failed = desk.stripe.refund(desk.payment, 2500)
    desk.stripe.fail_refund(failed["id"])
    dispute = desk.stripe.dispute(desk.payment)
    desk.stripe.close_dispute(dispute["id"], "won")
    desk.stripe.release(order=order)
    desk.stripe.deliveries(settle=60)
    settled(desk)
    assert (side(desk, "credit"), side(desk, "cash"), side(desk, "disputed")) == (-5900, 8500, 0)
    assert desk.sql("SELECT count(*) AS n FROM ticket") == [{"n": 1}]


# ---- what a refund is to the payer

@pytest.fixture
def invoiced(desk):
    """Ada has paid an invoice of 100 dollars and 19 of tax: 74 by her credit, and 45 by a payment."""
    made = desk.operator.post("/api/v1/admin/tax-rates", {"name": "VAT", "percent": 19, "default": True})
    assert made.status == 201, made
    desk.account = desk.sql("SELECT account_id FROM payment")[0]["account_id"]
    made = desk.operator.post("/api/v1/admin/invoices", {
        "account_id": desk.account, "lines": [{"description": "Work", "unit_price": 75},
                                              {"description": "Travel", "unit_price": 25}]})
    assert (made.status, made.json["invoice"]["owed"]) == (201, 45), made
    desk.owner = Browser(desk).sign_in(desk.ada["email"], api_key=desk.ada["api_key"])
    desk.number = made.json["invoice"]["number"]
    page = desk.owner.post("/api/v1/billing/checkout", {"invoice": desk.number})
    desk.stripe.pay(page.json["session_id"], wait=10)
    desk.payment = wait_until(lambda: desk.sql("SELECT provider_id FROM payment WHERE invoice_id IS NOT NULL"),
                              what="the payment")[0]["provider_id"]
    return desk


def invoice(desk):
    return desk.owner.get(f"/api/v1/invoices/{desk.number}").json


def test_of_an_invoice_is_a_credit_note_with_its_tax_and_a_mail_with_both(invoiced):
    assert refund(invoiced, amount=20).json["status"] == "succeeded"
    (note,) = invoiced.owner.get("/api/v1/credit-notes").json["data"]
    assert (note["number"], note["total"], note["tax"], note["corrects"]) == ("CN-000001", 20, 3.19, invoiced.number)
    shown = invoice(invoiced)
    assert (shown["invoice"]["status"], shown["invoice"]["owed"]) == ("paid", 0)
    assert [one["number"] for one in shown["corrections"]] == ["CN-000001"]
    assert invoiced.operator.get(f"/api/v1/admin/invoices/{invoiced.number}/verify").json["equal"] is True
    assert (side(invoiced, "tax"), side(invoiced, "credit")) == (-1900 + 319, 0)
    mail = wait_until(lambda: [text for text in mails(invoiced, invoiced.ada["email"]) if "given back" in text],
                      what="the mail")[0]
    for words in ("USD 20.00", "USD 45.00", "CN-000001", invoiced.number, "USD 25.00 of the payment is left",
                  note["hosted_invoice_url"]):
        assert words in mail, words
    assert invoiced.get(note["hosted_invoice_url"].removeprefix(invoiced.url)).status == 200


def test_that_fails_takes_its_credit_note_back_and_says_so(invoiced):
    made = invoiced.stripe.refund(invoiced.payment, 4500)
    invoiced.stripe.deliveries(settle=15)
    settled(invoiced)
    # By line: 5.39 and 1.80.
    assert side(invoiced, "tax") == -1900 + 719
    invoiced.stripe.fail_refund(made["id"])
    invoiced.stripe.deliveries(settle=15)
    settled(invoiced)
    assert (side(invoiced, "tax"), invoice(invoiced)["corrections"]) == (-1900, [])
    (note,) = invoiced.owner.get("/api/v1/credit-notes").json["data"]
    assert (note["status"], note["number"]) == ("void", "CN-000001")
    assert "Void since" in invoiced.get(note["hosted_invoice_url"].removeprefix(invoiced.url)).body.decode()
    wait_until(lambda: [text for text in mails(invoiced, invoiced.ada["email"]) if "did not arrive" in text],
               what="the mail")
    assert refund(invoiced, amount=45).json["status"] == "succeeded"
    assert [one["number"] for one in invoice(invoiced)["corrections"]] == ["CN-000002"]
