"""The billing page on the demo and its payment provider: one account's way from no plan to a plan that is paid."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import MemberPage
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def context(browser, demo):
    """One browser for the whole story, signed in as the owner of the new account."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.said = []
    context.on("console", lambda message: context.said.append(message.text))
    context.on("weberror", lambda error: context.said.append(str(error.error)))
    person = demo.person("new account")
    answer = context.request.post(f"{demo.url}/auth/login", headers={"Origin": demo.url},
                                  data={"email": person.email, "password": person.password})
    assert answer.ok
    page = context.new_page()
    page.goto(demo.url)
    page.evaluate("localStorage.setItem('purser.session', 'yes')")
    page.close()
    yield context
    context.close()
    # Chromium itself prints a line for each answer that refuses.
    assert [line for line in context.said if not re.search("status of 40[024]", line)] == []


@pytest.fixture
def page(context):
    page = context.new_page()
    yield page
    page.close()


@pytest.fixture
def billing(page, base_url):
    return MemberPage(page, base_url, "billing")


def ask(page, path):
    return page.evaluate("path => fetch(path).then((answer) => answer.json())", path)


def pay_at_the_provider(page):
    expect(page.locator("body")).to_contain_text(re.compile("sandbox", re.I))
    page.get_by_role("button", name=re.compile("^(pay|save|keep)", re.I)).first.click()


def back(billing):
    expect(billing.notices).to_contain_text("Thank you")
    billing.wait_until_loaded()


def dollars(text):
    return float(re.search(r"-?\$([\d,]+\.\d\d)", text)[1].replace(",", ""))


def test_a_plan_without_a_card_is_paid_at_the_provider_and_then_begins(billing, page):
    billing.open()
    expect(billing.section("Subscription")).to_contain_text("No subscription")
    billing.press("Choose Starter in Account billing")
    expect(billing.dialog).to_contain_text("Begin Starter?")
    expect(billing.dialog).to_contain_text("Invoiced now")
    expect(billing.dialog).to_contain_text("$19.00 a month")
    billing.press("Go on to payment", billing.dialog)
    pay_at_the_provider(page)
    back(billing)
    expect(billing.section("Subscription")).to_contain_text("Starter", timeout=30_000)
    expect(billing.section("Subscription")).to_contain_text("$19.00 a month")
    expect(billing.section("Cards")).to_contain_text("ending in")


def test_a_change_asks_for_what_its_preview_said(billing, page):
    billing.open()
    billing.press("Change to Professional in Account billing")
    expect(billing.dialog).to_contain_text("Change from Starter to Professional?")
    expect(billing.dialog).to_contain_text("given back")
    yes = billing.dialog.get_by_role("button", name=re.compile("^Confirm"))
    due = dollars(billing.dialog.locator("tfoot").inner_text())
    yes.click()
    expect(billing.dialog).to_have_count(0)
    expect(billing.section("Subscription")).to_contain_text("Professional")
    invoice = ask(page, "/api/v1/invoices")["data"][0]
    # Some seconds lie between the two.
    assert abs(invoice["total"] - invoice["credited"] - due) <= 0.02 and due > 20
    expect(billing.section("Invoices").get_by_role("listitem").first).to_contain_text(f"${invoice['total']:.2f}")


def test_less_begins_when_the_period_ends_and_can_be_called_off(billing):
    billing.open()
    billing.press("Change to Starter in Account billing")
    expect(billing.dialog).to_contain_text("Professional goes on until")
    expect(billing.dialog).to_contain_text("Nothing is invoiced before")
    billing.confirm("Confirm")
    expect(billing.section("Subscription")).to_contain_text("billing_starter, $19.00 a month")
    billing.press("Stay with Professional")
    expect(billing.section("Subscription")).not_to_contain_text("billing_starter")


def test_a_cancelled_plan_goes_on_to_the_end_and_can_be_kept(billing):
    billing.open()
    subscription = billing.section("Subscription")
    billing.press("Cancel the subscription", subscription)
    expect(billing.dialog).to_contain_text("Cancel Professional?")
    billing.press("Keep it", billing.dialog)
    expect(subscription).to_contain_text("Next invoice")
    billing.press("Cancel the subscription", subscription)
    billing.confirm("Cancel the subscription")
    expect(subscription).to_contain_text("Ends")
    billing.press("Keep the subscription", subscription)
    expect(subscription).to_contain_text("Next invoice")


def test_credit_is_bought_by_the_saved_card_and_on_the_page(billing, page):
    billing.open()
    credit = billing.section("Credit")
    before = ask(page, "/api/v1/balance")
    credit.get_by_label("Amount").fill("25")
    credit.get_by_label("By the saved card").check()
    billing.press("Buy credit", credit)
    expect(credit).to_contain_text("The card was charged.")
    expect(credit).to_contain_text(f"${before['credit'] + 25 - before['owed']:.2f} left", timeout=30_000)
    credit.get_by_label("Amount").fill("10")
    billing.press("Buy credit", credit)
    pay_at_the_provider(page)
    back(billing)
    expect(credit).to_contain_text(f"${before['credit'] + 35 - before['owed']:.2f} left", timeout=30_000)
    expect(credit.get_by_role("listitem").first).to_contain_text("Bought")


def test_credit_that_runs_low_is_told_of_and_bought(billing, page):
    billing.open()
    credit = billing.section("Credit")
    credit.locator("summary").click()
    credit.get_by_label("Mail us below").fill("5")
    credit.get_by_label("Buy more by the card below").fill("2.50")
    billing.press("Save", credit)
    expect(credit.get_by_label("So much each time")).to_have_attribute("aria-invalid", "true")
    credit.get_by_label("So much each time").fill("20")
    billing.press("Save", credit)
    expect(credit).to_contain_text("Saved.")
    rule = ask(page, "/api/v1/credit")["rule"]
    names = ["alert_below", "top_up_below", "top_up_amount", "top_ups_at_most"]
    assert [rule[name] for name in names] == [5, 2.5, 20, 10]


def test_a_card_is_added_preferred_and_removed(billing, page):
    billing.open()
    cards = billing.section("Cards")
    first = cards.get_by_role("listitem").first.inner_text()
    billing.press("Add a card", cards)
    pay_at_the_provider(page)
    back(billing)
    expect(cards.get_by_role("listitem")).to_have_count(2, timeout=30_000)
    cards.get_by_role("button", name=re.compile("^Charge .* first$")).click()
    expect(cards.get_by_role("listitem").nth(1)).not_to_contain_text("Charged first")
    cards.get_by_role("button", name=re.compile("^Remove")).nth(1).click()
    billing.confirm("Remove it")
    expect(cards.get_by_role("listitem")).to_have_count(1)
    assert first


def test_a_budget_and_who_invoices_are_made_out_to_are_kept(billing, page):
    billing.open()
    budget = billing.section("Budget")
    budget.get_by_label("Dollars a month").fill("120")
    budget.get_by_label("Refuse use past it").check()
    billing.press("Set the budget", budget)
    expect(budget).to_contain_text("of $120.00 spent this month")
    billing.press("Remove the budget", budget)
    expect(budget).to_contain_text("No budget is set")
    profile = billing.section("Made out to")
    profile.get_by_label("Name").fill("Nova Chemistry GmbH")
    profile.get_by_label("Country").fill("D")
    billing.press("Save", profile)
    expect(profile.get_by_label("Country")).to_have_attribute("aria-invalid", "true")
    profile.get_by_label("Country").fill("de")
    billing.press("Save", profile)
    expect(profile).to_contain_text("Saved")
    assert ask(page, "/api/v1/billing/profile")["country"] == "DE"


def test_a_coupon_that_there_is_not_is_refused_in_its_place(billing):
    billing.open()
    upcoming = billing.section("Next invoice")
    upcoming.get_by_label("Coupon").fill("NOTHING")
    billing.press("Redeem", upcoming)
    expect(upcoming.get_by_role("alert").first).to_have_text("There is no such coupon")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_fit_for_everybody(billing, page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        billing.open()
        for node in page.locator("summary").all():
            node.click()
        assert barriers(page) == []
        billing.press("Change to Enterprise in Account billing")
        expect(billing.dialog).to_be_visible()
        assert barriers(page) == []
        billing.press("Not now", billing.dialog)


def barriers(page):
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    return [(found["id"], node["html"][:120]) for found in Axe().run(page).response["violations"]
            for node in found["nodes"]]
