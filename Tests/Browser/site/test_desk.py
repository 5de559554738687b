"""What the dashboard shows of an account."""

import re

from desk_double import invoice
from playwright.sync_api import expect


def enter(dashboard, person):
    dashboard.open().use_key(person.key)
    dashboard.expect_signed_in(person)
    dashboard.wait_until_loaded()


def test_shows_the_person_and_the_four_figures(dashboard, owner, page):
    enter(dashboard, owner)
    expect(page.locator("#who")).to_contain_text(f"bioql_…{owner.key[-4:]}")
    expect(dashboard.figure("shots")).to_have_text("12,345")
    expect(dashboard.figure("spent")).to_have_text("$7,897.45")
    expect(dashboard.figure("molecules")).to_have_text("123")
    expect(dashboard.figure("balance")).to_have_text("$1,250.50to pay")
    expect(dashboard.dev_mark).to_be_hidden()


def test_draws_both_charts(dashboard, owner):
    enter(dashboard, owner)
    dashboard.expect_drawn("daily")
    dashboard.expect_drawn("backends")
    summary = re.compile("30 days: 10,045 in all, most on 27 Mar 2025 with 830")
    expect(dashboard.chart("daily").locator("canvas")).to_have_attribute("aria-label", summary)


def test_every_chart_is_a_table_too(dashboard, owner):
    enter(dashboard, owner)
    daily = dashboard.table_of("daily")
    assert len(daily) == 30 and daily[0] == ["31 Mar 2025", "645"] and daily[-1] == ["2 Mar 2025", "120"]
    assert dashboard.table_of("backends") == [
        ["ionq_simulator", "7,400", "59.9%"], ["ibm_torino", "2,600", "21.1%"], ["aws_sv1", "2,345", "19%"],
    ]


def test_works_without_the_charting_library(dashboard, owner, desk, console):
    console.expects("status of 404|Refused to execute script")
    desk.missing.add("/assets/vendor/chart.js")
    enter(dashboard, owner)
    expect(dashboard.chart("daily").locator("canvas")).to_have_count(0)
    assert len(dashboard.table_of("daily")) == 30
    expect(dashboard.chart("backends").locator("table")).to_be_visible()


def test_lists_the_invoices_with_their_states(dashboard, owner):
    enter(dashboard, owner)
    rows = [row.locator("td").all_inner_texts() for row in dashboard.invoice_rows.all()]
    assert [(row[0], row[2], row[3]) for row in rows] == [
        ("1 Mar 2025", "$1,000.50", "Pending"),
        ("1 Feb 2025", "$250.00", "Overdue"),
        ("1 Jan 2025", "$3,000.00", "Paid"),
    ]
    expect(dashboard.pay_button).to_have_text("Pay $1,250.50")


def test_leads_to_each_invoice_and_its_pdf_and_writes_amounts_in_its_currency(dashboard, owner, desk, base_url):
    page, pdf = f"{base_url}/i/abc", f"{base_url}/i/abc/pdf"
    desk.by_key(owner.key).invoices = [
        invoice("INV-000001", "2025-03-01", "Usage", 500, "pending", currency="jpy", owed=120,
                hosted_invoice_url=page, invoice_pdf=pdf),
        invoice("INV-000002", "2025-03-01", "Usage", 5, "paid", currency="usd", owed=0,
                hosted_invoice_url="javascript:alert(1)", invoice_pdf="data:text/html,x"),
    ]
    enter(dashboard, owner)
    first, second = dashboard.invoice_rows.all()
    expect(first).to_contain_text("¥500")
    expect(first).to_contain_text("¥120 to pay")
    expect(first.get_by_role("link", name="INV-000001", exact=True)).to_have_attribute("href", page)
    expect(first.get_by_role("link", name="INV-000001 as PDF")).to_have_attribute("href", pdf)
    expect(second.get_by_role("link")).to_have_count(0)
    expect(second).to_contain_text("INV-000002")


def test_shows_many_invoices_on_demand(dashboard, owner, desk, page):
    account = desk.by_key(owner.key)
    account.invoices = [{**account.invoices[2], "id": f"in_{at}"} for at in range(25)]
    enter(dashboard, owner)
    expect(dashboard.invoice_rows).to_have_count(10)
    page.get_by_role("button", name="Show all 25").click()
    expect(dashboard.invoice_rows).to_have_count(25)


def test_tells_a_newcomer_what_to_do_first(dashboard, newcomer, page, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(dashboard, newcomer)
    expect(dashboard.first_steps).to_contain_text("/billing/record-usage")
    expect(dashboard.first_steps).to_contain_text(f"bioql_…{newcomer.key[-4:]}")
    assert newcomer.key not in page.content()
    expect(page.locator("#charts")).to_be_hidden()
    expect(dashboard.pay_button).to_be_hidden()
    expect(page.locator("#invoices")).to_contain_text("No invoices yet")
    dashboard.first_steps.get_by_role("button", name="Copy").click()
    expect(dashboard.first_steps.get_by_role("button", name="Copied")).to_be_visible()
    assert newcomer.key in page.evaluate("navigator.clipboard.readText()")


def test_refreshing_brings_the_first_usage_into_view(dashboard, newcomer, desk):
    enter(dashboard, newcomer)
    account = desk.by_key(newcomer.key)
    account.backends, account.daily[-1] = {"simulator": 50}, 50
    dashboard.refresh()
    expect(dashboard.figure("shots")).to_have_text("50")
    expect(dashboard.first_steps).to_be_hidden()
    dashboard.expect_drawn("daily")


def test_marks_development_data(dashboard):
    dashboard.open().use_key("bioql_dev_test123")
    expect(dashboard.dev_mark).to_be_visible()
    expect(dashboard.figure("balance")).to_contain_text("$350.00")
    dashboard.sign_out()
    expect(dashboard.dev_mark).to_be_hidden()


def test_shows_that_it_waits_and_fills_each_part_as_it_comes(dashboard, owner, desk):
    gate = desk.hold("/analytics/usage")
    dashboard.open().use_key(owner.key)
    expect(dashboard.figure("balance")).to_contain_text("$1,250.50")
    expect(dashboard.figure("shots").locator(".waiting")).to_be_visible()
    gate.set()
    expect(dashboard.figure("shots")).to_have_text("12,345")


def test_one_part_that_fails_leaves_the_others_and_can_be_tried_again(dashboard, owner, desk, console):
    console.expects("status of 503")
    desk.refuse("/analytics/usage", 503, "The store is busy", {"Retry-After": "5"})
    enter(dashboard, owner)
    backends = dashboard.chart("backends")
    expect(backends.get_by_role("alert")).to_contain_text("The store is busy. Try again in 5 seconds.")
    expect(dashboard.figure("balance")).to_contain_text("$1,250.50")
    backends.get_by_role("button", name="Try again").click()
    dashboard.expect_drawn("backends")
    expect(dashboard.figure("shots")).to_have_text("12,345")


def test_the_switch_of_colours_redraws_the_charts_and_is_remembered(dashboard, owner, page):
    enter(dashboard, owner)
    dashboard.expect_drawn("daily")
    canvas = page.locator("#daily canvas")
    by_day = canvas.evaluate("canvas => canvas.toDataURL()")
    dashboard.theme_switch.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.wait_for_function("([canvas, was]) => canvas.toDataURL() !== was", arg=[canvas.element_handle(), by_day])
    dashboard.expect_drawn("daily")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dashboard.expect_drawn("daily")
