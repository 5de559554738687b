"""The ways in, and the way out."""

import re
from urllib.parse import urlencode

import pytest
from pages import Person
from playwright.sync_api import expect


def storage(page):
    return page.evaluate("[JSON.stringify({...sessionStorage}), JSON.stringify({...localStorage})]")


def test_a_pasted_key_opens_the_dashboard_and_stays_in_its_tab(dashboard, owner, desk, page, context):
    dashboard.open().use_key(f"  {owner.key} ")
    dashboard.expect_signed_in(owner)

    in_tab, in_browser = storage(page)
    assert owner.key in in_tab and owner.key not in in_browser
    assert owner.key not in page.url and owner.key not in page.locator("body").inner_text()
    assert all("Cookie" not in request.headers for request in desk.requests)
    assert desk.sent("/analytics/usage")[0].headers["Authorization"] == f"Bearer {owner.key}"

    page.reload()
    dashboard.expect_signed_in(owner)
    other_tab = context.new_page()
    other_tab.goto(page.url)
    expect(other_tab.locator("#door")).to_be_visible()


def test_a_password_opens_a_session_and_no_key_is_kept(dashboard, owner, desk, page, context):
    dashboard.open().sign_in_by_password(owner)
    dashboard.expect_signed_in(owner)
    expect(dashboard.figure("shots")).to_have_text("12,345")

    assert desk.sent("/auth/login")[0].body == '{"email":"owner@example.com","password":"a long walk at sea"}'
    assert desk.sent("/api/v1/me/usage") and not desk.sent("/analytics/usage")
    assert all(owner.key not in area and owner.password not in area for area in storage(page))
    other_tab = context.new_page()
    other_tab.goto(page.url)
    expect(other_tab.locator("#desk-title")).to_have_text(owner.name)


def test_an_email_and_a_key_open_a_session(dashboard, owner, desk):
    dashboard.open().sign_in_by_email_and_key(owner)
    dashboard.expect_signed_in(owner)
    assert '"api_key"' in desk.sent("/auth/login")[0].body and '"password"' not in desk.sent("/auth/login")[0].body
    assert desk.sent("/api/v1/me")


def test_a_wrong_password_says_so_and_lets_nobody_in(dashboard, owner, console):
    console.expects("status of 401")
    dashboard.open().sign_in_by_password(owner, "guessed")
    expect(dashboard.form_error("sign-in")).to_have_text("Invalid credentials")
    dashboard.expect_signed_out()


def test_a_wrong_key_is_refused_where_it_was_pasted(dashboard, console, page, desk):
    console.expects("status of 401")
    dashboard.open().use_key("bioql_not_a_key")
    expect(dashboard.form_error("key")).to_have_text("Invalid API key")
    assert "bioql_not_a_key" not in storage(page)[0]


def test_something_that_cannot_be_a_key_is_not_sent(dashboard, desk):
    dashboard.open().use_key("schlüssel")
    expect(dashboard.form_error("key")).to_have_text("This is not an API key.")
    # The page asks which providers there are, and sends nothing else.
    assert {request.path for request in desk.requests} <= {"/auth/oidc/providers"}


def test_empty_fields_are_named_before_anything_is_sent(dashboard, page, desk):
    dashboard.open()
    page.locator("#sign-in-form").get_by_role("button", name="Sign in").click()
    email = page.get_by_label("E-mail").first
    expect(email).to_be_focused()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#sign-in-email-error")).to_have_text("Please fill this in.")
    # The page asks which providers there are, and sends nothing else.
    assert {request.path for request in desk.requests} <= {"/auth/oidc/providers"}


def test_a_new_account_sees_its_key_once_and_goes_on(dashboard, desk, page, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada = Person("Ada", "ada@example.com", "a long walk at sea")
    dashboard.open("#create").create_account(ada)
    key = dashboard.created_key()
    assert key == desk.by_email(ada.email).key
    expect(page.locator("#created")).to_contain_text("it is not shown again")
    page.get_by_role("button", name="Copy key").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key

    dashboard.go_on_after_creating()
    dashboard.expect_signed_in(ada)
    dashboard.sign_out()
    dashboard.choose("Create account")
    expect(page.locator("#created-key")).to_have_count(1)
    assert page.locator("#created-key").text_content() == ""


def test_a_taken_address_is_told_beside_its_field(dashboard, owner, console, page):
    console.expects("status of 409")
    dashboard.open("#create").create_account(Person("Twin", owner.email, "another password"))
    expect(page.locator("#create-email-error")).to_have_text("This address is taken.")
    expect(dashboard.form_error("create")).to_have_text("Email already registered")
    expect(page.locator("#create-email")).to_be_focused()


def test_signing_out_ends_the_session_and_empties_the_page(dashboard, owner, desk, page):
    dashboard.open().sign_in_by_password(owner)
    dashboard.expect_signed_in(owner)
    dashboard.wait_until_loaded()
    dashboard.sign_out()
    dashboard.expect_signed_out()
    assert desk.sessions == {}
    assert "12,345" not in page.content() and "in_3001" not in page.content()
    page.reload()
    dashboard.expect_signed_out()


def test_a_session_that_ended_leads_back_to_the_door(dashboard, owner, desk, console):
    console.expects("status of 401")
    dashboard.open().sign_in_by_password(owner)
    dashboard.expect_signed_in(owner)
    dashboard.wait_until_loaded()
    desk.sessions.clear()
    dashboard.refresh()
    dashboard.expect_signed_out()
    expect(dashboard.notices).to_contain_text("Your session has ended.")


def test_too_many_tries_say_when_to_come_back(dashboard, owner, desk, console):
    console.expects("status of 429")
    desk.refuse("/auth/login", 429, "Too many attempts", {"Retry-After": "120"})
    dashboard.open().sign_in_by_password(owner)
    expect(dashboard.form_error("sign-in")).to_have_text("Too many attempts. Try again in 2 minutes.")


def test_a_server_out_of_reach_is_named_as_such(dashboard, owner, page, console):
    console.expects("ERR_CONNECTION_FAILED")
    dashboard.open()
    page.route("**/auth/login", lambda route: route.abort("connectionfailed"))
    dashboard.sign_in_by_password(owner)
    expect(dashboard.form_error("sign-in")).to_have_text(re.compile("could not be reached"))


def test_tabs_follow_the_arrow_keys(dashboard, page):
    dashboard.open()
    page.get_by_role("tab", name="Sign in").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Use a key")).to_be_focused()
    expect(page.locator("#key-form")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator("#create-form")).to_be_visible()


# ---- the second factor


def code_form(page):
    return page.locator("#code-form")


def enter_code(page, code):
    code_form(page).get_by_label("Code").fill(code)
    code_form(page).get_by_role("button", name="Go on").click()


def test_a_second_factor_is_asked_for_and_lets_in(dashboard, owner, desk, page, console):
    console.expects("status of 40[13]")
    desk.by_email(owner.email).code = "123456"
    dashboard.open().sign_in_by_password(owner)
    expect(code_form(page).get_by_label("Code")).to_be_focused()
    expect(page.locator("#sign-in-form")).to_be_hidden()
    enter_code(page, "654321")
    expect(dashboard.form_error("code")).to_contain_text("wrong or was used")
    assert desk.sessions == {}
    enter_code(page, " 123456 ")
    dashboard.expect_signed_in(owner)
    assert all("token" not in area for area in storage(page))


def test_a_sign_in_that_waited_too_long_begins_again(dashboard, owner, desk, page, console):
    console.expects("status of 401")
    desk.by_email(owner.email).code = "123456"
    dashboard.open().sign_in_by_password(owner)
    expect(code_form(page)).to_be_visible()
    desk.unfinished.clear()
    enter_code(page, "123456")
    expect(dashboard.form_error("sign-in")).to_contain_text("has expired")
    expect(page.get_by_label("E-mail").first).to_be_focused()


def test_a_sign_in_elsewhere_brings_its_code_here(dashboard, owner, desk, page):
    account = desk.by_email(owner.email)
    account.code = "123456"
    desk.unfinished["from-a-provider"] = account
    # Whatever was remembered of an earlier sign-in.
    dashboard.open()
    page.evaluate("localStorage.setItem('purser.session', 'yes')")
    page.goto("about:blank")
    dashboard.open("#second-factor=from-a-provider")
    expect(code_form(page)).to_be_visible()
    assert "from-a-provider" not in page.url
    enter_code(page, "123456")
    dashboard.expect_signed_in(owner)


@pytest.mark.parametrize("wanted, ends", [
    ("/link.html?a=b", "/link.html?a=b"), ("//evil.example/", None), ("https://evil.example/", None),
    ("javascript:document.title='caught'", None), ("/\\\\evil.example", None), ("", None)])
def test_a_sign_in_elsewhere_goes_on_to_the_page_of_this_site_that_was_wanted(
        dashboard, owner, desk, page, wanted, ends):
    account = desk.by_email(owner.email)
    account.code = "123456"
    desk.unfinished["from-a-provider"] = account
    dashboard.open("#" + urlencode({"second-factor": "from-a-provider", "next": wanted}))
    enter_code(page, "123456")
    if ends:
        page.wait_for_url(f"**{ends}")
    else:
        dashboard.expect_signed_in(owner)


def test_one_may_begin_again_instead_of_showing_the_code(dashboard, owner, desk, page, console):
    console.expects("status of 401")
    desk.by_email(owner.email).code = "123456"
    dashboard.open().sign_in_by_password(owner)
    code_form(page).get_by_role("button", name="Begin again").click()
    expect(page.locator("#sign-in-form")).to_be_visible()
    assert page.locator("#sign-in-password").input_value() == ""


# ---- a forgotten password


def test_a_link_for_a_new_password_is_asked_for(dashboard, owner, desk, page):
    dashboard.open()
    page.locator("#sign-in-email").fill(owner.email)
    page.get_by_role("button", name="Forgot your password?").click()
    form = page.locator("#forgot-form")
    expect(form.get_by_label("E-mail")).to_have_value(owner.email)
    form.get_by_role("button", name="Send the link").click()
    expect(page.locator("#forgot-sent")).to_contain_text("a mail is on its way")
    assert desk.sent("/auth/password/forgot")[0].body == '{"email":"owner@example.com"}'
    form.get_by_role("button", name="Back to signing in").click()
    dashboard.sign_in_by_password(owner)
    dashboard.expect_signed_in(owner)
