"""POST /auth/register."""

import re

import pytest
from answers import assert_problem, usage

BODY = {"name": "Ada Lovelace", "email": "ada@example.com"}


def count(stack):
    return stack.sql("SELECT (SELECT count(*) FROM person) p, (SELECT count(*) FROM account) a, "
                     "(SELECT count(*) FROM api_key) k, (SELECT count(*) FROM ledger_entry) l")[0]


def test_a_newcomer_gets_a_key_the_free_plan_and_ten_dollars(stack):
    answer = stack.post("/auth/register", BODY)
    assert answer.status == 201
    body = answer.json
    key = body["user"].pop("api_key")
    assert re.fullmatch(r"bioql_[0-9A-Za-z]{30,}", key)
    assert isinstance(body["user"].pop("id"), int)
    assert isinstance(body.pop("message"), str)
    assert body == {
        "success": True,
        "user": {"email": "ada@example.com", "name": "Ada Lovelace", "tier": "free", "balance": 10.0,
                 "stripe_customer_id": None, "stripe_subscription_id": None},
        "stripe_customer_created": False, "stripe_subscription_created": False, "invoice_threshold_usd": 3000,
    }
    valid = stack.post("/auth/validate", {"api_key": key}).json
    assert valid["user"]["balance"] == 10
    assert usage(stack, key)["total_spent"] == 0
    assert stack.get("/dashboard/invoices", key=key).json == {"current_balance": 0, "invoices": []}


def test_the_key_is_stored_nowhere(stack):
    key = stack.register(email="secret@example.com")["api_key"]
    stack.get("/auth/user", key=key)
    for file in stack.state.rglob("*"):
        if file.is_file():
            assert key.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@Example.com", "  ada@example.com "])
def test_a_taken_address_is_409_and_makes_nothing(stack, email):
    before = count(stack)
    assert_problem(stack.post("/auth/register", BODY | {"email": email}), 409)
    assert count(stack) == before


@pytest.mark.parametrize("extra", [
    {"password": None, "payment_method_id": None, "create_stripe_account": None},
    {"password": "", "payment_method_id": ""},
    {"password": "wood ash"},
    {"password": "pässwörter sind länger 🔑"},
    {"create_stripe_account": False},
    {"company": "Helix", "tier": "enterprise", "is_operator": True, "balance": 1e6, "id": 1},
])
def test_optional_fields_may_be_null_blank_or_unknown(stack, user, extra):
    answer = stack.post("/auth/register", BODY | {"email": f"{user['id']}-optional@example.com"} | extra)
    assert answer.status == 201, answer
    assert (answer.json["user"]["tier"], answer.json["user"]["balance"]) == ("free", 10)
    assert stack.get("/stats", key=answer.json["user"]["api_key"]).status == 403


@pytest.mark.parametrize("change, field", [
    ({"name": None}, "name"), ({"name": ""}, "name"), ({"name": 7}, "name"), ({"name": "x" * 121}, "name"),
    ({"email": None}, "email"), ({"email": ""}, "email"), ({"email": "ada"}, "email"), ({"email": "ada@x"}, "email"),
    ({"email": "a b@example.com"}, "email"), ({"email": ["ada@example.com"]}, "email"),
    ({"email": "<script>@example.com"}, "email"), ({"email": "a" * 65 + "@example.com"}, "email"),
    ({"password": "seven c"}, "password"), ({"password": 12345678}, "password"), ({"password": "x" * 1025}, "password"),
    ({"create_stripe_account": "yes"}, "create_stripe_account"), ({"payment_method_id": 1}, "payment_method_id"),
])
def test_a_bad_field_is_400_and_named(stack, change, field):
    before = count(stack)
    body = {"name": "Ada", "email": "bad-field@example.com"} | change
    problem = assert_problem(stack.post("/auth/register", body), 400)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert count(stack) == before


@pytest.mark.parametrize("field", ["name", "email"])
def test_a_missing_field_is_400_and_named(stack, field):
    body = {name: value for name, value in BODY.items() if name != field}
    assert assert_problem(stack.post("/auth/register", body), 400)["errors"][0]["field"] == field


def test_with_payments_on_the_customer_is_made_first(payments):
    answer = payments.post("/auth/register", BODY | {"payment_method_id": "pm_card_visa"}).json
    assert answer["stripe_customer_created"] is True
    assert answer["user"]["stripe_customer_id"].startswith("cus_")
    assert payments.get("/auth/user", key=answer["user"]["api_key"]).json["stripe_customer_id"] == \
        answer["user"]["stripe_customer_id"]


def test_no_customer_is_made_for_who_does_not_want_one(payments):
    answer = payments.post("/auth/register", BODY | {"create_stripe_account": False}).json
    assert (answer["stripe_customer_created"], answer["user"]["stripe_customer_id"]) == (False, None)
    assert payments.stripe.journal("/v1/customers") == []


def test_the_books_are_sound(stack):
    assert stack.findings() == []
