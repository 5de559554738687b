"""What a shot costs, and that money is exact to the cent."""

import re

import pytest
from answers import record, usage

PRICES = {
    "ionq_ideal": 0.01, "ionq_simulator": 0.01, "aws_sv1": 0.01, "aws_tn1": 0.02,
    "ibm_torino": 3, "ibm_brisbane": 3, "ionq_forte": 3, "ionq_qpu": 2, "quera_aquila": 5,
}
BY_FAMILY = {
    "simulator": 0.001, "simulator_statevector": 0.001, "simulator_mps": 0.001, "my_own_simulator": 0.001,
    "ibm_kyoto": 3, "ibm_osaka": 3, "ibm_sherbrooke": 3, "ibm_quantum": 3, "ionq_aria": 2, "aws_dm1": 0.02,
    "quera_next": 5, "rigetti_ankaa": 1,
}


def test_the_price_table_is_public(stack):
    answer = stack.get("/pricing")
    assert answer.status == 200
    assert {name: answer.json["pricing"][name] for name in PRICES} == PRICES
    rows = {row["backend"]: row for row in answer.json["prices"] if row["meter"] == "shots"}
    assert {name: rows[name]["unit_price"] for name in PRICES} == PRICES
    simulators = {name for name in PRICES if rows[name]["simulator"]}
    assert simulators == {"ionq_ideal", "ionq_simulator", "aws_sv1", "aws_tn1"}
    assert rows["family:simulator"]["unit_price"] == 0.001
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["effective_from"]) for row in rows.values())


@pytest.fixture(scope="module")
def enterprise(stack):
    user = stack.register(email="enterprise@example.com")
    stack.shell("account", "plan", "enterprise@example.com", "enterprise")
    return user


@pytest.mark.parametrize("backend, price", (PRICES | BY_FAMILY).items())
def test_every_name_that_clients_send_has_its_price(stack, enterprise, backend, price):
    for name in (backend, backend.upper()):
        body = {"api_key": enterprise["api_key"], "requested_shots": 100, "backend": name}
        answer = stack.post("/billing/check-limits", body)
        assert (answer.status, answer.json["cost"]) == (200, pytest.approx(price * 100, abs=1e-9)), name


@pytest.mark.parametrize("uses, spent", [
    ([("ionq_simulator", 10), ("ionq_simulator", 20)], "0.30"),
    ([("ionq_simulator", 1)] * 10, "0.10"),
    ([("simulator", 1)] * 10, "0.01"),
    ([("simulator", 4)], "0.00"),
    ([("simulator", 4), ("simulator", 1)], "0.01"),
    ([("simulator", 333)] * 3, "1.00"),
    ([("aws_tn1", 7), ("simulator", 5), ("ionq_ideal", 1)], "0.16"),
    ([("ibm_torino", 1), ("simulator", 1999)], "5.00"),
])
def test_small_prices_add_up_to_the_cent(stack, user, uses, spent):
    for backend, shots in uses:
        record(stack, user["api_key"], backend, shots)
    raw = stack.get("/analytics/usage", key=user["api_key"]).body.decode()
    assert re.search(r'"total_spent":([0-9.]+)', raw)[1] == spent
    valid = stack.post("/auth/validate", {"api_key": user["api_key"]}).json
    assert round(valid["user"]["balance"] * 100) == 1000 - round(float(spent) * 100)


@pytest.mark.parametrize("shots, balance", [(3, "0.00"), (4, "2.00"), (12, "26.00"), (120, "350.00")])
def test_what_credit_does_not_cover_is_owed(stack, user, shots, balance):
    record(stack, user["api_key"], "ibm_torino", shots)
    raw = stack.get("/dashboard/invoices", key=user["api_key"]).body.decode()
    assert re.search(r'"current_balance":([0-9.]+)', raw)[1] == balance


def test_thousandths_of_a_dollar_reach_the_balance_when_they_are_a_cent(stack, user):
    record(stack, user["api_key"], "ibm_torino", 12)
    owed = []
    for _ in range(12):
        record(stack, user["api_key"], "simulator", 1)
        owed.append(stack.get("/dashboard/invoices", key=user["api_key"]).json["current_balance"])
    assert owed == [26.0] * 4 + [26.01] * 8


def test_the_clients_own_cost_is_not_believed(stack, user):
    for cost in (0, 1e9, 0.005):
        body = {"api_key": user["api_key"], "backend": "ibm_torino", "shots": 1, "cost": cost, "total_cost_usd": cost}
        stack.post("/billing/record-usage", body)
    assert usage(stack, user["api_key"])["total_spent"] == 9


def test_credit_given_by_the_operator_is_used_first(stack, user):
    stack.shell("account", "credit", user["email"], "25.50")
    record(stack, user["api_key"], "ibm_torino", 12)
    assert stack.get("/dashboard/invoices", key=user["api_key"]).json["current_balance"] == 0.5


def test_the_books_are_sound(stack):
    assert stack.findings() == []
