"""What a newcomer does in the first minute."""


def test_a_registered_user_is_known_by_the_key(stack):
    user = stack.register(email="first@example.com", name="Ada Lovelace")
    answer = stack.get("/auth/user", key=user["api_key"])
    assert answer.status == 200
    assert answer.json | {"created_at": ""} == {
        "id": user["id"], "name": "Ada Lovelace", "email": "first@example.com", "api_key": user["api_key"],
        "stripe_customer_id": None, "created_at": "", "email_verified": False,
    }


def test_recorded_use_is_on_the_page(stack):
    key = stack.register(email="second@example.com")["api_key"]
    stack.post("/billing/record-usage", {"api_key": key, "backend": "ionq_simulator", "shots_executed": 20, "cost": 1})
    usage = stack.get("/analytics/usage", key=key).json
    assert (usage["total_shots"], usage["total_spent"], usage["backends"]) == (20, 0.2, {"ionq_simulator": 20})
    assert stack.findings() == []


def test_a_payment_brings_the_balance_to_zero(payments):
    user = payments.register()
    assert user["stripe_customer_id"].startswith("cus_")
    key = user["api_key"]
    payments.post("/billing/record-usage", {"api_key": key, "backend": "ibm_torino", "shots": 12, "total_cost_usd": 0})
    assert payments.get("/dashboard/invoices", key=key).json["current_balance"] == 26
    page = payments.post("/billing/create-payment", {"amount": 26}, key=key).json
    payments.stripe.pay(page["session_id"], wait=10)
    assert payments.get("/dashboard/invoices", key=key).json["current_balance"] == 0
    assert payments.findings() == []
