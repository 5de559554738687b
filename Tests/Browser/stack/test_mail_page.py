"""The operators' page of mails, on the demo: what is queued becomes a file, and is read there."""

import json
import sqlite3
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from stack import wait_until

LINK = "http://127.0.0.1/link.html#verify=" + "Ab3_-" * 12


@pytest.fixture
def operator(demo):
    return demo.person("operator")


@pytest.fixture(scope="module")
def mail(demo):
    """A mail in the demo's folder; its subject."""
    payload = {"to": "ada@example.com", "subject": "Verify <your> address", "parts": [
        {"text": "Hello <b>Ada</b>,"}, {"link": "Verify", "url": LINK}, {"code": "123456"}]}
    now = int(time.time() * 1000)
    with sqlite3.connect(demo.state / "purser.db", timeout=10) as db:
        db.execute("INSERT INTO outbox (kind, account_id, payload, idempotency_key, next_attempt_at, created_at) "
                   "VALUES ('mail', 0, ?, 'abc', ?, ?)", (json.dumps(payload), now, now))
    wait_until(lambda: list((demo.state / "mail").glob("*-abc.json")), what="the mail's file")
    return payload["subject"]


def test_an_operator_reads_a_mail_and_follows_its_link(dashboard, operator, page, base_url, mail):
    dashboard.open().sign_in_by_password(operator)
    dashboard.expect_signed_in(operator)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{base_url}/mail.html")
        expect(page.locator("#delivery")).to_contain_text("written to a folder")
        page.get_by_role("button", name=mail).click()
        expect(page.locator("#mail-subject")).to_have_text(mail)
        expect(page.locator("#mail-text")).to_contain_text("Hello <b>Ada</b>,")
        expect(page.locator("#mail-text a").first).to_have_attribute("href", LINK)
        assert [found["id"] for found in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_others_are_told_whom_it_is_for(dashboard, owner, page, base_url, console, mail):
    console.expects("status of 40[13]")
    page.goto(f"{base_url}/mail.html")
    expect(page.locator("#notices")).to_contain_text("Sign in on the dashboard as a site operator")
    dashboard.open().sign_in_by_password(owner)
    dashboard.expect_signed_in(owner)
    page.goto(f"{base_url}/mail.html")
    expect(page.locator("#notices")).to_contain_text("Admin access required")
    expect(page.locator("#mails")).to_be_empty()
