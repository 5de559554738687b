"""The page of the partner program on the demo: its busy account has two apps, three campaigns and a flag."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import CANVAS_HAS_INK, MemberPage
from playwright.sync_api import expect
from stack import wait_until

VIEWER = {"name": "Vera Viewer", "email": "vera@helix.example", "password": "looks and does not touch"}


def sign_in(context, base_url, email, password):
    answer = context.request.post(f"{base_url}/auth/login", headers={"Origin": base_url},
                                  data={"email": email, "password": password})
    assert answer.ok
    context.add_init_script("localStorage.setItem('purser.session', 'yes')")


@pytest.fixture
def partners(context, page, base_url, owner):
    sign_in(context, base_url, owner.email, owner.password)
    return MemberPage(page, base_url, "partners")


@pytest.fixture(scope="module")
def viewer(browser, demo):
    """Somebody whom the owner asked to look, and who followed the mail."""
    owner, context = demo.person("busy account"), browser.new_context(extra_http_headers={"Origin": demo.url})
    sign_in(context, demo.url, owner.email, owner.password)
    asked = context.request.post(f"{demo.url}/api/v1/invitations", data={"email": VIEWER["email"], "role": "viewer"})
    assert asked.ok, asked.text()

    def token():
        mails = [json.loads(file.read_text()) for file in (demo.state / "mail").glob("*.json")]
        return next((re.search(r"#invite=([\w-]+)", mail["text"])[1]
                     for mail in mails if mail["to"] == VIEWER["email"]), None)

    secret = wait_until(token, what="the invitation")
    context.close()
    guest = browser.new_context(extra_http_headers={"Origin": demo.url})
    answer = guest.request.post(f"{demo.url}/auth/invitation/accept",
                                data={"token": secret, "name": VIEWER["name"], "password": VIEWER["password"]})
    assert answer.ok, answer.text()
    guest.close()


def ask(page, path):
    return page.evaluate("path => fetch(path).then((answer) => answer.json())", path)


def barriers(page):
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    return [(found["id"], node["html"][:120]) for found in Axe().run(page).response["violations"]
            for node in found["nodes"]]


def test_it_opens_on_what_the_program_brought(partners, page):
    partners.open()
    stats = ask(page, "/api/partner/dashboard-stats")
    names = ["referrals", "clicks", "conversions", "rewards"]
    shown = [page.locator(f"#figure-{name}") for name in names]
    for place, name in zip(shown, names):
        expect(place).to_contain_text(str(stats[f"total{name.capitalize()}"]))
    expect(partners.section("What the program brought")).to_contain_text("1 fraud flag waits to be resolved.")
    latest = partners.section("Latest codes").get_by_role("listitem")
    expect(latest).to_have_count(len(stats["recentActivity"]))
    expect(latest.first).to_contain_text(stats["recentActivity"][0]["description"])
    page.get_by_label("Counted").select_option("in 7 days")
    expect(shown[0]).not_to_contain_text(str(stats["totalReferrals"]))
    page.get_by_label("Counted").select_option("in all")
    expect(shown[0]).to_contain_text(str(stats["totalReferrals"]))


def test_an_app_is_added_calls_by_its_key_and_is_deleted(partners, page, base_url, browser):
    partners.open()
    section = partners.section("Apps")
    section.locator("summary").click()
    section.get_by_label("Name").fill("Helix Watch")
    section.get_by_label("Calls a month, at most").fill("500")
    partners.press("Add the app", section)
    key = page.locator("#shown-key").inner_text()
    row = section.get_by_role("listitem").filter(has_text="Helix Watch")
    expect(row).to_contain_text("0 of 500 calls this month")
    client = browser.new_context()

    def call(text):
        return client.request.get(f"{base_url}/api/v1/rewards", headers={"Authorization": f"Bearer {text}"}).status

    assert [call(key) for _ in range(3)] == [200] * 3

    def watched():
        chart = ask(page, "/api/partner/dashboard-stats")["apiUsageChart"]
        return chart["data"][-1]["Helix Watch"] == 3

    wait_until(watched, what="the chart's figure")
    partners.press("Refresh")
    expect(row).to_contain_text("3 of 500 calls this month")
    canvas = page.locator("#calls canvas")
    page.wait_for_function(CANVAS_HAS_INK, arg=canvas.element_handle())
    partners.press("Change Helix Watch")
    partners.dialog.get_by_label("Name").fill("Helix Wrist")
    partners.dialog.get_by_label("Calls a month, at most").fill("600")
    partners.confirm("Save")
    expect(section).to_contain_text("3 of 600 calls this month")
    partners.press("Rotate the key of Helix Wrist")
    partners.dialog.get_by_label("The old key works for another day").uncheck()
    partners.confirm("Make the new key")
    expect(page.locator("#shown-key")).not_to_have_text(key)
    new = page.locator("#shown-key").inner_text()
    assert (call(key), call(new)) == (401, 200)
    partners.press("Delete Helix Wrist")
    partners.confirm("Delete it")
    expect(section.get_by_role("listitem")).to_have_count(2)
    assert call(new) == 401
    partners.open()
    assert new not in page.content()
    client.close()


def test_a_campaign_is_added_paused_resumed_and_removed(partners, page):
    partners.open()
    section = partners.section("Campaigns")
    expect(section.get_by_role("listitem")).to_contain_text("Pocket points")
    section.get_by_label("Of the app").select_option("Helix Lab")
    expect(section.get_by_role("listitem").filter(has_text="Two for two")).to_contain_text(
        "10 % for who refers, and who is referred, as store credit, at most $40.00")
    section.locator("summary").click()
    section.get_by_label("Name").fill("Winter")
    section.get_by_label("Where its links lead").fill("https://helix.example/winter")
    section.get_by_label("What a conversion earns").select_option("A part of its amount")
    section.get_by_label("So much").fill("12.5")
    section.get_by_label("Who earns").select_option("Who refers, and their referrer")
    section.get_by_label("Days from click to conversion, at most").fill("30")
    section.get_by_label("One reward, at most").fill("99.99")
    partners.press("Add the campaign", section)
    winter = section.get_by_role("listitem").filter(has_text="Winter")
    expect(winter).to_contain_text("12.5 % for who refers, and their referrer, as cash, at most $99.99, within 30 days")
    expect(winter).to_contain_text("Leads to https://helix.example/winter")
    partners.press("Pause Winter")
    expect(winter).to_contain_text("paused")
    expect(section.get_by_role("heading", name="Campaigns")).to_be_focused()
    partners.press("Resume Winter")
    expect(winter).to_contain_text("active")
    partners.press("Remove Winter")
    partners.confirm("Remove it")
    expect(section.get_by_role("listitem")).to_have_count(2)


def test_what_is_wrong_is_said_beside_its_field(partners, console):
    console.expects("status of 400")
    partners.open()
    section = partners.section("Campaigns")
    section.locator("summary").click()
    partners.press("Add the campaign", section)
    expect(section.get_by_label("Name")).to_be_focused()
    section.get_by_label("Name").fill("Winter")
    section.get_by_label("So much").fill("5")
    section.get_by_label("Where its links lead").fill("javascript:alert(1)")
    partners.press("Add the campaign", section)
    expect(section.get_by_label("Where its links lead")).to_have_attribute("aria-invalid", "true")
    expect(section.locator("#campaign-landing-error")).to_contain_text("https://")
    expect(section.get_by_label("Name")).to_have_value("Winter")


def test_a_part_that_fails_says_so_in_its_place(partners, page, console):
    console.expects("status of 503")
    page.route("**/api/partner/rewards?*", lambda route: route.fulfill(status=503, json={"detail": "Busy"}))
    partners.open()
    section = partners.section("Rewards")
    expect(section.get_by_role("alert").last).to_contain_text("Busy. Try again in a moment.")
    expect(partners.section("Apps").get_by_role("listitem")).to_have_count(2)
    page.unroute("**/api/partner/rewards?*")
    partners.press("Try again", section)
    expect(section.get_by_role("listitem")).to_have_count(10)


def test_rewards_are_approved_paid_and_cancelled(partners, page):
    partners.open()
    section, status = partners.section("Rewards"), "/api/partner/rewards?limit=100&status="
    before = {name: len(ask(page, status + name)["rewards"]) for name in ("PENDING", "APPROVED")}
    rows = section.get_by_role("listitem")
    expect(rows).to_have_count(10)
    partners.press("Show more", section)
    expect(rows).to_have_count(min(20, before["APPROVED"]))
    section.get_by_role("combobox", name="Show").select_option("held back")
    expect(rows.first).to_contain_text("held back until")
    rows.first.get_by_role("button", name=re.compile("^Approve")).click()
    expect(section.get_by_role("heading", name="Rewards")).to_be_focused()
    section.get_by_role("combobox", name="Show").select_option("to be paid")
    expect(rows.first).to_contain_text("due since")
    assert len(ask(page, status + "APPROVED")["rewards"]) == before["APPROVED"] + 1
    rows.first.get_by_role("button", name=re.compile("^Mark as paid")).click()
    partners.confirm("It is paid")
    expect(section.get_by_role("heading", name="Rewards")).to_be_focused()
    rows.first.get_by_role("button", name=re.compile("^Cancel")).click()
    partners.press("Keep it", partners.dialog)
    rows.first.get_by_role("button", name=re.compile("^Cancel")).click()
    partners.confirm("Cancel it")
    section.get_by_role("combobox", name="Show").select_option("cancelled")
    expect(rows.first).to_contain_text("by a member")
    after = {name: len(ask(page, status + name)["rewards"]) for name in before}
    assert after == {"PENDING": before["PENDING"] - 1, "APPROVED": before["APPROVED"] - 1}


def test_a_viewer_sees_all_and_can_press_nothing(viewer, context, page, base_url):
    sign_in(context, base_url, VIEWER["email"], VIEWER["password"])
    partners = MemberPage(page, base_url, "partners").open()
    expect(page.locator("[data-may-note]")).to_contain_text("Only owners, admins and developers can change this.")
    expect(partners.section("What looks like fraud").get_by_role("listitem").first).to_contain_text("risk 50")
    buttons = page.locator("section .plain .actions button").all()
    assert len(buttons) > 10
    for button in buttons:
        expect(button).to_be_disabled()
    for summary in page.locator("summary").all():
        summary.click()
    for name in ("Add the app", "Add the campaign"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()


@pytest.mark.parametrize("context_options", [
    {"color_scheme": scheme, "reduced_motion": "reduce"} for scheme in ("light", "dark")], ids=["light", "dark"])
def test_it_is_fit_for_everybody(partners, page):
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        partners.open()
        for summary in page.locator("summary").all():
            summary.click()
        assert barriers(page) == []
        partners.press("Rotate the key of Helix Lab" if "rk_" in page.locator("#apps").inner_text() else
                       "Make a key of Helix Lab")
        assert barriers(page) == []
        partners.press("Not now", partners.dialog)


def test_a_flag_is_resolved_once_somebody_has_looked(partners, page):
    partners.open()
    section = partners.section("What looks like fraud")
    expect(section).to_contain_text("1 to look at")
    expect(section).to_contain_text("Self-referral: referrer and referee are the same")
    section.get_by_role("button", name=re.compile("^Fraud")).click()
    expect(partners.dialog).to_contain_text("is fraud?")
    partners.confirm("It is fraud")
    expect(section).to_contain_text("Nothing waits for you to look at.")
    expect(page.locator("#alerts")).not_to_contain_text("fraud")
    assert ask(page, "/api/partner/fraud?filter=fraud")["flags"][0]["resolution"] == "fraud"
