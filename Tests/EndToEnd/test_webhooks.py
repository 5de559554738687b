"""What Stripe tells us: believed only when signed, and harmless however often and in whatever order it comes."""

import itertools
import json
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe
from stack import wait_until
from stripe_events import SECRET, charge, event, intent, send, session, settled, signed

SECRETS = [SECRET, "whsec_the_one_before"]
_names = (f"w{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def house(make_house):
    return make_house(STRIPE_WEBHOOK_SECRET=",".join(SECRETS))


@pytest.fixture(scope="module")
def make_house(tmp_path_factory, spec):
    """A house with a double of its own: one for all questions that leave it whole."""
    from stack import Stack, free_port
    from stripe_double import StripeDouble
    made = []

    def make(**settings):
        port = free_port()
        double = StripeDouble(state=tmp_path_factory.mktemp("stripe"), spec=spec).start()
        stack = Stack(stripe=double, port=port, **settings)
        stack.stripe = double
        made.append(stack)
        return stack.start()

    yield make
    for stack in made:
        violations = stack.stripe.violations()
        stack.stop()
        stack.stripe.stop()
        assert violations == []


@pytest.fixture
def debtor(house):
    """An account that owes 26 dollars, beyond its opening credit of 10."""
    name = next(_names)
    user = house.register(email=f"{name}@example.com")
    house.post("/billing/record-usage", {"api_key": user["api_key"], "backend": "ibm_torino", "shots": 12})
    assert balance(house, user) == 26
    return user | {"name": name, "customer": user["stripe_customer_id"]}


def balance(house, user):
    return house.get("/dashboard/invoices", key=user["api_key"]).json["current_balance"]


def stored(house, id):
    rows = house.sql(f"SELECT status, attempts FROM stripe_event WHERE id = '{id}'")
    return rows[0] if rows else None


def books(house, user):
    """What must be the same in every order: the sides of the books, the payments and the pages."""
    account = house.sql(f"SELECT id FROM account WHERE stripe_customer_id = '{user['customer']}'")[0]["id"]
    sides = house.sql(f"SELECT side, debits - credits AS cents FROM ledger_balance WHERE account_id = {account}")
    cash = house.sql("SELECT coalesce(sum(CASE WHEN debit = 'cash' THEN amount ELSE -amount END), 0) AS cents "
                     f"FROM ledger_entry WHERE account_id = {account} AND 'cash' IN (debit, credit)")
    return {
        "sides": {row["side"]: row["cents"] for row in sides}, "cash": cash[0]["cents"],
        "payments": house.sql(f"SELECT amount, refunded FROM payment WHERE account_id = {account}"),
    }


# ---- who is believed

@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("path", ["/webhooks/stripe", "/api/webhooks/stripe"])
def test_each_secret_in_force_is_good_at_both_addresses(house, secret, path):
    told = event("customer.updated", {"id": "cus_1"})
    answer = send(house, told, secret, path)
    assert (answer.status, answer.json) == (200, {"received": True})
    assert stored(house, told["id"])["status"] == "ignored"


def headers_that_prove_nothing():
    body = json.dumps(event("customer.updated", {"id": "cus_1"}, id="evt_forged")).encode()
    good = signed(body)
    stamp, _, mac = good.partition(",v1=")
    return body, {
        "no header": "", "of another secret": signed(body, "whsec_other"), "too old": signed(body, age=302),
        "of the future": signed(body, age=-302), "of the test scheme only": good.replace("v1=", "v0="),
        "without a stamp": f"v1={mac}", "with two stamps": f"{stamp},{good}", "with another stamp": f"t=1,v1={mac}",
        "cut short": good[:-1], "no hex": f"{stamp},v1={'g' * 64}", "of 17 signatures": good + f",v1={'0' * 64}" * 16,
        "longer than 4 KB": good + f",v0={'0' * 4100}", "not a list": "nonsense", "of a null": "null",
    }


@pytest.mark.parametrize("kind", headers_that_prove_nothing()[1])
def test_a_header_that_proves_nothing_is_400_and_nothing_is_stored(house, kind):
    body, headers = headers_that_prove_nothing()
    answer = house.post("/webhooks/stripe", body, headers={"Stripe-Signature": headers[kind]})
    assert (answer.status, answer.json["code"]) == (400, "invalid_signature"), answer
    assert stored(house, "evt_forged") is None


def test_a_body_changed_by_one_bit_is_400(house):
    body = json.dumps(event("customer.updated", {"id": "cus_1"}, id="evt_bent")).encode()
    header = signed(body)
    for place in range(0, len(body), 17):
        bent = bytearray(body)
        bent[place] ^= 1
        assert house.post("/webhooks/stripe", bytes(bent), headers={"Stripe-Signature": header}).status == 400
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(bytes(bent).decode(), header, SECRET)
    assert stored(house, "evt_bent") is None
    assert house.post("/webhooks/stripe", body, headers={"Stripe-Signature": header}).status == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id":"evt_1"}', b'{"id":7,"type":"a"}', b"\xff\xfe",
                                  b'{"id":"evt_1","type":"a","id":"evt_2"}'])
def test_a_signed_body_that_is_no_event_is_400(house, body):
    from hashlib import sha256
    import hmac
    stamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
    answer = house.post("/webhooks/stripe", body, headers={"Stripe-Signature": f"t={stamp},v1={mac}"})
    assert (answer.status, answer.json["code"]) == (400, "invalid_event")


def test_bytes_beyond_ascii_are_signed_as_they_came(house):
    told = event("customer.updated", {"name": "Zoë \u2028 𝛑"})
    body = json.dumps(told, ensure_ascii=False, indent=3).encode()
    assert send(house, body).status == 200
    assert stored(house, told["id"])["status"] == "ignored"


def test_live_events_are_refused_by_a_house_with_a_test_key(house, debtor):
    told = event("checkout.session.completed", session(debtor["customer"], 2600, debtor["name"]), livemode=True)
    answer = send(house, told)
    assert (answer.status, answer.json["code"]) == (400, "wrong_mode")
    assert (stored(house, told["id"]), balance(house, debtor)) == (None, 26)


def test_test_events_are_refused_by_a_house_with_a_live_key(make_stack):
    stack = make_stack(PAYMENTS="auto", STRIPE_SECRET_KEY="sk_live_x", STRIPE_WEBHOOK_SECRET=SECRET,
                       STRIPE_API_BASE="http://127.0.0.1:9")
    assert send(stack, event("customer.updated", {})).status == 400
    assert send(stack, event("customer.updated", {}, livemode=True)).status == 200


def test_without_a_secret_webhooks_are_503(stack):
    answer = send(stack, event("customer.updated", {}))
    assert (answer.status, answer.json["code"]) == (503, "webhooks_not_configured")
    assert int(answer.headers["Retry-After"]) > 0


# ---- what they do

def test_every_order_of_a_payment_and_its_refunds_ends_the_same(house):
    ends = []
    for order in itertools.permutations(range(5)):
        name = next(_names)
        user = house.register(email=f"{name}@example.com")
        customer = user["stripe_customer_id"]
        house.post("/billing/record-usage", {"api_key": user["api_key"], "backend": "ibm_torino", "shots": 12})
        told = [
            event("checkout.session.completed", session(customer, 5000, name)),
            event("payment_intent.succeeded", intent(customer, 5000, name)),
            event("charge.succeeded", charge(customer, 5000, name)),
            event("charge.refunded", charge(customer, 5000, name, refunded=1500)),
            event("charge.refunded", charge(customer, 5000, name, refunded=5000)),
        ]
        for there in (0, 1, 4):
            house.stripe.put(told[there]["data"]["object"])
        for number in order:
            assert send(house, told[number], keep=False).status == 200
        settled(house)
        assert stored(house, told[3]["id"])["status"] == stored(house, told[4]["id"])["status"] == "applied"
        ends.append(books(house, user | {"customer": customer}))
    assert all(end == ends[0] for end in ends)
    # Nothing is owed, nothing is left of the credit that 50 dollars paid for, and all of it went back.
    assert ends[0]["sides"] == {"credit": 0, "unbilled": 0}
    assert (ends[0]["cash"], ends[0]["payments"]) == (0, [{"amount": 5000, "refunded": 5000}])
    assert house.findings() == []


def test_a_repeat_changes_nothing(house, debtor):
    paid = event("checkout.session.completed", session(debtor["customer"], 2600, debtor["name"]))
    assert [send(house, paid).status for _ in range(3)] == [200, 200, 200]
    twin = paid | {"id": paid["id"] + "_twin"}
    assert send(house, twin).status == 200
    end = books(house, debtor)
    assert (balance(house, debtor), end["cash"], len(end["payments"])) == (0, 2600, 1)


def test_the_same_event_twenty_times_at_once_counts_once(house, debtor):
    paid = event("checkout.session.completed", session(debtor["customer"], 2600, debtor["name"]))
    with ThreadPoolExecutor(20) as pool:
        assert {answer.status for answer in pool.map(lambda _: send(house, paid), range(20))} == {200}
    assert (balance(house, debtor), books(house, debtor)["cash"]) == (0, 2600)
    assert stored(house, paid["id"]) == {"status": "applied", "attempts": 1}


def test_a_strangers_events_are_stored_and_ignored(house):
    before = house.sql("SELECT count(*) AS entries FROM ledger_entry")
    for told in (event("checkout.session.completed", session("cus_stranger", 2600, "stranger")),
                 event("charge.refunded", charge("cus_stranger", 2600, "stranger", refunded=2600))):
        assert send(house, told).status == 200
        assert stored(house, told["id"])["status"] == "ignored"
    assert house.sql("SELECT count(*) AS entries FROM ledger_entry") == before


def test_a_signed_event_of_what_the_provider_does_not_have_moves_no_money(house, debtor):
    """Whoever got hold of the webhook's secret can sign, but cannot make Stripe say so too."""
    made_up = event("checkout.session.completed", session(debtor["customer"], 2600, debtor["name"]))
    dearer = event("checkout.session.completed", session(debtor["customer"], 99900, debtor["name"] + "x"))
    house.stripe.put(session(debtor["customer"], 2600, debtor["name"] + "x", status="unpaid"))
    for told in (made_up, dearer):
        assert send(house, told, keep=False).status == 200
        settled(house, told["id"])
        assert stored(house, told["id"])["status"] == "ignored"
    assert (balance(house, debtor), books(house, debtor)["payments"]) == (26, [])


@pytest.mark.parametrize("change", [{"payment_status": "unpaid"}, {"mode": "setup"}, {"currency": "eur"},
                                    {"amount_total": None}, {"amount_total": 0}, {"amount_total": -5}])
def test_a_page_that_brought_no_dollars_pays_nothing(house, debtor, change):
    told = event("checkout.session.completed", session(debtor["customer"], 2600, debtor["name"]) | change)
    assert send(house, told).status == 200
    assert (balance(house, debtor), books(house, debtor)["payments"]) == (26, [])


def test_a_payment_that_takes_days_counts_when_it_comes(house, debtor):
    page = session(debtor["customer"], 2600, debtor["name"], status="unpaid")
    assert send(house, event("checkout.session.completed", page)).status == 200
    assert balance(house, debtor) == 26
    assert send(house, event("checkout.session.async_payment_succeeded", page | {"payment_status": "paid"})).status == 200
    settled(house)
    assert balance(house, debtor) == 0


@pytest.mark.parametrize("type, status", [("checkout.session.expired", "expired"),
                                          ("checkout.session.async_payment_failed", "failed")])
def test_a_page_that_ended_unpaid_is_marked_and_a_paid_one_stays_paid(house, debtor, type, status):
    for first, second, end in ((None, type, status), ("checkout.session.completed", type, "paid"),
                               (type, "checkout.session.completed", "paid")):
        id = house.post("/billing/create-payment", {"amount": 5}, key=debtor["api_key"]).json["session_id"]
        state = "expired" if status == "expired" else "complete"
        unpaid = session(debtor["customer"], 500, id, status="unpaid") | {"id": id, "status": state}
        paid = session(debtor["customer"], 500, id) | {"id": id}
        for kind in filter(None, (first, second)):
            assert send(house, event(kind, paid if kind.endswith("completed") else unpaid)).status == 200
            settled(house)
        assert house.sql(f"SELECT status FROM checkout WHERE session_id = '{id}'") == [{"status": end}]


# ---- what goes wrong on our side

def test_a_sum_beyond_reason_is_kept_for_a_person_and_not_posted(house, debtor):
    told = event("checkout.session.completed", session(debtor["customer"], 2**63 - 1, debtor["name"]))
    assert send(house, told).status == 200
    assert stored(house, told["id"])["status"] == "received"
    assert (balance(house, debtor), house.findings()) == (26, [])


def test_an_event_whose_effects_fail_is_kept_and_tried_again(house, debtor):
    told = event("checkout.session.completed", session(debtor["customer"], 2600, debtor["name"]))
    with sqlite3.connect(house.state / "purser.db", timeout=10) as db:
        db.execute("CREATE TRIGGER no_payments BEFORE INSERT ON payment BEGIN SELECT RAISE(ABORT, 'broken'); END")
    try:
        assert send(house, told).status == 200
        assert stored(house, told["id"])["status"] == "received"
        assert balance(house, debtor) == 26
    finally:
        with sqlite3.connect(house.state / "purser.db", timeout=10) as db:
            db.execute("DROP TRIGGER no_payments")
    wait_until(lambda: stored(house, told["id"])["status"] == "applied", 30, "the retry")
    assert balance(house, debtor) == 0
    assert "broken" in house.log


def test_with_the_store_locked_the_answer_is_503_and_stripes_repeat_counts(house, debtor):
    told = event("checkout.session.completed", session(debtor["customer"], 2600, debtor["name"]))
    lock = sqlite3.connect(house.state / "purser.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        answer = send(house, told)
        assert (answer.status, stored(house, told["id"])) == (503, None)
        assert int(answer.headers["Retry-After"]) > 0
        assert balance(house, debtor) == 26
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    wait_until(lambda: send(house, told).status == 200, 15, "the store")
    assert balance(house, debtor) == 0


def test_what_was_answered_200_survives_a_kill(make_house):
    house = make_house()
    user = house.register()
    stop = threading.Event()
    answered = []

    def pour():
        for number in itertools.count():
            if stop.is_set():
                return
            try:
                paid = event("checkout.session.completed", session(user["stripe_customer_id"], 100, f"k{number}"))
                if send(house, paid, timeout=5).status == 200:
                    answered.append(paid["id"])
            except OSError:
                pass

    pourer = threading.Thread(target=pour)
    pourer.start()
    for goal in (20, 40, 60):
        wait_until(lambda: len(answered) >= goal, 30, "events")
        house.stop_purser(9)
        house.start_purser()
    stop.set()
    pourer.join()
    kept = {row["id"] for row in house.sql("SELECT id FROM stripe_event WHERE status = 'applied'")}
    assert set(answered) <= kept
    cash = house.sql("SELECT sum(amount) AS cents FROM payment")[0]["cents"]
    assert (cash, house.findings()) == (100 * len(kept), [])
