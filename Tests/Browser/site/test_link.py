"""The page that the links of our mails lead to: nothing happens by opening it, and the token stays nowhere."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def open_link(page, base_url, desk):
    def open(kind, about, token="T0ken_of-the-mail"):
        desk.links[token] = (kind, about)
        page.goto(f"{base_url}/link.html#{kind}={token}")
        return token
    return open


def done(page):
    return page.locator("#done")


def test_opening_a_link_does_nothing_and_leaves_no_trace(open_link, page, desk, owner, base_url):
    for kind in ("verify", "reset"):
        token = open_link(kind, desk.by_email(owner.email))
        expect(page.locator(f"#{kind} button")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert desk.requests == []
        assert page.url == f"{base_url}/link.html"
        assert token not in page.content()
        assert page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])") == "[{},{}]"


def test_an_address_is_confirmed_by_a_click(open_link, page, desk, owner):
    token = open_link("verify", desk.by_email(owner.email))
    page.get_by_role("button", name="Yes, it is mine").click()
    expect(done(page)).to_contain_text("Your mail address is confirmed.")
    expect(page.locator("#done-title")).to_be_focused()
    assert desk.sent("/auth/verify")[0].body == f'{{"token":"{token}"}}' and desk.links == {}
    page.get_by_role("link", name="To the dashboard").click()
    page.wait_for_url("**/dashboard.html")


def test_a_link_that_was_used_says_so(open_link, page, desk, owner, console):
    console.expects("status of 400")
    open_link("verify", desk.by_email(owner.email))
    desk.links.clear()
    page.get_by_role("button", name="Yes, it is mine").click()
    expect(page.locator("#verify-form .form-error")).to_contain_text("has expired or was used before")
    expect(done(page)).to_be_hidden()


def test_a_password_is_set_anew(open_link, page, desk, owner, console, dashboard):
    console.expects("status of 400")
    open_link("reset", desk.by_email(owner.email))
    field, button = page.get_by_role("textbox", name="New password"), page.get_by_role("button", name="Set the password")
    field.fill("too short")
    button.click()
    expect(page.locator("#reset-password-error")).to_have_text("Please use at least 12 characters.")
    assert desk.requests == []
    field.fill("password password")
    button.click()
    expect(page.locator("#reset-password-error")).to_have_text("is too easy to guess")
    field.fill("a short swim in the lake")
    button.click()
    expect(done(page)).to_contain_text("Your password is set")
    assert page.locator("#reset-password").input_value() == ""
    owner.password = "a short swim in the lake"
    dashboard.open().sign_in_by_password(owner)
    dashboard.expect_signed_in(owner)


def test_a_newcomer_accepts_an_invitation_and_is_in(open_link, page, desk, dashboard):
    open_link("invite", "carol@example.com")
    expect(page.locator("#invite-words")).to_have_text(
        "owner@example.com asks carol@example.com to join Helix Labs as developer.")
    assert [request.path for request in desk.requests] == ["/auth/invitation"] and desk.links
    page.get_by_label("Your name").fill("Carol")
    page.get_by_label("A password").fill("a short swim in the lake")
    page.get_by_role("button", name="Accept").click()
    expect(done(page)).to_contain_text("You are a member of Helix Labs.")
    page.get_by_role("link", name="To the dashboard").click()
    expect(dashboard.title).to_have_text("Carol")


def test_who_is_known_signs_in_and_then_accepts(open_link, page, desk, owner, console, dashboard, context):
    console.expects("status of 401")
    open_link("invite", owner.email)
    expect(page.locator("#invite-words")).to_contain_text("Helix Labs")
    expect(page.get_by_label("Your name")).to_be_hidden()
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#invite-form .form-error")).to_contain_text("Not authenticated")
    with context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    other = type(dashboard)(opened.value, dashboard.base_url)
    other.sign_in_by_password(owner)
    other.expect_signed_in(owner)
    page.get_by_role("button", name="Accept").click()
    expect(done(page)).to_contain_text("You are a member of Helix Labs.")


@pytest.mark.parametrize("rest", ["", "#", "#verify", "#verify=", "#__proto__=x", "#constructor=x", "#other=x",
                                  "?verify=x"])
def test_a_link_that_is_not_whole_says_so(page, base_url, desk, rest):
    page.goto(f"{base_url}/link.html{rest}")
    expect(page.get_by_role("heading", name="This link is not whole")).to_be_visible()
    assert desk.requests == []


def test_markup_in_an_invitation_is_text(open_link, page, desk):
    open_link("invite", "<img src=x onerror=alert(1)>@example.com")
    expect(page.locator("#invite-words")).to_contain_text("<img src=x onerror=alert(1)>@example.com")
    assert page.locator("#invite img").count() == 0


def test_a_second_link_in_the_same_tab_is_taken_up(open_link, page, desk, owner, base_url):
    open_link("verify", desk.by_email(owner.email))
    desk.links["another"] = ("reset", desk.by_email(owner.email))
    page.goto(f"{base_url}/link.html#reset=another")
    expect(page.get_by_role("heading", name="Set a new password")).to_be_visible()
