"""The operators' page of money, on the demo and its ninety days of business."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import CANVAS_HAS_INK
from playwright.sync_api import expect


@pytest.fixture
def operator(demo):
    return demo.person("operator")


def test_an_operator_sees_the_money(dashboard, operator, page, base_url):
    dashboard.open().sign_in_by_password(operator)
    dashboard.expect_signed_in(operator)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{base_url}/operator.html")
        expect(page.locator("#updated")).to_contain_text("As of")
        expect(page.locator("#figure-mrr")).to_contain_text("$")
        page.wait_for_function(CANVAS_HAS_INK, arg=page.locator("#revenue canvas").element_handle())
        [stats] = page.evaluate("fetch('/api/v1/admin/stats?months=12').then((answer) => answer.json())")["currencies"]
        total = sum(month["revenue"]["total"] for month in stats["months"])
        assert total > 0
        shown = page.locator("#months tbody tr")
        expect(shown).to_have_count(12)
        expect(shown.first).to_contain_text(f"${stats['months'][-1]['revenue']['total']:,.2f}")
        expect(page.locator("#owed tfoot")).to_contain_text(f"${stats['outstanding']['total']:,.2f}")
        expect(page.locator("#accounts tbody tr")).to_have_count(len(stats["top_accounts"]))
        assert [found["id"] for found in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_an_operator_takes_the_files_of_chosen_days(dashboard, operator, page, base_url):
    dashboard.open().sign_in_by_password(operator)
    dashboard.expect_signed_in(operator)
    page.goto(f"{base_url}/operator.html")
    page.get_by_label("From").fill("2020-01-01")
    for name in ("invoices", "payments", "ledger"):
        with page.expect_download() as download:
            page.locator(f"#file-{name}").click()
        assert download.value.suggested_filename.startswith(f"{name}-")
        heads, *rows = download.value.path().read_text().splitlines()
        assert "account_name" in heads.split(",") and rows


def test_others_are_told_whom_it_is_for(dashboard, owner, page, base_url, console):
    console.expects("status of 40[13]")
    page.goto(f"{base_url}/operator.html")
    expect(page.locator("#notices")).to_contain_text("Sign in on the dashboard as a site operator")
    dashboard.open().sign_in_by_password(owner)
    dashboard.expect_signed_in(owner)
    page.goto(f"{base_url}/operator.html")
    expect(page.locator("#notices")).to_contain_text("Admin access required")
    expect(page.locator("#money")).to_be_hidden()
