"""Invoices: the one that raises itself, and the list."""

import re

from answers import record


def rows(stack, user):
    return stack.sql(
        "SELECT i.id, i.number, i.status, i.total, "
        "(SELECT sum(amount) FROM invoice_line l WHERE l.invoice_id = i.id) lines "
        f"FROM invoice i JOIN member m ON m.account_id = i.account_id WHERE m.person_id = {user['id']} ORDER BY i.id")


def listed(stack, user):
    return stack.get("/dashboard/invoices", key=user["api_key"]).json


def test_an_invoice_is_raised_exactly_at_the_threshold(stack, user):
    # Ten dollars of credit go first.
    record(stack, user["api_key"], "ionq_qpu", 1504)
    record(stack, user["api_key"], "ionq_simulator", 199)
    assert listed(stack, user) == {"current_balance": 2999.99, "invoices": []}
    record(stack, user["api_key"], "ionq_simulator", 1)
    body = listed(stack, user)
    assert body["current_balance"] == 3000
    [invoice] = body["invoices"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", invoice["date"])
    assert {"amount": 3000, "status": "pending"}.items() <= invoice.items()
    assert isinstance(invoice["id"], str) and isinstance(invoice["description"], str)
    assert set(invoice) == {"id", "date", "description", "amount", "status"}
    assert stack.get(f"/billing/invoices/{user['id']}", key=user["api_key"]).json == {"invoices": [invoice]}
    [row] = rows(stack, user)
    assert (row["total"], row["lines"], row["status"]) == (300_000, 300_000, "open")


def test_the_next_one_holds_only_what_came_since(stack, user):
    record(stack, user["api_key"], "ibm_torino", 1100)
    record(stack, user["api_key"], "quera_aquila", 1)
    assert [row["total"] for row in rows(stack, user)] == [329_000]
    record(stack, user["api_key"], "quera_aquila", 598)
    assert [row["total"] for row in rows(stack, user)] == [329_000]
    record(stack, user["api_key"], "quera_aquila", 1)
    assert [(row["total"], row["lines"]) for row in rows(stack, user)] == [(329_000, 329_000), (300_000, 300_000)]
    body = listed(stack, user)
    assert body["current_balance"] == 6290
    assert [invoice["amount"] for invoice in body["invoices"]] == [3000, 3290]


def test_lines_of_thousandths_add_up_to_the_total(stack, user):
    for backend, shots in (("simulator", 333), ("simulator_mps", 333), ("simulator_statevector", 333), ("simulator", 1),
                           ("ibm_torino", 1003)):
        record(stack, user["api_key"], backend, shots)
    [row] = rows(stack, user)
    assert (row["total"], row["lines"]) == (300_000, 300_000)


def test_events_raise_it_too(stack, user):
    events = [{"id": f"e{number}", "backend": "ibm_torino", "shots": 11} for number in range(100)]
    assert stack.post("/api/v1/usage/events", {"events": events}, key=user["api_key"]).json["accepted"] == 100
    assert [invoice["amount"] for invoice in listed(stack, user)["invoices"]] == [3290]


def test_numbers_have_no_gaps(stack):
    numbers = [int(row["number"].split("-")[1]) for row in stack.sql("SELECT number FROM invoice ORDER BY id")]
    assert numbers and numbers == list(range(1, len(numbers) + 1))


def test_a_demo_store_shows_every_state(make_stack):
    stack = make_stack()
    busy = stack.seed()["busy account"]
    body = stack.get("/dashboard/invoices", key=busy["api_key"]).json
    assert {invoice["status"] for invoice in body["invoices"]} == {"paid", "pending", "overdue"}
    assert [invoice["date"] for invoice in body["invoices"]] == sorted(
        (invoice["date"] for invoice in body["invoices"]), reverse=True)
    assert stack.findings() == []


def test_the_threshold_is_a_setting(make_stack):
    stack = make_stack(INVOICE_THRESHOLD="50.00", OPENING_CREDIT="0")
    answer = stack.post("/auth/register", {"name": "Ada", "email": "ada@example.com"}).json
    assert (answer["invoice_threshold_usd"], answer["user"]["balance"]) == (50, 0)
    record(stack, answer["user"]["api_key"], "quera_aquila", 10)
    assert listed(stack, answer["user"])["invoices"][0]["amount"] == 50
    assert stack.findings() == []


def test_the_books_are_sound(stack):
    assert stack.findings() == []
