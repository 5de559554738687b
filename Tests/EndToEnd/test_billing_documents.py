"""Invoices made out by hand, voided, written off and credited; coupons, taxes, and who they are made out to."""

import itertools

import pytest
from answers import record
from people import Browser, owner, teammate

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def olive(stack):
    operator = stack.seed()["operator"]
    return Browser(stack).sign_in(operator["email"], password=operator["password"])


@pytest.fixture
def ada(stack, olive):
    return owner(stack, f"biller{next(numbers)}@example.com")


@pytest.fixture(autouse=True)
def sound_books(stack):
    yield
    assert stack.findings() == []


def make_out(olive, account, *prices, **more):
    lines = [{"description": f"Advice {index}", "unit_price": price} for index, price in enumerate(prices)]
    answer = olive.post("/api/v1/admin/invoices", {"account_id": account, "lines": lines, **more})
    assert answer.status == 201, answer
    return answer.json


def change(olive, number, what, body=None):
    return olive.post(f"/api/v1/admin/invoices/{number}/{what}", body)


def spend_credit(stack, ada):
    """The opening ten dollars, so that invoices are owed in full."""
    record(stack, ada.user["api_key"], "ionq_simulator", 1000)


def test_an_invoice_by_hand_says_what_it_asks_for(stack, olive, ada):
    spend_credit(stack, ada)
    made = make_out(olive, ada.account, 100, 0.5, memo="Thank you", description="Consulting")
    invoice = made["invoice"]
    assert invoice["number"].startswith("INV-")
    assert {"kind": "invoice", "status": "open", "reason": "manual", "description": "Consulting", "currency": "usd",
            "subtotal": 100.5, "tax": 0, "total": 100.5, "paid": 0, "owed": 100.5, "memo": "Thank you",
            "corrects": None}.items() <= invoice.items()
    assert [(line["quantity"], line["unit_price"], line["total"]) for line in made["lines"]] == [
        (1, 100, 100), (1, 0.5, 0.5)]
    assert stack.get("/dashboard/invoices", key=ada.user["api_key"]).json["invoices"][0]["id"] == invoice["number"]


def test_an_invoice_by_hand_is_made_once_for_one_key(stack, olive, ada):
    body = {"account_id": ada.account, "lines": [{"description": "Advice", "unit_price": 1}]}
    first, second = (olive.ask("POST", "/api/v1/admin/invoices", body, **{"Idempotency-Key": "one-invoice"})
                     for _ in range(2))
    assert first.json == second.json
    assert len(stack.sql(f"SELECT id FROM invoice WHERE account_id = {ada.account}")) == 1


@pytest.mark.parametrize("lines", [
    [], [{"description": "x", "unit_price": -1}], [{"description": "x", "unit_price": 0}],
    [{"description": "x", "unit_price": 9_000_000_000_000, "quantity": 1_000_000_000}],
    [{"description": "", "unit_price": 1}], [{"description": "x", "unit_price": 0.0000001}]])
def test_an_invoice_by_hand_needs_lines_that_make_sense(olive, ada, lines):
    assert olive.post("/api/v1/admin/invoices", {"account_id": ada.account, "lines": lines}).status == 400


def test_a_voided_invoice_is_owed_no_more(stack, olive, ada):
    spend_credit(stack, ada)
    number = make_out(olive, ada.account, 40)["invoice"]["number"]
    answer = change(olive, number, "void")
    assert (answer.status, answer.json["invoice"]["status"], answer.json["invoice"]["owed"]) == (200, "void", 0)
    assert change(olive, number, "void").status == 409
    assert stack.get("/dashboard/invoices", key=ada.user["api_key"]).json == {"current_balance": 0, "invoices": []}
    assert change(olive, "INV-999999", "void").status == 404


def test_what_a_voided_invoice_asked_for_stands_on_the_next_one(stack, olive, ada):
    record(stack, ada.user["api_key"], "ibm_torino", 1100)
    number = stack.sql(f"SELECT number FROM invoice WHERE account_id = {ada.account}")[0]["number"]
    before = ada.get("/api/v1/invoices/upcoming").json
    assert (before["total"], before["lines"]) == (0, [])
    assert change(olive, number, "void").status == 200
    after = ada.get("/api/v1/invoices/upcoming").json
    assert [(line["kind"], line["quantity"], line["total"], line["events"]) for line in after["lines"]] == [
        ("usage", 1100, 3300, 1), ("applied", 1, -10, None)]
    assert after["total"] == 3290
    # The next use reaches the threshold again.
    record(stack, ada.user["api_key"], "ibm_torino", 1)
    rows = stack.sql(f"SELECT status, total FROM invoice WHERE account_id = {ada.account} ORDER BY id")
    assert [(row["status"], row["total"]) for row in rows] == [("void", 329_000), ("open", 329_300)]


def test_a_written_off_invoice_is_a_loss(stack, olive, ada):
    spend_credit(stack, ada)
    number = make_out(olive, ada.account, 40)["invoice"]["number"]
    answer = change(olive, number, "write-off")
    assert (answer.status, answer.json["invoice"]["status"]) == (200, "uncollectible")
    assert change(olive, number, "write-off").status == 409
    assert stack.get("/dashboard/invoices", key=ada.user["api_key"]).json["current_balance"] == 0


def test_credit_notes_take_back_by_amount_by_line_and_the_rest(stack, olive, ada):
    spend_credit(stack, ada)
    made = make_out(olive, ada.account, 100, 50)
    number = made["invoice"]["number"]
    first = change(olive, number, "credit-notes", {"amount": 30, "reason": "Late"})
    assert first.status == 201
    note = first.json["invoice"]
    assert note["number"].startswith("CN-")
    assert (note["total"], note["credited"], note["corrects"], note["memo"]) == (30, 30, number, "Late")
    second = change(olive, number, "credit-notes", {"lines": [{"position": 1, "amount": 40}], "reason": "Short"})
    assert [line["total"] for line in second.json["lines"]] == [40]
    assert change(olive, number, "credit-notes",
                  {"lines": [{"position": 1, "amount": 40}], "reason": "Short"}).status == 400
    assert change(olive, number, "credit-notes", {"amount": 80.01, "reason": "Too much"}).status == 400
    last = change(olive, number, "credit-notes", {"reason": "The rest"})
    assert last.json["invoice"]["total"] == 80
    assert change(olive, number, "credit-notes", {"reason": "More"}).status in (400, 409)
    page = ada.get("/api/v1/credit-notes?limit=2").json
    assert [note["total"] for note in page["data"]] == [80, 40]
    rest = ada.get(f"/api/v1/credit-notes?limit=2&cursor={page['next_cursor']}").json
    assert ([note["total"] for note in rest["data"]], rest["next_cursor"]) == ([30], None)
    assert stack.get("/dashboard/invoices", key=ada.user["api_key"]).json["current_balance"] == 0


def test_a_credit_note_for_a_paid_invoice_is_credit(stack, olive, ada):
    invoice = make_out(olive, ada.account, 8)["invoice"]
    assert (invoice["status"], invoice["paid"]) == ("paid", 8)
    note = change(olive, invoice["number"], "credit-notes", {"amount": 5, "reason": "Sorry"}).json["invoice"]
    assert (note["credited"], note["paid"]) == (0, 5)
    rows = stack.sql(f"SELECT credits - debits AS left FROM ledger_balance WHERE account_id = {ada.account} "
                     "AND side = 'credit'")
    assert rows == [{"left": 700}]


def test_notes_and_coupons_are_each_account_s_own(stack, olive, ada):
    other = owner(stack, f"biller{next(numbers)}@example.com")
    number = make_out(olive, ada.account, 100)["invoice"]["number"]
    change(olive, number, "credit-notes", {"amount": 30, "reason": "Late"})
    assert other.get("/api/v1/credit-notes").json == {"data": [], "next_cursor": None}
    assert len(ada.get("/api/v1/credit-notes").json["data"]) == 1


def test_a_coupon_is_made_redeemed_and_used_up(stack, olive, ada):
    code = f"HALF-{next(numbers)}"
    made = olive.post("/api/v1/admin/coupons", {"code": code.lower(), "name": "Half off", "percent": 50, "invoices": 1,
                                                "most_accounts": 1})
    assert (made.status, made.json["code"], made.json["percent"], made.json["amount"]) == (201, code, 50, None)
    assert olive.post("/api/v1/admin/coupons", {"code": code, "name": "Again", "percent": 1}).status == 409
    redeemed = ada.post("/api/v1/coupons/redeem", {"code": code})
    assert (redeemed.status, redeemed.json["invoices_left"]) == (200, 1)
    assert ada.post("/api/v1/coupons/redeem", {"code": code}).status == 409
    other = owner(stack, f"biller{next(numbers)}@example.com")
    assert other.post("/api/v1/coupons/redeem", {"code": code}).json["code"] == "coupon_used_up"
    assert [coupon["code"] for coupon in ada.get("/api/v1/coupons").json["data"]] == [code]

    record(stack, ada.user["api_key"], "ionq_simulator", 1500)
    upcoming = ada.get("/api/v1/invoices/upcoming").json
    assert (upcoming["subtotal"], upcoming["discount"], upcoming["total"]) == (5, 2.5, 2.5)
    assert upcoming["discounts"] == [{"name": "Half off", "code": code, "amount": 2.5}]
    assert ada.get("/api/v1/invoices/upcoming").json["lines"] == upcoming["lines"], "nothing was written"


def test_an_archived_coupon_is_not_redeemed_any_more(olive, ada):
    code = f"GONE-{next(numbers)}"
    made = olive.post("/api/v1/admin/coupons", {"code": code, "name": "Gone", "amount": 5, "currency": "usd"}).json
    archived = olive.patch(f"/api/v1/admin/coupons/{made['id']}", {"archived": True})
    assert archived.status == 200 and archived.json["archived_at"]
    assert ada.post("/api/v1/coupons/redeem", {"code": code}).status == 404
    assert olive.patch(f"/api/v1/admin/coupons/{made['id']}", {"archived": False}).json["archived_at"] is None
    assert ada.post("/api/v1/coupons/redeem", {"code": code}).status == 200
    assert olive.patch("/api/v1/admin/coupons/999999", {"archived": True}).status == 404


@pytest.mark.parametrize("what", [
    {}, {"percent": 0}, {"percent": 100.01}, {"percent": 0.001}, {"amount": 5}, {"amount": 5, "currency": "xxx"},
    {"amount": 0, "currency": "usd"}, {"amount": 0.001, "currency": "usd"},
    {"percent": 5, "amount": 5, "currency": "usd"}])
def test_a_coupon_is_a_percentage_or_an_amount(olive, what):
    assert olive.post("/api/v1/admin/coupons", {"code": "NONSENSE", "name": "x", **what}).status == 400


def test_taxes_come_by_country_unless_operators_say_otherwise(stack, olive, ada):
    spend_credit(stack, ada)
    rate = olive.post("/api/v1/admin/tax-rates", {"name": "VAT", "percent": 19, "country": "de", "default": True}).json
    other = olive.post("/api/v1/admin/tax-rates", {"name": "GST", "percent": 10, "inclusive": True}).json
    assert (rate["country"], rate["percent"], rate["default"], other["inclusive"]) == ("DE", 19, True, True)
    profile = {"name": "Ada & Söhne GmbH", "email": "books@example.com", "address": "Weg 1\n10115 Berlin",
               "country": "DE", "tax_id": "DE123456789"}
    answer = ada.ask("PUT", "/api/v1/billing/profile", profile)
    assert answer.status == 200 and profile.items() <= answer.json.items()
    assert answer.json["days_to_pay"] == 14
    assert [tax["name"] for tax in ada.get("/api/v1/billing/profile").json["tax_rates"]] == ["VAT"]
    seller = {"name": "Purser Ltd", "email": "", "address": "", "country": "GB", "tax_id": "GB1"}
    told = {"name": "Purser Ltd", "country": "gb", "tax_id": "GB1"}
    assert olive.ask("PUT", "/api/v1/admin/seller", told).json == seller
    assert olive.get("/api/v1/admin/seller").json == seller

    invoice = make_out(olive, ada.account, 100)["invoice"]
    assert (invoice["tax"], invoice["total"]) == (19, 119)
    assert invoice["taxes"] == [{"name": "VAT", "percent": 19, "inclusive": False, "amount": 19}]
    [papers] = stack.sql(f"SELECT buyer, seller FROM invoice WHERE number = '{invoice['number']}'")
    assert "DE123456789" in papers["buyer"] and "Purser Ltd" in papers["seller"]

    terms = f"/api/v1/admin/accounts/{ada.account}/billing-terms"
    assert olive.ask("PUT", terms, {"days_to_pay": 30, "tax_rates": [other["id"]]}).json["days_to_pay"] == 30
    invoice = make_out(olive, ada.account, 110)["invoice"]
    assert (invoice["tax"], invoice["total"]) == (10, 110)
    assert invoice["due_at"][:10] > invoice["issued_at"][:10]
    # A customer who changes the profile keeps the terms.
    ada.ask("PUT", "/api/v1/billing/profile", {"country": "FR"})
    assert make_out(olive, ada.account, 110)["invoice"]["tax"] == 10
    assert olive.ask("PUT", terms, {"tax_rates": []}).json["tax_rates"] == []
    assert make_out(olive, ada.account, 110)["invoice"]["tax"] == 0
    assert olive.ask("PUT", terms, {"tax_rates": [999999]}).status == 400

    assert olive.patch(f"/api/v1/admin/tax-rates/{rate['id']}", {"archived": True}).json["archived_at"]
    assert olive.ask("PUT", terms, {"tax_rates": [rate["id"]]}).status == 400
    listed = olive.get("/api/v1/admin/tax-rates?limit=1").json
    assert (listed["data"][0]["name"], listed["next_cursor"]) == ("GST", other["id"])


@pytest.mark.parametrize("percent", [-1, 1000.1, 0.00001, "19"])
def test_a_tax_rate_is_a_percentage(olive, percent):
    assert olive.post("/api/v1/admin/tax-rates", {"name": "x", "percent": percent}).status == 400


def test_a_viewer_reads_and_a_biller_redeems(stack, olive, ada):
    viewer = teammate(stack, ada, f"viewer{next(numbers)}@example.com", "viewer")
    biller = teammate(stack, ada, f"cashier{next(numbers)}@example.com", "billing")
    assert viewer.get("/api/v1/billing/profile").status == 200
    assert viewer.ask("PUT", "/api/v1/billing/profile", {}).status == 403
    assert viewer.post("/api/v1/coupons/redeem", {"code": "X"}).status == 403
    assert biller.post("/api/v1/coupons/redeem", {"code": "X"}).status == 404


def test_all_of_it_is_in_the_audit_log(olive, ada):
    number = make_out(olive, ada.account, 100)["invoice"]["number"]
    change(olive, number, "credit-notes", {"amount": 95, "reason": "Late"})
    ada.ask("PUT", "/api/v1/billing/profile", {"country": "FR"})
    actions = [entry["action"] for entry in ada.get("/api/v1/audit").json["entries"]]
    assert actions[:3] == ["billing_profile.changed", "credit_note.issued", "invoice.created"]
