"""Signing in at a provider in a browser: the button, the way back, and the question whether to link."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from issuer_double import IssuerDouble
from playwright.sync_api import expect
from stack import Stack

PASSWORD = "a long walk at sea"


@pytest.fixture
def issuer():
    with IssuerDouble() as double:
        yield double


@pytest.fixture
def base_url(issuer):
    with Stack(OIDC_PROVIDERS=json.dumps([issuer.settings(name="The <Double>")])) as stack:
        stack.register(email="ada@example.com", name="Ada", password=PASSWORD)
        yield stack.url


@pytest.fixture(autouse=True)
def refusals(console):
    console.expects("status of 401")


def press(page, base_url):
    page.goto(f"{base_url}/dashboard.html")
    page.get_by_role("button", name="Continue with The <Double>").click()


def is_sound(page):
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert [found["id"] for found in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_a_newcomer_arrives_on_the_dashboard(page, base_url, issuer):
    press(page, base_url)
    expect(page.locator("#desk-title")).to_have_text("Grace Hopper")
    assert page.url == f"{base_url}/dashboard.html"
    page.reload()
    expect(page.locator("#desk-title")).to_have_text("Grace Hopper")


def test_who_has_an_account_signs_in_to_it_and_agrees(page, base_url, issuer):
    issuer.person = {"email": "ada@example.com"}
    press(page, base_url)
    expect(page.locator("#door-title")).to_have_text("Is this you?")
    expect(page.locator("#door [data-provider]")).to_have_text("The <Double>")
    assert "#" not in page.url
    is_sound(page)
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#consent-person")).to_have_text("Ada (ada@example.com)")
    is_sound(page)
    page.get_by_role("button", name="Link").click()
    expect(page.locator("#desk-title")).to_have_text("Ada")
    # From now on the button is enough.
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Continue with The <Double>").click()
    expect(page.locator("#desk-title")).to_have_text("Ada")


def test_who_is_not_let_in_is_told_why(page, base_url, issuer):
    issuer.person = {"email_verified": False}
    press(page, base_url)
    expect(page.locator("#trouble-reason")).to_contain_text("has not verified your mail address")
    is_sound(page)
    page.goto("about:blank")
    page.goto(f"{base_url}/identity.html#identity_error=%3Cscript%3E")
    expect(page.locator("#trouble-reason")).to_contain_text("Please begin again")


def test_a_provider_that_is_down_says_so_beside_its_button(page, base_url, issuer, console):
    console.expects("status of 503")
    issuer.is_down = True
    press(page, base_url)
    expect(page.locator("#notices")).to_contain_text("does not answer")
    expect(page.locator("#sign-in-form")).to_be_visible()
