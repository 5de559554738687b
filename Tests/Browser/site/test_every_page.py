"""What holds for all pages: no barrier, no sideways scrolling, nothing from elsewhere."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PAGES = ["/", "/dashboard.html", "/dashboard.html#create", "/test_dashboard.html", "/mail.html", "/operator.html",
         "/billing.html", "/keys.html", "/partners.html", "/team.html", "/security.html", "/audit.html",
         "/identity.html", "/dashboard.html#second-factor=x", "/link.html", "/link.html#verify=x",
         "/link.html#reset=x", "/nowhere"]
NARROW = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def context_options(request):
    return {"reduced_motion": "reduce", **getattr(request, "param", {})}


@pytest.fixture(autouse=True)
def missing_page(console):
    console.expects("status of 404")


def barriers(page):
    return [
        f"{found['id']}: {node['html']} {node['failureSummary']}"
        for found in Axe().run(page).response["violations"] if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def open_desk(dashboard, person):
    dashboard.open().use_key(person.key)
    dashboard.expect_signed_in(person)
    dashboard.wait_until_loaded()


def fail_every_form(dashboard, page):
    page.locator("#ticket-form").get_by_role("button", name="Send").click()
    expect(page.locator("#ticket-subject-error")).to_be_visible()


themes = pytest.mark.parametrize(
    "context_options", [{"color_scheme": "light"}, {"color_scheme": "dark"}], ids=["light", "dark"], indirect=True)
narrow = pytest.mark.parametrize("context_options", [NARROW], ids=["360px"], indirect=True)


@themes
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_barrier(page, base_url, path):
    page.goto(base_url + path)
    assert barriers(page) == []


@themes
def test_axe_finds_no_barrier_on_a_full_desk(dashboard, page, owner):
    open_desk(dashboard, owner)
    dashboard.table_of("daily")
    dashboard.table_of("backends")
    fail_every_form(dashboard, page)
    assert barriers(page) == []


@themes
def test_axe_finds_no_barrier_on_an_empty_desk(dashboard, page, newcomer):
    open_desk(dashboard, newcomer)
    dashboard.send_ticket("low", "Hello", "Where do I start?")
    expect(dashboard.ticket_result).to_contain_text("TKT-")
    assert barriers(page) == []


@themes
def test_axe_finds_no_barrier_on_answers(trials, page):
    trials.open().run_all()
    expect(trials.status("ticket")).to_be_visible()
    assert barriers(page) == []


@narrow
@pytest.mark.parametrize("path", PAGES)
def test_nothing_scrolls_sideways_on_a_telephone(page, base_url, path):
    page.goto(base_url + path)
    assert overflow(page) == 0


@narrow
def test_the_desk_fits_a_telephone_even_with_long_words(dashboard, page, owner, desk):
    account = desk.by_key(owner.key)
    account.name = owner.name = "Wolfeschlegelsteinhausenbergerdorff" * 2
    account.spent, account.balance = 123456789.01, 98765432.1
    account.backends = {"x" * 64: 5, **account.backends}
    account.invoices[0]["id"] = "in_" + "9" * 60
    open_desk(dashboard, owner)
    dashboard.table_of("backends")
    fail_every_form(dashboard, page)
    assert overflow(page) == 0


@narrow
def test_answers_fit_a_telephone(trials, page):
    trials.open().run_all()
    expect(trials.status("ticket")).to_be_visible()
    assert overflow(page) == 0


def test_the_front_page_names_the_address_it_was_opened_at(page, base_url):
    page.goto(base_url)
    expect(page.locator("#line-user")).to_have_text(
        f"curl {base_url}/auth/user \\ -H 'Authorization: Bearer bioql_dev_test123'")


def test_the_keyboard_reaches_the_content_first(page, base_url):
    page.goto(f"{base_url}/dashboard.html")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_comes_from_another_host(page, base_url, path):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(base_url + path)
    page.wait_for_load_state("networkidle")
    assert asked and all(url.startswith(base_url) for url in asked)
