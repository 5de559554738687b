"""An invoice behind its link, on the demo: reached from the dashboard, read by anybody, without any script."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


@pytest.fixture
def link(dashboard, owner):
    """The address of an invoice of the busy account, as the dashboard gives it."""
    dashboard.open().sign_in_by_password(owner)
    dashboard.expect_signed_in(owner)
    dashboard.wait_until_loaded()
    found = dashboard.invoice_rows.get_by_role("link", name=re.compile(r"^INV-\d{6}$")).first
    return found.get_attribute("href")


def test_the_dashboard_leads_to_each_invoice_and_its_pdf(dashboard, page, link):
    row = dashboard.invoice_rows.filter(has=page.locator(f'a[href="{link}"]'))
    amount = row.locator("td.amount").inner_text().split()[0].removeprefix("$")
    with page.expect_download() as download:
        row.get_by_role("link", name=re.compile("as PDF")).click()
    assert re.fullmatch(r"INV-\d{6}\.pdf", download.value.suggested_filename)
    row.locator(f'a[href="{link}"]').click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invoice INV-")
    expect(page.locator(".totals .main")).to_have_text(f"TotalUSD {amount}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_anybody_with_the_link_reads_it_without_scripts(browser, link, scheme, width):
    stranger = browser.new_context(java_script_enabled=False, color_scheme=scheme,
                                   viewport={"width": width, "height": 800})
    said = []
    stranger.on("console", lambda message: said.append(message.text))
    page = stranger.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Download PDF")).to_be_visible()
    assert page.locator("main").evaluate("main => main.scrollWidth <= innerWidth")
    assert stranger.cookies() == []
    stranger.close()
    assert said == []


@pytest.mark.parametrize("context_options", [{"color_scheme": "light", "bypass_csp": True},
                                             {"color_scheme": "dark", "bypass_csp": True}], ids=["light", "dark"])
def test_the_page_is_fit_for_everybody(page, link, context_options):
    page.goto(link)
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in violations] == []
