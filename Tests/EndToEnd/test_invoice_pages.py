"""What people see of an invoice: lists, one, CSV, PDF, the page behind its link, mails. The same amounts everywhere."""

import csv
import html
import io
import json
import re
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from answers import assert_problem, record
from hook_receiver import HookReceiver
from mail_double import MailDouble
from people import PASSWORD, Browser, owner
from stack import Stack, wait_until

BUYERS = ["Ada Lovelace", "株式会社青空", "شركة الشروق", "Söhne & <Töchter>"]
MARKS = str.maketrans("", "", "\u202a\u202b\u202c\u200e\u200f")


def money(amount):
    return f"USD {amount:,.2f}"


def pdf_text(data):
    assert data.startswith(b"%PDF-")
    return subprocess.run(["pdftotext", "-layout", "-", "-"], input=data, capture_output=True,
                          check=True).stdout.decode().translate(MARKS)


def squeezed(text):
    return re.sub(r"\s", "", text)


def path_of(stack, url):
    assert url.startswith(stack.url + "/")
    return url.removeprefix(stack.url)


@dataclass
class House:
    stack: Stack
    mail: MailDouble
    hooks: HookReceiver
    people: list = field(default_factory=list)


@pytest.fixture(scope="module")
def house():
    with HookReceiver() as hooks, MailDouble() as mail, Stack(
            INVOICE_THRESHOLD="50.00", WEBHOOK_PRIVATE_RANGES="127.0.0.0/8", **mail.settings) as stack:
        house = House(stack, mail, hooks)
        house.people = [owner(stack, f"buyer{number}@example.com", name) for number, name in enumerate(BUYERS)]
        furnish(house)
        for number, person in enumerate(house.people):
            answer = person.post("/api/v1/webhooks", {"url": f"{hooks.url}/ok{number}", "events": ["invoice.*"]})
            assert answer.status == 201, answer
            key = person.user["api_key"]
            # One is paid for in part by the opening credit, one is of many lines, one of thousandths.
            record(stack, key, "quera_aquila", 12)
            events = [{"backend": f"machine_{line:02}", "shots": 2 + line} for line in range(40)]
            assert stack.post("/api/v1/usage/events", {"events": events}, key=key).json["accepted"] == 40
            record(stack, key, "simulator", 7_777)
            record(stack, key, "ibm_torino", 20)
        wait_until(lambda: not stack.sql("SELECT id FROM outbox WHERE kind = 'mail'"), 60, "all mails being sent")
        yield house
        assert stack.findings() == []
        assert "a request failed" not in stack.log


def furnish(house):
    """Taxes and coupons, straight into the store."""
    house.stack.stop_purser()
    with sqlite3.connect(house.stack.store / "purser.db") as db:
        db.execute("INSERT INTO tax_rate (name, country, rate, is_inclusive, is_default, created_at) "
                   "VALUES ('VAT', 'DE', 190000, 0, 1, 1), ('消費税', 'JP', 100000, 1, 1, 1)")
        db.execute("INSERT INTO coupon (code, name, basis_points, created_at) VALUES ('SPRING', 'Spring', 1250, 1)")
        for person, country in zip(house.people, ["", "JP", "", "DE"]):
            db.execute("INSERT INTO billing_profile (account_id, name, address, country, updated_at) "
                       "VALUES (?, ?, ?, ?, 1)", (person.account, person.user["name"], "1 Main Street\nTown", country))
        for person in house.people[2:]:
            db.execute("INSERT INTO account_coupon (account_id, coupon_id, redeemed_at) VALUES (?, 1, 1)",
                       (person.account,))
    house.stack.start_purser()


def listed(person, path="/api/v1/invoices?limit=100"):
    answer = person.get(path)
    assert answer.status == 200, answer
    return answer.json["data"]


def test_a_dozen_invoices_say_the_same_everywhere(house):
    stack, count = house.stack, 0
    for place, person in enumerate(house.people):
        by_contract = {one["number"]: one for one in person.get("/api/v1/billing/invoices?limit=100").json}
        statement = stack.get("/dashboard/invoices", key=person.user["api_key"]).json
        by_key = {one["id"]: one for one in statement["invoices"]}
        by_session = {one["id"]: one for one in person.get("/api/v1/me/invoices").json["invoices"]}
        balance = person.get("/api/v1/me/invoices").json["current_balance"]
        bodies = [one.json for one in house.hooks.deliveries if one.path == f"/ok{place}"]
        hooks = {body["data"]["number"]: body["data"]["amount"] for body in bodies
                 if body["type"] == "invoice.finalized"}
        mails = {one.subject.split()[1].rstrip(":"): one for one in house.mail.messages
                 if one.to == person.email and one.subject.startswith("Invoice")}
        invoices = listed(person)
        numbers = {one["number"] for one in invoices}
        assert numbers == set(by_contract) == set(by_key) == set(by_session) == set(hooks) == set(mails)
        assert round(sum(one["owed"] for one in invoices), 2) == balance
        for one in invoices:
            count += 1
            total, owed, number = one["total"], one["owed"], one["number"]
            assert total == by_contract[number]["amount_due"] == by_contract[number]["amount"]
            assert total == by_key[number]["amount"] == by_session[number]["amount"] == hooks[number]
            assert owed == by_session[number]["owed"]
            [row] = stack.sql(f"SELECT id, total, total - paid AS owed FROM invoice WHERE number = '{number}'")
            assert (round(total * 100), round(owed * 100)) == (row["total"], row["owed"])
            [posted] = stack.sql("SELECT sum(CASE WHEN debit = 'receivable' THEN amount ELSE -amount END) AS amount "
                                 "FROM ledger_entry WHERE 'receivable' IN (debit, credit) AND reason = 'invoice' "
                                 f"AND reference LIKE 'invoice:{row['id']}:%'")
            assert posted["amount"] == row["total"]
            single = person.get(f"/api/v1/invoices/{number}").json
            assert single["invoice"] == one
            lines = single["lines"]
            for column, sum_of in (("subtotal", "amount"), ("discount", "discount"), ("tax", "tax"),
                                   ("total", "total")):
                assert round(sum(line[sum_of] for line in lines), 2) == one[column]
            check_papers(house, person, single, mails[number])
    assert count >= 12


def check_papers(house, person, single, mail):
    """CSV, PDF, page and mail of one invoice."""
    invoice, lines, buyer = single["invoice"], single["lines"], single["buyer"]["name"]
    stack, number = house.stack, invoice["number"]
    sheet = person.get(f"/api/v1/invoices/{number}/csv")
    rows = list(csv.DictReader(io.StringIO(sheet.body.decode())))
    assert [float(row["total"]) for row in rows] == [line["total"] for line in lines]
    assert [row["digest"] for row in rows] == [line["digest"] or "" for line in lines]
    assert f'filename="{number}.csv"' in sheet.headers["Content-Disposition"]

    printed = person.get(f"/api/v1/invoices/{number}/pdf")
    assert printed.headers["Content-Type"] == "application/pdf"
    open_page = stack.get(path_of(stack, invoice["hosted_invoice_url"]))
    open_pdf = stack.get(path_of(stack, invoice["invoice_pdf"]))
    assert (open_page.status, open_pdf.status, open_pdf.body) == (200, 200, printed.body)
    [(name, kind, attached)] = mail.files
    assert (name, kind) == (f"{number}.pdf", "application/pdf")
    text = pdf_text(printed.body)
    assert pdf_text(attached) == text
    page = open_page.body.decode()
    for written in (text, html.unescape(re.sub(r"<[^>]+>", " ", page))):
        assert money(invoice["total"]) in written
        assert money(invoice["owed"]) in written
        assert squeezed(buyer) in squeezed(written)
        for line in lines:
            assert f"{line['total']:,.2f}" in written
    assert f"<p dir=\"auto\" class=\"name\">{html.escape(buyer)}</p>" in page
    assert f"Invoice {number}: {money(invoice['total'])}" in mail.subject
    assert money(invoice["owed"]) in mail.text and money(invoice["owed"]) in mail.html
    assert invoice["hosted_invoice_url"] in mail.links


def test_lines_say_which_events_stand_behind_them(house):
    [many] = [one for one in map(lambda one: house.people[0].get(f"/api/v1/invoices/{one['number']}").json,
                                 listed(house.people[0])) if len(one["lines"]) >= 40]
    line = next(line for line in many["lines"] if line["backend"] == "machine_05")
    [event] = house.stack.sql("SELECT id FROM usage_event WHERE backend = 'machine_05' "
                              f"AND account_id = {house.people[0].account}")
    assert (line["quantity"], line["unit_price"], line["amount"], line["events"]) == (7, 1, 7, 1)
    assert line["first_event_id"] == line["last_event_id"] == event["id"]
    assert re.fullmatch(r"[0-9a-f]{32}", line["digest"])


def test_lists_go_page_by_page_and_by_state(house):
    person = house.people[0]
    numbers, cursor = [], ""
    while cursor is not None:
        answer = person.get(f"/api/v1/invoices?limit=1{cursor and '&cursor=' + cursor}").json
        numbers += [one["number"] for one in answer["data"]]
        cursor = answer["next_cursor"]
    assert numbers == [one["number"] for one in listed(person)]
    assert listed(person, "/api/v1/invoices?status=paid") == []
    assert listed(person, "/api/v1/invoices?status=open") == listed(person)
    assert listed(person, "/api/v1/credit-notes") == []
    assert_problem(person.get("/api/v1/invoices?status=lost"), 400)
    for cursor in ("x", "1", "1-", "1-2-3", "9" * 30 + "-1"):
        assert_problem(person.get(f"/api/v1/invoices?cursor={cursor}"), 400)


def test_the_billing_family_reads_a_bare_array(house):
    answer = house.people[3].get("/api/v1/billing/invoices").json
    assert isinstance(answer, list)
    for one in answer:
        assert {"id", "number", "amount_due", "amount_paid", "currency", "status", "created", "due_date", "paid",
                "invoice_pdf", "hosted_invoice_url", "invoice_number", "amount", "date", "issued_date", "paid_date",
                "payment_status", "pdf_url", "description"} == set(one)
        assert (one["status"], one["payment_status"], one["paid"], one["paid_date"]) == ("open", "pending", False, None)
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", one[name]) for name in ("created", "due_date"))
    assert len(house.people[3].get("/api/v1/billing/invoices?limit=1").json) == 1
    assert_problem(house.stack.get("/api/v1/billing/invoices"), 401)


def test_another_account_s_invoice_is_not_there(house):
    mine = listed(house.people[0])[0]["number"]
    for rest in ("", "/pdf", "/csv"):
        expected = assert_problem(house.people[0].get(f"/api/v1/invoices/INV-999999{rest}"), 404)
        other = assert_problem(house.people[1].get(f"/api/v1/invoices/{mine}{rest}"), 404)
        assert {**other, "request_id": 0} == {**expected, "request_id": 0}
    invitation = {"email": "viewer@example.com", "role": "viewer"}
    assert house.people[0].post("/api/v1/invitations", invitation).status == 201
    token = re.search(r"#invite=([\w-]+)", house.mail.wait_for("viewer@example.com").text)[1]
    viewer = Browser(house.stack)
    assert viewer.post("/auth/invitation/accept", {"token": token, "name": "V", "password": PASSWORD}).status == 200
    assert viewer.get(f"/api/v1/invoices/{mine}").json["invoice"]["number"] == mine


# ---- the page behind the link


def page_of(house, person=0):
    return path_of(house.stack, listed(house.people[person])[0]["hosted_invoice_url"])


def test_the_page_needs_no_session_and_tells_nobody_its_address(house):
    answer = house.stack.get(page_of(house))
    headers = answer.headers
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Set-Cookie"] is None
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == {"default-src": "'none'", "style-src": "'self'", "img-src": "'self'", "base-uri": "'none'",
                      "form-action": "'self' https://checkout.stripe.com", "frame-ancestors": "'none'"}
    page = answer.body.decode()
    assert not [word for word in ("<script", "javascript:", " on", "style=") if word in
                "".join(re.findall(r"<[^>]*>", page)).replace(" on=", "")]
    assert 'name="robots" content="noindex' in page
    # Without a provider there is nothing to press.
    assert "<form" not in page
    assert_problem(house.stack.post(page_of(house) + "/pay"), 503, code="payments_not_configured")


def test_the_link_is_in_no_log(house):
    path = page_of(house)
    house.stack.get(path)
    house.stack.get("/" + path)
    house.stack.get("/end-of-log-test")
    logs = list((house.stack.state / "log").glob("*.log"))
    text = wait_until(lambda: (read := "".join(log.read_text() for log in logs)) and "end-of-log-test" in read and read)
    assert '"GET /i/* ' in text
    assert path.removeprefix("/i/") not in text


def test_a_wrong_link_is_the_same_404_whatever_is_wrong_with_it(house):
    token = page_of(house).removeprefix("/i/")
    other = page_of(house, 1).removeprefix("/i/")
    wrong = [token[:-1], token + "A", token[:-1] + ("A" if token[-1] != "A" else "B"), token.swapcase(), "x", "1",
             other[:11] + token[11:], "A" * 43, "A" * 2000, token[:43] + "%20", "INV-000001"]
    seen = set()
    for one in wrong:
        for rest, method in (("", "GET"), ("/pdf", "GET"), ("/pay", "POST")):
            answer = house.stack.ask(method, f"/i/{one}{rest}", b"" if method == "POST" else None)
            body = assert_problem(answer, 404)
            seen.add((body["detail"], body["code"], *sorted(set(answer.headers) - {"Date"})))
    assert len(seen) <= 2, seen
    assert len({one[:2] for one in seen}) == 1


def test_a_wrong_link_takes_as_long_whatever_is_wrong_with_it(house):
    """Medians of many, taken in turn; a right prefix would show as a longer comparison or a look-up."""
    token = page_of(house).removeprefix("/i/")
    kinds = {"a wrong end": token[:-2] + "AA", "a wrong beginning": "B" + token[1:], "short": token[:20], "one": "x"}
    times = {name: [] for name in kinds}
    for _ in range(150):
        for name, wrong in kinds.items():
            begin = time.perf_counter()
            house.stack.get(f"/i/{wrong}")
            times[name].append(time.perf_counter() - begin)
    medians = {name: sorted(taken)[len(taken) // 2] for name, taken in times.items()}
    assert max(medians.values()) < 2 * min(medians.values()), medians


def test_many_pdfs_at_once_are_made_or_refused_and_other_answers_come_meanwhile(house):
    [many] = [one["number"] for one in listed(house.people[0])
              if len(house.people[0].get(f"/api/v1/invoices/{one['number']}").json["lines"]) >= 40]
    path = path_of(house.stack, house.people[0].get(f"/api/v1/invoices/{many}").json["invoice"]["invoice_pdf"])
    with ThreadPoolExecutor(60) as pool:
        asked = [pool.submit(house.stack.get, path) for _ in range(60)]
        while not all(one.done() for one in asked):
            assert house.stack.get("/health", timeout=5).status == 200
        answers = [one.result() for one in asked]
    assert {answer.status for answer in answers} <= {200, 503}
    made = [answer for answer in answers if answer.status == 200]
    assert len(made) >= 32
    assert len({answer.body for answer in made}) == 1
    for answer in answers:
        if answer.status == 503:
            assert_problem(answer, 503, code="busy")
            assert answer.headers["Retry-After"]


# ---- paying and what follows


def test_an_invoice_is_paid_by_its_link_and_a_receipt_follows(payments):
    with MailDouble() as mail:
        payments.stop_purser()
        payments.settings |= mail.settings | {"INVOICE_THRESHOLD": "50.00"}
        payments.start_purser()
        ada = owner(payments, "ada@example.com", "Ada")
        wait_until(lambda: not payments.sql("SELECT id FROM outbox WHERE kind LIKE 'stripe.customer%'"))
        record(payments, ada.user["api_key"], "quera_aquila", 12)
        [invoice] = listed(ada)
        assert (invoice["total"], invoice["owed"]) == (50, 50)
        page = path_of(payments, invoice["hosted_invoice_url"])
        shown = payments.get(page)
        assert f'<form method="post" action="{page}/pay">' in shown.body.decode()
        assert payments.stripe.url in shown.headers["Content-Security-Policy"]
        # As browsers send a form without fields.
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}
        answer = payments.ask("POST", f"{page}/pay", b"", headers=form)
        assert answer.status == 303, answer
        session = payments.sql("SELECT session_id, amount FROM checkout ORDER BY created_at DESC LIMIT 1")[0]
        assert session["amount"] == 5000 and answer.headers["Location"].startswith("http")
        payments.stripe.pay(session["session_id"])
        wait_until(lambda: listed(ada)[0]["status"] == "paid", what="the payment")
        page_after = payments.get(page).body.decode()
        assert "Paid" in page_after and "<form" not in page_after and money(0) in page_after
        assert_problem(payments.ask("POST", f"{page}/pay", b"", headers=form), 409, code="not_owed")
        receipt = wait_until(lambda: [one for one in mail.messages if "is paid" in one.subject], what="the receipt")[0]
        assert receipt.subject == f"Invoice {invoice['number']} is paid: USD 50.00"
        assert "PAID" in pdf_text(receipt.files[0][2])
        assert payments.findings() == []


def test_a_mail_that_is_about_an_invoice_holds_no_pdf_while_it_waits(make_stack):
    stack = make_stack(INVOICE_THRESHOLD="50.00", OPENING_CREDIT="0")
    user = stack.register()
    record(stack, user["api_key"], "quera_aquila", 10)
    payloads = [json.loads(row["payload"]) for row in stack.sql("SELECT payload FROM outbox WHERE kind = 'mail'")]
    assert {"to": "ada@example.com", "invoice": 1, "news": "issued"} in payloads
