"""test_dashboard.html: every endpoint of the dashboard, tried by hand."""

import json
import re

from pages import TrialPage
from playwright.sync_api import expect


def test_all_five_answer_a_development_key(trials, page):
    trials.open()
    expect(trials.key).to_have_value("bioql_dev_test123")
    trials.run_all()
    for name in TrialPage.NAMES:
        expect(trials.status(name)).to_have_text("200")
        expect(trials.time(name)).to_have_text(re.compile(r"^[\d.]+ ms$"))
        json.loads(trials.answer(name).inner_text())
    assert json.loads(trials.answer("invoices").inner_text())["current_balance"] == 350
    assert trials.answer("user").inner_text().startswith('{\n  "id": ')
    expect(page.locator("#try-summary")).to_have_text("5 of 5 succeeded.")


def test_each_can_be_sent_alone(trials, desk):
    trials.open().send("ticket")
    expect(trials.answer("ticket")).to_contain_text("TKT-1-")
    assert [request.path for request in desk.requests] == ["/support/ticket"]


def test_a_refusal_is_shown_as_it_came(trials, console, page):
    console.expects("status of 401")
    trials.open().key.fill("bioql_unknown")
    expect(page.locator("#try-key-hint")).to_contain_text("real")
    trials.send("usage")
    expect(trials.status("usage")).to_have_text("401")
    assert json.loads(trials.answer("usage").inner_text())["code"] == "invalid_key"


def test_goes_on_to_the_dashboard_with_the_key(trials, dashboard, page):
    trials.open().go_on()
    page.wait_for_url("**/dashboard.html")
    expect(dashboard.dev_mark).to_be_visible()
    expect(dashboard.figure("shots")).to_have_text("15,000")
