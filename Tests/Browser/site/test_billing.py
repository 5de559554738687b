"""The billing page: what it shows, who may press what, and how it says what cannot be."""

import pytest
from billing_answers import answers, estimate, line, paper, subscription
from pages import MemberPage
from playwright.sync_api import expect
from test_every_page import barriers, narrow, overflow, themes
from test_hostile import IMAGE, SCRIPT, expect_inert


@pytest.fixture
def context_options(request):
    return {"reduced_motion": "reduce", **getattr(request, "param", {})}


@pytest.fixture
def signed_in(page, base_url, desk, owner):
    """The owner's browser; the desk answers as billing_answers says."""
    desk.answers = answers()
    page.goto(base_url)
    page.evaluate("""({ email, password }) => fetch('/auth/login', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }) })
      .then(() => localStorage.setItem('purser.session', 'yes'))""", {"email": owner.email, "password": owner.password})


@pytest.fixture
def billing(page, base_url, signed_in):
    return MemberPage(page, base_url, "billing")


def sent(desk, method, path):
    return [request.body for request in desk.sent(path) if request.method == method]


def test_shows_how_the_account_stands(billing, page):
    billing.open()
    figures = page.locator(".figure dd").all_inner_texts()
    assert figures == ["$150.00", "$12.50", "$30.00", "$90.00\nof $200.00"]
    expect(page.locator("#desk-account")).to_have_text("Helix Labs, where you are an owner")
    expect(billing.section("Subscription")).to_contain_text("Growth Active")
    expect(billing.section("Next invoice")).to_contain_text("$61.50")
    expect(billing.section("Next invoice")).to_contain_text("A tenth (TENTH): 10 % off the next 2 invoices.")
    expect(billing.section("Cards").get_by_role("listitem").first).to_contain_text("Visa ending in 4242 Charged first")
    expect(billing.section("Credit").get_by_role("listitem")).to_have_count(2)
    expect(billing.section("Made out to").get_by_label("Address")).to_have_value("1 Quay\nHamburg")
    expect(billing.section("Budget")).to_contain_text("$90.00 of $200.00 spent this month, 45 %")


def test_says_how_near_a_limit_is(billing):
    billing.open()
    rows = billing.section("Use of the plan").get_by_role("listitem")
    assert [row.inner_text().split("\n") for row in rows.all()] == [
        ["API calls", "90,000 of 100,000, anew on 1 May 2099"], ["Shots", "3, without a limit"],
        ["API keys", "3 of 3, anew on 1 May 2099"], ["Credits of the plan", "620 of 500, 120 beyond for $0.24"]]


def test_tells_invoices_that_are_late_and_leads_to_their_papers(billing):
    billing.open()
    rows = billing.section("Invoices").get_by_role("listitem")
    assert [row.locator(".badge").inner_text() for row in rows.all()] == ["Open", "Overdue", "Paid"]
    expect(rows.nth(1)).to_contain_text("$50.00 to pay")
    expect(rows.nth(0).get_by_role("link", name="INV-000003, PDF")).to_have_attribute(
        "href", "http://localhost/i/INV-000003/pdf")
    expect(rows.nth(2).get_by_role("button")).to_have_count(0)
    expect(billing.section("Credit notes")).to_contain_text("CN-000001")


def test_plans_by_the_year_are_another_choice(billing, page):
    billing.open()
    plans = billing.section("Plans")
    expect(plans).to_contain_text("$199.00 a month")
    expect(plans).not_to_contain_text("Metered API")
    expect(plans.get_by_role("button")).to_have_count(1)
    page.get_by_label("Paid by the").select_option("year")
    expect(plans).to_contain_text("$470.00 a year")
    expect(plans.get_by_role("button")).to_have_count(2)


def test_says_what_a_change_costs_before_it_is_made(billing, desk):
    billing.open()
    billing.press("Change to Pro in Partner program")
    expect(billing.dialog).to_contain_text("$24.50 of what you paid for Growth is given back, and $99.50")
    expect(billing.dialog.locator("tbody")).to_contain_text("-$30.00")
    expect(billing.dialog.locator("tfoot")).to_contain_text("$45.00")
    expect(billing.dialog).to_contain_text("Your saved card is charged.")
    billing.press("Not now", billing.dialog)
    expect(billing.dialog).to_have_count(0)
    desk.answers["POST", "/api/v1/subscription/change"] = {"subscription": subscription("partner_pro", "Pro", 199)}
    desk.answers["GET", "/api/v1/subscription"] = {"subscription": subscription("partner_pro", "Pro", 199)}
    billing.press("Change to Pro in Partner program")
    billing.confirm("Confirm and pay $45.00")
    expect(billing.section("Subscription")).to_contain_text("Pro Active")
    [order] = sent(desk, "POST", "/api/v1/subscription/change")
    assert order == '{"plan":"partner_pro","interval":"month","when":"now"}'


def test_what_has_to_be_paid_first_leads_to_the_page_for_it(billing, page, desk, base_url, console):
    console.expects("status of 402")
    preview = desk.answers["POST", "/api/v1/subscription/preview"]
    preview |= {"payment": "page", "due": 20, "invoice": estimate(line("Pro", 45))}
    billing.open()
    billing.press("Change to Pro in Partner program")
    expect(billing.dialog).to_contain_text("You pay $20.00 on the payment provider’s page")
    expect(billing.dialog).to_contain_text("The rest is use")
    desk.refuse("/api/v1/subscription/change", 402, "This has to be paid first", url=f"{base_url}/sandbox/checkout")
    billing.press("Go on to payment", billing.dialog)
    expect(page).to_have_title("Sandbox checkout")
    # As the provider leads back: to the dashboard, which knows whose errand it was.
    page.goto(f"{base_url}/dashboard.html?payment=success&session_id=cs_1")
    expect(billing.notices).to_contain_text("The plan begins as soon as the payment is booked")
    expect(page).to_have_url(f"{base_url}/billing.html")


def test_a_checkout_that_was_called_off_charges_nothing(billing, page, desk, base_url):
    billing.open()
    desk.answers["POST", "/api/v1/billing/payment-methods"] = {"url": f"{base_url}/sandbox/checkout"}
    billing.press("Add a card")
    expect(page).to_have_title("Sandbox checkout")
    page.goto(f"{base_url}/dashboard.html?payment=cancel")
    expect(billing.notices).to_contain_text("Called off. Nothing was charged.")
    page.goto(f"{base_url}/dashboard.html?payment=cancel")
    expect(billing.notices).to_contain_text("Payment cancelled")


def test_a_declined_card_is_told_of_beside_its_invoice(billing, page, desk, base_url, console):
    console.expects("status of 402")
    billing.open()
    path = "/api/v1/invoices/INV-000003/pay"
    desk.refuse(path, 402, "Your card was declined.", code="card_declined", url=f"{base_url}/sandbox/checkout")
    row = billing.section("Invoices").get_by_role("listitem").first
    row.get_by_role("button", name="Pay $100.00 of INV-000003").click()
    expect(row.get_by_role("alert")).to_contain_text("Your card was declined.")
    billing.press("Pay on the payment page", row)
    expect(page).to_have_title("Sandbox checkout")


def test_a_site_without_a_provider_says_so(billing, desk, console):
    console.expects("status of 503")
    billing.open()
    for path in ("/api/v1/billing/payment-methods", "/api/v1/credit/top-ups"):
        desk.refuse(path, 503, "Payments are not configured", {"Retry-After": "300"}, code="payments_not_configured")
    billing.press("Add a card")
    expect(billing.section("Cards").get_by_role("alert")).to_contain_text("This site takes no payments yet")
    credit = billing.section("Credit")
    credit.get_by_label("Amount").fill("20")
    billing.press("Buy credit", credit)
    expect(credit.get_by_role("alert").first).to_contain_text("This site takes no payments yet")


@pytest.mark.parametrize("role", ["viewer", "developer"])
def test_who_may_not_bill_sees_and_cannot_press(billing, page, desk, role):
    desk.answers = answers(role)
    billing.open()
    expect(page.locator("[data-may-note]")).to_have_text("Only owners, admins and billing members can change this.")
    for node in page.locator("#desk section").get_by_role("button").all():
        expect(node).to_be_disabled()
    for node in page.locator("#desk fieldset input").all():
        expect(node).to_be_disabled()
    expect(billing.section("Invoices").get_by_role("link", name="INV-000003, PDF")).to_be_visible()
    expect(page.get_by_role("button", name="Refresh")).to_be_enabled()


def test_who_bills_is_not_told_that_they_may_not(billing, page, desk):
    desk.answers = answers("billing")
    billing.open()
    expect(page.locator("[data-may-note]")).to_be_hidden()
    expect(billing.section("Budget").get_by_role("button", name="Set the budget")).to_be_enabled()


def test_one_part_that_fails_leaves_the_others(billing, page, desk, console):
    console.expects("status of 503")
    desk.refuse("/api/v1/credit", 503, "The store is busy", {"Retry-After": "5"})
    billing.open()
    credit = billing.section("Credit")
    expect(credit.get_by_role("alert").first).to_contain_text("The store is busy. Try again in 5 seconds.")
    expect(billing.section("Cards")).to_contain_text("4242")
    billing.press("Try again", credit)
    expect(credit).to_contain_text("$30.00 left")
    expect(credit.get_by_role("heading", name="Credit", exact=True)).to_be_focused()


def test_a_session_that_has_ended_leads_to_the_door(billing, page, desk, console):
    console.expects("status of 401")
    billing.open()
    desk.sessions.clear()
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("heading", name="Sign in first")).to_be_focused()
    expect(page.locator("#desk")).to_be_hidden()


def test_a_key_alone_does_not_open_it_and_asks_nothing(page, base_url, desk):
    page.goto(f"{base_url}/billing.html")
    expect(page.get_by_role("heading", name="Sign in first")).to_be_visible()
    assert desk.sent("/api/v1/account") == []
    page.get_by_role("link", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{base_url}/dashboard.html")


def test_trouble_is_told_at_the_top(billing, desk):
    desk.answers["GET", "/api/v1/account"]["restriction"] = "restricted"
    billing.open()
    expect(billing.notices).to_contain_text("Invoices are overdue")


def test_long_lists_come_page_by_page(billing, page, desk):
    first = [paper(f"INV-{at:06}", "paid", at, 0) for at in range(10)]
    desk.answers["GET", "/api/v1/invoices"] = {"data": first, "next_cursor": "1-1"}
    billing.open()
    invoices = billing.section("Invoices")
    expect(invoices.get_by_role("listitem")).to_have_count(10)
    desk.answers["GET", "/api/v1/invoices"] = {"data": [paper("INV-000099", "paid", 1, 0)], "next_cursor": None}
    billing.press("Show more", invoices)
    expect(invoices.get_by_role("listitem")).to_have_count(11)
    expect(invoices.get_by_role("listitem").last).to_be_focused()
    expect(invoices.get_by_role("button", name="Show more")).to_have_count(0)


def test_the_dialog_is_left_by_escape_and_gives_the_keyboard_back(billing, page):
    billing.open()
    button = page.get_by_role("button", name="Cancel the subscription")
    button.focus()
    page.keyboard.press("Enter")
    expect(billing.dialog).to_be_visible()
    expect(billing.dialog.get_by_role("heading")).to_be_focused()
    page.keyboard.press("Escape")
    expect(billing.dialog).to_have_count(0)
    expect(button).to_be_focused()


def test_hostile_text_is_inert(billing, page, desk):
    desk.answers["GET", "/api/v1/account"]["name"] = IMAGE
    for one in desk.answers["GET", "/api/v1/plans"]["data"]:
        one |= {"name": IMAGE, "features": [SCRIPT]}
    desk.answers["GET", "/api/v1/invoices"]["data"][0] |= {
        "description": IMAGE, "hosted_invoice_url": "javascript:alert(1)", "invoice_pdf": "data:text/html,x"}
    desk.answers["GET", "/api/v1/credit"]["grants"][0]["name"] = SCRIPT
    billing.open()
    links = billing.section("Invoices").get_by_role("listitem").first.get_by_role("link")
    assert [link.inner_text() for link in links.all()] == ["CSV"]
    expect_inert(page)


@themes
def test_axe_finds_no_barrier(billing, page):
    billing.open()
    for node in page.locator("summary").all():
        node.click()
    billing.press("Redeem")
    assert barriers(page) == []
    billing.press("Change to Pro in Partner program")
    expect(billing.dialog).to_be_visible()
    assert barriers(page) == []


@narrow
def test_it_fits_a_telephone_even_with_long_words(billing, page, desk):
    long = "Wolfeschlegelsteinhausenbergerdorff" * 3
    desk.answers["GET", "/api/v1/account"]["name"] = long
    desk.answers["GET", "/api/v1/invoices"]["data"][0] |= {"description": long, "total": 123456789012.5}
    desk.answers["GET", "/api/v1/invoices/upcoming"]["lines"][0]["description"] = long
    desk.answers["GET", "/api/v1/credit"]["grants"][0]["name"] = long
    for one in desk.answers["GET", "/api/v1/plans"]["data"]:
        one["name"] = long
    billing.open()
    for node in page.locator("summary").all():
        node.click()
    assert overflow(page) == 0
    page.get_by_role("button", name="Change to").first.click()
    expect(billing.dialog).to_be_visible()
    assert billing.dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
