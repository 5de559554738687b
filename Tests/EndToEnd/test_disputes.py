"""Disputes: held back, won, lost, and told to those who can do something about it."""

import pytest
from people import Browser, mails
from stack import wait_until
from stripe_events import event, send, settled
from test_refunds import assert_agreement, desk, side  # noqa: F401


def dispute(desk, **more):
    made = desk.stripe.dispute(desk.payment, **more)
    desk.stripe.deliveries(settle=15)
    settled(desk)
    return made["id"]


def close(desk, id, outcome):
    desk.stripe.close_dispute(id, outcome)
    desk.stripe.deliveries(settle=15)
    settled(desk)


def listed(desk, **query):
    path = "/api/v1/admin/disputes?" + "&".join(f"{name}={value}" for name, value in query.items())
    answer = desk.operator.get(path)
    assert answer.status == 200, answer
    return answer.json


def told(desk, address, subject, *words):
    """The one mail with that subject."""
    (text,) = wait_until(lambda: [text for text in mails(desk, address) if subject in text], what=subject)
    assert all(word in text for word in words), text


def test_an_open_one_is_held_back_and_told(desk):
    id = dispute(desk)
    assert (side(desk, "disputed"), side(desk, "cash"), side(desk, "credit")) == (10000, 0, -7400)
    (item,) = listed(desk, status="open")["data"]
    assert (item["id"], item["payment"], item["status"], item["amount"]) == (id, desk.payment, "needs_response", 100)
    assert item["due_at"] and item["closed_at"] is None
    assert listed(desk, status="closed") == {"data": [], "next_cursor": None}
    assert any(id in text for text in mails(desk, "chief@example.com"))
    told(desk, desk.ada["email"], "A payment of USD 100.00 is disputed", desk.payment)
    (ticket,) = desk.sql("SELECT subject, message, priority FROM ticket")
    assert (ticket["subject"], ticket["priority"], id in ticket["message"]) == ("A payment is disputed", "high", True)


def test_a_won_one_gives_all_of_it_back(desk):
    close(desk, dispute(desk), "won")
    assert (side(desk, "disputed"), side(desk, "cash"), side(desk, "credit")) == (0, 10000, -7400)
    (item,) = listed(desk, status="closed")["data"]
    assert (item["status"], item["closed_at"] is not None) == ("won", True)
    told(desk, desk.ada["email"], "The disputed payment of USD 100.00 stands")
    told(desk, "chief@example.com", "A dispute has ended: won", item["id"])


def test_a_lost_one_takes_the_unused_credit_and_the_rest_is_our_loss(desk):
    close(desk, dispute(desk), "lost")
    assert (side(desk, "disputed"), side(desk, "cash"), side(desk, "credit"), side(desk, "loss")) == (0, 0, 0, 2600)
    told(desk, desk.ada["email"], "The disputed payment of USD 100.00 has gone back", "has given the money back")
    told(desk, "chief@example.com", "A dispute has ended: lost", desk.payment)
    # What was used is not asked for again.
    assert desk.get("/dashboard/invoices", key=desk.ada["api_key"]).json["current_balance"] == 0


def test_an_inquiry_moves_nothing_until_it_becomes_a_dispute(desk):
    id = dispute(desk, inquiry=True)
    assert (side(desk, "disputed"), side(desk, "cash")) == (0, 10000)
    desk.stripe.escalate_dispute(id)
    desk.stripe.deliveries(settle=15)
    settled(desk)
    assert (side(desk, "disputed"), side(desk, "cash")) == (10000, 0)
    close(desk, id, "won")


def test_pages_of_disputes_go_on_by_cursor(desk):
    close(desk, dispute(desk), "won")
    first = listed(desk, limit=1)
    assert (len(first["data"]), first["next_cursor"]) == (1, None)
    assert listed(desk, cursor=1)["data"] == []


def test_only_operators_see_them(desk):
    owner = Browser(desk).sign_in(desk.ada["email"], api_key=desk.ada["api_key"])
    assert [owner.get(path).status for path in ("/api/v1/admin/disputes", "/api/v1/admin/reconciliation")] == [403] * 2


def test_a_warning_of_fraud_opens_one_ticket(desk):
    warning = {"id": "issfr_1", "object": "radar.early_fraud_warning", "payment_intent": desk.payment,
               "charge": "ch_1", "fraud_type": "made_with_stolen_card", "actionable": True}
    for number in range(3):
        told = event("radar.early_fraud_warning.created", warning, id=f"evt_fraud_{number}")
        assert send(desk, told).status == 200
        settled(desk)
    (ticket,) = desk.sql("SELECT priority, message FROM ticket")
    assert ticket["priority"] == "critical" and "made_with_stolen_card" in ticket["message"]


def test_a_customer_deleted_at_the_provider_is_forgotten_here(desk):
    customer = desk.ada["stripe_customer_id"]
    desk.stripe._ask("DELETE", f"/v1/customers/{customer}", None, {
        "Authorization": f"Bearer {desk.stripe.secret_key}", "Stripe-Version": "2026-08-26.dahlia"}, 30)
    desk.stripe.deliveries(settle=15)
    wait_until(lambda: desk.sql(f"SELECT 1 FROM account WHERE stripe_customer_id = '{customer}'") == [], 15)
    answer = desk.post("/billing/create-payment", {"amount": 5}, key=desk.ada["api_key"])
    assert (answer.status, answer.json["code"]) == (400, "no_customer")
