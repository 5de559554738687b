"""Asking for help."""

import json

from playwright.sync_api import expect


def test_a_ticket_gets_a_number_and_a_promise(dashboard, owner, desk, page):
    dashboard.open().use_key(owner.key)
    dashboard.send_ticket("critical", "The meter stands still", "Since this morning.")
    expect(dashboard.ticket_result).to_contain_text("TKT-2-1743400000")
    expect(dashboard.ticket_result).to_contain_text("within 4 hours")
    (request,) = desk.sent("/support/ticket")
    assert json.loads(request.body) == {
        "priority": "critical", "subject": "The meter stands still", "message": "Since this morning.",
    }
    expect(page.get_by_label("Subject")).to_have_value("")


def test_a_session_sends_it_by_its_own_path(dashboard, owner, desk):
    dashboard.open().sign_in_by_password(owner)
    dashboard.send_ticket("low", "A question", "How are shots counted?")
    expect(dashboard.ticket_result).to_contain_text("within 48 hours")
    assert len(desk.sent("/api/v1/me/tickets")) == 1


def test_a_refused_ticket_keeps_what_was_written(dashboard, owner, desk, page, console):
    console.expects("status of 400")
    desk.refuse("/support/ticket", 400, "Validation failed", errors=[{"field": "subject", "message": "Too vague."}])
    dashboard.open().use_key(owner.key)
    dashboard.send_ticket("high", "Help", "Please.")
    expect(page.locator("#ticket-subject-error")).to_have_text("Too vague.")
    expect(page.get_by_label("Message")).to_have_value("Please.")


def test_a_second_press_while_it_is_sent_makes_no_second_ticket(dashboard, owner, desk, page):
    gate = desk.hold("/support/ticket")
    dashboard.open().use_key(owner.key)
    dashboard.send_ticket("high", "Once", "Only once.")
    send = page.locator("#ticket-form").get_by_role("button", name="Send")
    expect(send).to_have_attribute("aria-busy", "true")
    send.dispatch_event("click")
    gate.set()
    expect(dashboard.ticket_result).to_contain_text("TKT-")
    assert len(desk.sent("/support/ticket")) == 1
