"""Paying what is owed, and coming back."""

import json
import re

from playwright.sync_api import expect


def enter(dashboard, person, rest=""):
    dashboard.open(rest).use_key(person.key)
    dashboard.expect_signed_in(person)


def test_pay_opens_a_checkout_for_the_whole_balance(dashboard, owner, desk, page):
    enter(dashboard, owner)
    dashboard.pay_button.click()
    page.wait_for_url("**/sandbox/checkout?session=cs_1")
    (request,) = desk.sent("/billing/create-payment")
    assert json.loads(request.body) == {"amount": 1250.5}
    assert request.headers["Idempotency-Key"]


def test_a_paid_balance_goes_to_zero_although_the_webhook_lags(dashboard, owner, desk, page, base_url):
    desk.settling_reads = 2
    enter(dashboard, owner)
    dashboard.pay_button.click()
    page.wait_for_url("**/sandbox/checkout*")

    dashboard.open("?payment=success")
    expect(dashboard.notices).to_contain_text("Payment received")
    expect(dashboard.figure("balance")).to_contain_text("$1,250.50")
    assert page.url == f"{base_url}/dashboard.html"
    expect(dashboard.notices).to_contain_text("Your balance is $0.00.", timeout=15_000)
    expect(dashboard.figure("balance")).to_have_text("$0.00nothing owed")
    expect(dashboard.pay_button).to_be_hidden()
    expect(dashboard.invoice_rows.locator(".badge.good")).to_have_count(3)


def test_a_session_pays_by_its_own_path(dashboard, owner, desk, page):
    dashboard.open().sign_in_by_password(owner)
    dashboard.pay_button.click()
    page.wait_for_url("**/sandbox/checkout*")
    assert desk.sent("/api/v1/me/payments")
    dashboard.open("?payment=success")
    expect(dashboard.notices).to_contain_text("Your balance is $0.00.", timeout=15_000)


def test_stops_asking_when_the_webhook_stays_away(dashboard, owner, desk, page):
    enter(dashboard, owner)
    dashboard.wait_until_loaded()
    before = len(desk.sent("/dashboard/invoices"))
    page.clock.install()
    dashboard.open("?payment=success")
    for _ in range(300):
        if "still being booked" in dashboard.notices.inner_text():
            break
        page.clock.run_for(1000)
    expect(dashboard.notices).to_contain_text("still being booked")
    assert len(desk.sent("/dashboard/invoices")) - before == 10
    expect(dashboard.pay_button).to_be_visible()


def test_a_cancelled_payment_says_that_nothing_was_charged(dashboard, owner, page, base_url):
    enter(dashboard, owner, "?payment=cancel")
    expect(dashboard.notices).to_contain_text("Payment cancelled. Nothing was charged.")
    expect(dashboard.figure("balance")).to_contain_text("$1,250.50")
    assert page.url == f"{base_url}/dashboard.html"
    page.reload()
    dashboard.wait_until_loaded()
    expect(dashboard.notices).to_be_empty()


def test_an_unknown_outcome_is_ignored(dashboard, owner):
    enter(dashboard, owner, "?payment=%3Cimg%20src=x%3E")
    dashboard.wait_until_loaded()
    expect(dashboard.notices).to_be_empty()


def test_a_refused_payment_says_why_and_can_be_tried_again_with_the_same_key(dashboard, owner, desk, page, console):
    console.expects("status of 503")
    desk.refuse("/billing/create-payment", 503, "Payments are not configured")
    enter(dashboard, owner)
    dashboard.pay_button.click()
    expect(page.locator("#pay-error")).to_have_text(re.compile("Payments are not configured. Try again in a moment."))
    dashboard.pay_button.click()
    page.wait_for_url("**/sandbox/checkout*")
    first, second = desk.sent("/billing/create-payment")
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


def test_a_checkout_that_is_no_web_page_is_not_opened(dashboard, owner, page):
    answer = {"session_id": "cs_1", "url": "javascript:alert(1)"}
    page.route("**/billing/create-payment", lambda route: route.fulfill(json=answer))
    enter(dashboard, owner)
    dashboard.pay_button.click()
    expect(page.locator("#pay-error")).to_contain_text("cannot be opened")
