"""Keys, team, security and audit log of the demo's new account, and what operators do about it, in the browser."""

import hashlib
import hmac
import re
import struct
import time
from base64 import b32decode

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import DashboardPage, MemberPage
from playwright.sync_api import expect

PAGES = ["keys", "team", "security", "audit"]


@pytest.fixture
def nova(demo):
    return demo.person("new account")


@pytest.fixture
def member(page, base_url, dashboard, nova):
    """Opens a page as the owner of the new account."""
    dashboard.open().sign_in_by_password(nova)
    dashboard.expect_signed_in(nova)
    return lambda name: MemberPage(page, base_url, name).open()


def barriers(page):
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    return [(found["id"], node["html"][:120]) for found in Axe().run(page).response["violations"]
            for node in found["nodes"]]


def code_of(secret):
    """RFC 6238, as an authenticator shows it."""
    digest = hmac.new(b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def test_a_key_is_made_shown_once_changed_rotated_and_revoked(member, page, base_url):
    keys = member("keys")
    make = keys.section("New key")
    make.get_by_label("What it is for").fill("Night run")
    make.get_by_label("Calls a month").fill("500")
    keys.press("Make the key", make)
    key = page.locator("#shown-key").inner_text()
    assert page.request.get(f"{base_url}/auth/user", headers={"Authorization": f"Bearer {key}"}).ok
    row = keys.section("Your keys").get_by_role("listitem").filter(has_text="Night run").first
    expect(row).to_contain_text("0 of 500 calls this month")
    keys.press("Change Night run")
    keys.dialog.get_by_label("What it is for").fill("Day run")
    keys.dialog.get_by_label("Requests a minute").fill("30")
    keys.confirm("Save")
    keys.press("Rotate Day run")
    keys.confirm("Make the new key")
    expect(page.locator("#shown-key")).not_to_have_text(key)
    for _ in range(2):
        keys.section("Your keys").get_by_role("button", name="Revoke Day run").first.click()
        keys.confirm("Revoke it")
    expect(keys.section("Your keys").get_by_role("button", name="Revoke Day run")).to_have_count(0)
    keys.open()
    assert key not in page.content()


def test_somebody_is_invited_and_the_invitation_taken_back(member):
    team = member("team")
    invite = team.section("Invite somebody")
    invite.get_by_label("E-mail").fill("friend@nova.example")
    invite.get_by_label("Role").select_option("viewer")
    team.press("Send the invitation", invite)
    expect(invite.get_by_role("listitem")).to_contain_text("asked as viewer")
    team.press("Take back from friend@nova.example")
    expect(invite.get_by_role("listitem")).to_have_count(0)


def test_the_last_owner_is_told_that_they_cannot_go(member, console):
    console.expects("status of 409")
    team = member("team")
    team.press("Leave")
    team.press("Leave", team.dialog)
    expect(team.dialog.get_by_role("alert")).not_to_be_empty()
    team.press("Not now", team.dialog)


def test_other_sessions_are_ended(member, browser, base_url, nova):
    elsewhere = browser.new_context(base_url=base_url, user_agent="Elsewhere/1")
    answer = elsewhere.request.post("/auth/login", headers={"Origin": base_url},
                                    data={"email": nova.email, "password": nova.password})
    assert answer.ok and elsewhere.request.get("/api/v1/me").ok
    security = member("security")
    sessions = security.section("Where you are signed in")
    expect(sessions).to_contain_text("Elsewhere/1")
    security.press("Sign out everywhere else")
    expect(sessions.get_by_role("listitem")).to_have_count(1)
    assert elsewhere.request.get("/api/v1/me").status == 401
    elsewhere.close()


def test_a_second_factor_is_set_up_and_turned_off(member, page, nova):
    security = member("security")
    factor = security.section("Second factor")
    factor.get_by_label("Your password").fill(nova.password)
    security.press("Set up an authenticator", factor)
    secret = page.locator("#factor-secret")
    expect(secret).not_to_be_empty()
    factor.get_by_label("Code", exact=True).fill(code_of(secret.inner_text()))
    security.press("Turn it on", factor)
    codes = page.locator("#recovery pre").inner_text().split()
    assert len(codes) == 10
    expect(factor).to_contain_text("It is on")
    security.press("Turn it off", factor)
    security.dialog.get_by_label("Code").fill(codes[0])
    security.confirm("Go on")
    expect(factor.get_by_role("button", name="Set up an authenticator")).to_be_visible()


def test_the_log_says_who_did_it(member):
    audit = member("audit")
    entries = audit.section("Who did what")
    expect(entries).to_contain_text("key.revoked")
    entries.get_by_label("What", exact=True).fill("member.invited")
    audit.press("Look")
    rows = entries.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("noor@nova.example")


@pytest.mark.parametrize("context_options", [
    {"color_scheme": scheme, "reduced_motion": "reduce"} for scheme in ("light", "dark")], ids=["light", "dark"])
def test_they_are_fit_for_everybody(member, page):
    for name in PAGES:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            member(name)
            assert barriers(page) == []


def test_an_operator_finds_an_account_and_steers_it(demo, page, base_url, nova):
    dashboard, operator = DashboardPage(page, base_url), demo.person("operator")
    dashboard.open().sign_in_by_password(operator)
    dashboard.expect_signed_in(operator)
    page.get_by_role("navigation", name="Account").get_by_role("link", name="Operator").click()
    expect(page.locator("#figure-mrr")).to_contain_text(re.compile(r"\$[1-9]"))
    dialog, account = page.get_by_role("dialog"), page.locator("#account")

    def find():
        section = page.get_by_role("region", name="An account", exact=True)
        section.get_by_label("Name, mail address or number").fill("noor@nova")
        section.get_by_role("button", name="Search").click()
        section.get_by_role("button", name="Open Nova Chemistry").click()
        expect(account.get_by_role("heading", level=3)).to_be_focused()

    def order(button, yes, fill=None):
        account.get_by_role("button", name=button, exact=True).click()
        for label, value in (fill or {}).items():
            dialog.get_by_label(label).fill(value)
        dialog.get_by_role("button", name=yes, exact=True).click()
        expect(dialog).to_have_count(0)

    find()
    order("Suspend", "Suspend")
    expect(account).to_contain_text("suspended")
    order("Resume", "Resume")
    expect(account).to_contain_text("active")
    before = money(account)
    order("Give credit", "Give it", {"Amount": "600", "What the account reads": "For the wait"})
    expect(account.locator("dl")).to_contain_text(f"${before + 600:,.2f} in")
    account.get_by_role("button", name=re.compile("(Begin a|Change the) plan")).click()
    dialog.get_by_label("Plan").select_option("partner_pro month")
    dialog.get_by_role("button", name="Do it").click()
    expect(account.locator("dl")).to_contain_text("partner_pro, active")
    order("End the subscription", "End the subscription")
    order("Keep the subscription", "Keep the subscription")
    expect(account.get_by_role("button", name="End the subscription")).to_be_visible()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        page.reload()
        find()
        assert barriers(page) == []


def money(account):
    told = account.locator("dl").get_by_text(re.compile(r"in \d+ grants?")).inner_text()
    return float(re.search(r"\$([\d,.]+)", told)[1].replace(",", ""))
