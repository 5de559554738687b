"""Text from others stays text, wherever the site shows it."""

from desk_double import invoice
from pages import DashboardPage, Person
from playwright.sync_api import expect

IMAGE = "<img src=x onerror=\"document.title='owned'\">"
SCRIPT = "</script><script>document.title='owned'</script>"


def test_hostile_names_backends_and_descriptions_are_inert(dashboard, desk, page):
    account = desk.add(
        IMAGE, "mallory@example.com", "pw", backends={IMAGE: 700, SCRIPT: 300}, daily=[0] * 29 + [1000], balance=5.0,
        invoices=[invoice(SCRIPT, IMAGE, IMAGE, 5.0, SCRIPT)],
    )
    dashboard.open().use_key(account.key)
    dashboard.expect_signed_in(Person(IMAGE, account.email))
    dashboard.wait_until_loaded()
    assert [row[0] for row in dashboard.table_of("backends")] == [IMAGE, SCRIPT]
    expect(dashboard.invoice_rows.first).to_contain_text(IMAGE)
    expect_inert(page)


def test_hostile_sentences_of_the_server_are_inert(dashboard, desk, owner, page, console):
    console.expects("status of 400")
    for path in ["/auth/user", "/support/ticket"]:
        desk.refuse(path, 400, IMAGE, errors=[{"field": "subject", "message": SCRIPT}])
    dashboard.open().use_key(owner.key)
    expect(dashboard.form_error("key")).to_have_text(IMAGE)
    dashboard.use_key(owner.key)
    dashboard.send_ticket("low", IMAGE, SCRIPT)
    expect(dashboard.form_error("ticket")).to_have_text(IMAGE)
    expect(page.locator("#ticket-subject-error")).to_have_text(SCRIPT)
    expect_inert(page)


def test_hostile_json_is_shown_as_written_on_the_trial_page(trials, desk, page):
    desk.by_key("bioql_dev_test123").name = IMAGE + SCRIPT
    trials.open().send("user")
    expect(trials.answer("user")).to_contain_text("<img src=x")
    expect_inert(page)


def test_the_prototype_is_no_backend(page, base_url, desk):
    account = desk.add("Proto", "proto@example.com", "pw", backends={"__proto__": 7, "constructor": 3}, daily=[1] * 30)
    dashboard = DashboardPage(page, base_url).open()
    dashboard.use_key(account.key)
    dashboard.wait_until_loaded()
    assert [row[0] for row in dashboard.table_of("backends")] == ["__proto__", "constructor"]


def expect_inert(page):
    assert page.title() != "owned"
    assert page.locator("main img, main script").count() == 0
