"""A newcomer's first ten minutes with `make run`, in order: each test goes on where the one before it ended."""

import json
import re
import subprocess
import urllib.request

from pages import TrialPage
from playwright.sync_api import expect


def post(url, key, body):
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    )
    return json.load(urllib.request.urlopen(request, timeout=30))


def enter(dashboard, owner):
    dashboard.open().sign_in_by_password(owner)
    dashboard.expect_signed_in(owner)
    dashboard.wait_until_loaded()


def test_the_printed_curl_line_works(demo):
    line = re.search(r"^ +(curl .*)$", demo.output, re.M)[1]
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["email"]


def test_the_front_page_leads_to_the_dashboard(page, base_url):
    page.goto(base_url)
    page.get_by_role("link", name="Open the dashboard").click()
    expect(page.locator("#door")).to_be_visible()


def test_the_busy_account_sees_its_business(dashboard, owner):
    enter(dashboard, owner)
    expect(dashboard.figure("shots")).to_have_text(re.compile(r"\d{2,3},\d{3}"))
    dashboard.expect_drawn("daily")
    dashboard.expect_drawn("backends")
    assert len(dashboard.table_of("daily")) == 30
    badges = dashboard.invoice_rows.locator(".badge").all_inner_texts()
    assert {"Paid", "Pending", "Overdue"} <= set(badges)


def test_use_recorded_by_curl_is_on_the_page(dashboard, owner, demo):
    enter(dashboard, owner)
    before = dashboard.figure("shots").inner_text()
    answer = post(f"{demo.url}/api/v1/usage/authorize", owner.key, {"backend": "ibm_torino", "shots": 7})
    assert answer["allowed"] and answer["cost"] == 21
    dashboard.refresh()
    expect(dashboard.figure("shots")).to_have_text(f"{int(before.replace(',', '')) + 7:,}")


def test_a_declined_payment_can_be_cancelled_and_nothing_is_paid(dashboard, owner, page):
    enter(dashboard, owner)
    owed = re.match(r"\$[\d,.]+", dashboard.figure("balance").inner_text())[0]
    dashboard.pay_button.click()
    expect(page.locator("body")).to_contain_text(re.compile("sandbox", re.I))
    page.get_by_role("button", name=re.compile("decline", re.I)).click()
    expect(page.locator("body")).to_contain_text(re.compile("declined", re.I))
    page.locator("form[action*=cancel] button, a:has-text('Cancel'), button:has-text('Cancel')").first.click()
    expect(dashboard.notices).to_contain_text("Payment cancelled")
    expect(dashboard.figure("balance")).to_contain_text(owed)


def test_a_paid_balance_goes_to_zero(dashboard, owner, page):
    enter(dashboard, owner)
    dashboard.pay_button.click()
    page.get_by_role("button", name=re.compile("^pay", re.I)).first.click()
    expect(dashboard.notices).to_contain_text("Payment received")
    expect(dashboard.figure("balance")).to_contain_text("$0.00", timeout=30_000)
    expect(dashboard.pay_button).to_be_hidden()


def test_a_ticket_gets_its_id(dashboard, owner):
    enter(dashboard, owner)
    dashboard.send_ticket("critical", "It works", "Just saying.")
    expect(dashboard.ticket_result).to_contain_text("TKT-")
    expect(dashboard.ticket_result).to_contain_text("4 hours")


def test_the_trial_page_shows_all_five_answers(trials):
    trials.open().run_all()
    for name in TrialPage.NAMES:
        expect(trials.status(name)).to_contain_text("200")


def test_it_stops_cleanly_and_keeps_the_data(demo, dashboard, owner):
    assert demo.stop() == 0
    assert not (demo.state / "run.pid").exists()
    demo.start()
    enter(dashboard, owner)
    expect(dashboard.figure("balance")).to_contain_text("$0.00")
