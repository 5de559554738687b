"""The benchmark's own arithmetic: a wrong ratio would flatter or slander for years."""

import hmac
import json
import socket
import re
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parent
SCHEMA = BENCH.parent / "Sources/Portal/Schema"
sys.path.insert(0, str(BENCH))

import billing  # noqa: E402
import deliveries  # noqa: E402
import load  # noqa: E402
import measures  # noqa: E402
import product  # noqa: E402
import provider  # noqa: E402
import report  # noqa: E402
import signins  # noqa: E402
from fill import fill, statements  # noqa: E402
from processes import Failed  # noqa: E402

ROUND = load.Load(BENCH, connections=2, threads=1, rounds=1, seconds=1)


def samples(*rates):
    return [load.Sample(rate) for rate in rates]


def latencies(*p99s):
    return [load.Sample(1, p99_ms=p99) for p99 in p99s]


def test_refused_answers_do_not_count_as_speed():
    counted = {"requests": 100, "refused": 40, "broken": 1, "microseconds": 2_000_000, "p50": 1500, "p99": 9000}
    one = load.sample(counted)
    assert (one.per_second, one.p50_ms, one.refused, one.broken) == (30, 1.5, 40, 1)


def test_a_ratio_is_of_the_medians_and_spreads_over_pairs():
    found = load.ratio(samples(10, 20, 60), samples(10, 10, 20))
    assert (found.of_medians, found.least, found.most) == (2, 1, 3)


@pytest.mark.parametrize(("stored", "fine"), [(9, False), (10, True), (12, True), (13, False)])
def test_what_was_answered_must_be_stored_and_no_more_than_was_under_way(stored, fine):
    class Store:
        name = "store"

        def stored(self):
            return 100 + stored

    answered = [load.Sample(0, answered=10)]
    if fine:
        measures.check_stored(ROUND, Store(), 100, answered, each=1)
    else:
        with pytest.raises(Failed):
            measures.check_stored(ROUND, Store(), 100, answered, each=1)


def test_a_target_just_missed_is_not_met():
    results = {"user": {"purser": samples(64.9), "ceiling": samples(100)}, "start": (150.0, 140, 160)}
    met = {one.what: one.met for one in report.targets(results)}
    assert met["GET /auth/user of the ceiling"] is False
    assert met["start to first answer"] is True
    assert met["peak resident memory"] is None


def test_the_filled_store_has_every_event_and_the_same_total_in_its_roll_up(tmp_path):
    database = tmp_path / "filled.db"
    setup = (BENCH / "events.sql").read_text().split("-- @setup")[1].split("-- @event")[0]
    with closing(sqlite3.connect(database)) as store:
        store.executescript(setup + "CREATE TABLE api_key (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL);"
                            "CREATE TABLE usage_total (account_id, meter, backend, unit_micros, quantity, cost_micros, events,"
                            " PRIMARY KEY (account_id, meter, backend, unit_micros));")
        store.execute("INSERT INTO api_key VALUES (7, 3)")
        store.commit()
    fill(database, BENCH / "fill.sql", {"account": 3, "events": 1000, "now": 1_750_000_000_000})
    assert product.query(database, product.EVENTS_STORED) == 1000
    assert product.query(database, "SELECT sum(quantity) FROM usage_day WHERE account_id = 3") == 1000
    assert product.query(database, "SELECT count(DISTINCT day) FROM usage_day") in (30, 31)
    assert product.query(database, "PRAGMA journal_mode") == "wal"


def migrated(database):
    """A store with all of Purser's tables, by the statements that it migrates with, and one account."""
    names = re.findall(r'Migration\("\w+", (\w+)\)', (SCHEMA / "Schema.swift").read_text())
    with closing(sqlite3.connect(database)) as store:
        for name in names:
            store.executescript((SCHEMA / f"{name[0].upper()}{name[1:]}.swift").read_text().split('"""')[1])
        store.execute("INSERT INTO plan (id, code, name, is_prepaid, simulators_only) VALUES (1, 'free', 'Free', 1, 1)")
        store.execute("INSERT INTO account (id, name, plan_id, created_at) VALUES (3, 'Bench', 1, 1)")
        store.execute("INSERT INTO person (id, email, name, created_at) VALUES (4, 'bench@example.com', 'Bench', 1)")
        store.execute("INSERT INTO member (account_id, person_id, role, created_at) VALUES (3, 4, 'owner', 1)")
        store.commit()


def test_the_filled_campaigns_have_every_row_in_each_of_their_counts(tmp_path):
    database = tmp_path / "filled.db"
    migrated(database)
    fill(database, BENCH / "clicks.sql", {"account": 3, "clicks": 1000, "now": 1_795_000_000_000})
    for table, column, rows in [("referral", "referrals", 100), ("referral_click", "clicks", 1000),
                                ("conversion", "conversions", 20), ("reward", "rewards", 20)]:
        assert product.query(database, f"SELECT count(*) FROM {table}") == rows
        for counts in ("campaign_total", "campaign_day", "campaign_hour"):
            assert product.query(database, f"SELECT sum({column}) FROM {counts}") == rows
    wrong = "SELECT count(*) FROM referral_click c JOIN referral r ON r.id = c.referral_id WHERE r.campaign_id <> c.campaign_id"
    assert product.query(database, wrong) == 0
    assert product.query(database, "SELECT count(DISTINCT campaign_id) FROM reward") == 5


def test_a_statement_ends_at_its_semicolon_not_at_one_in_a_text():
    assert list(statements("SELECT ';';\nSELECT\n2;\n")) == ["SELECT ';';\n", "SELECT\n2;\n"]


def test_sign_ins_are_counted_by_their_right_answers_and_timed_to_the_slowest():
    one = signins.sample([(0.3, True), (0.6, True), (0.001, False), (0.4, True)], seconds=2)
    assert (one.per_second, one.p50_ms, one.p99_ms, one.answered, one.refused) == (1.5, 400, 600, 3, 1)


def test_a_round_without_a_sign_in_is_no_measurement():
    with pytest.raises(Failed):
        signins.sample([(15.0, False)], seconds=4)


def test_sign_ins_go_on_beside_the_load_until_it_ends_and_each_must_be_answered_as_it_should():
    class Desk:
        name, asked = "desk", []

        def ask(self, method, path, body):
            self.asked.append(json.loads(body)["password"])
            # A desk that lets everybody in.
            return 200, ""

    desk = Desk()
    with signins.SignIns(desk) as stream:
        while len(desk.asked) < 100:
            time.sleep(0)
        found = stream.sample(0, time.monotonic())
    assert found.answered and found.refused
    assert set(desk.asked) == {product.PASSWORD, product.PASSWORD + "?"}
    assert not any(client.is_alive() for client in stream.clients)


@pytest.mark.parametrize(("beside", "met"), [((15, 15, 90), True), ((16, 16, 2), False)])
def test_reads_beside_sign_ins_are_held_to_the_medians_of_their_p99(beside, met):
    reads = {"alone": latencies(10, 10, 10), "beside": latencies(*beside), "sign_ins": latencies(400, 400, 400)}
    found = next(one for one in report.targets({"signin": reads}) if one.what.startswith("GET /auth/user p99"))
    assert found.met is met
    assert found.measured == ("1.50 ×" if met else "1.60 ×")


def test_a_row_says_which_reads_had_sign_ins_beside_them():
    one = latencies(10)
    rows = list(report.figures({"signin": {"alone": one, "beside": one, "sign_ins": one}}))
    assert [row[1] for row in rows] == ["purser", "purser, sign-ins beside", "purser"]
    assert rows[2][0].startswith("POST /auth/login")


def test_a_few_a_second_are_shown_with_a_decimal():
    rates = [list(report.figures({"signin": {"sign_ins": samples(*some)}}))[0][2:4] for some in ((2.4, 3.1), (7000,))]
    assert rates == [["2.8", "2.4–3.1"], ["7,000", "7,000–7,000"]]


def test_servers_that_are_not_purser_keep_their_names_in_the_rows():
    rows = report.figures({"user": {"flask": samples(1)}, "analytics": {"many": samples(1)}, "sizes": {"many": 5000}})
    assert [row[1] for row in rows] == ["flask", "purser, 5,000 events"]


def test_every_webhook_is_signed_over_its_own_bytes_and_none_comes_before_its_payment(tmp_path):
    provider.write(tmp_path / "signed", "whsec_1", "ab12", 2000)
    paid, ids, kinds = set(), set(), set()
    for line in (tmp_path / "signed").read_bytes().splitlines():
        header, body = line.split(b"\t", 1)
        stamp, given = (part.split(b"=")[1] for part in header.split(b","))
        assert hmac.new(b"whsec_1", stamp + b"." + body, "sha256").hexdigest().encode() == given
        event = json.loads(body)
        about = event["data"]["object"]
        ids.add(event["id"])
        kinds.add(event["type"])
        if event["type"] == "checkout.session.completed":
            paid.add(about["payment_intent"])
        elif event["type"] in ("payment_intent.succeeded", "charge.refunded"):
            assert about.get("payment_intent", about["id"]) in paid
    assert len(ids) == len((tmp_path / "signed").read_bytes().splitlines()) >= 1500
    assert kinds == {*provider.AT_ONCE, *provider.LATER, *provider.AT_TIMES}


def test_an_event_names_the_same_customer_wherever_it_names_one():
    event = json.loads(provider.template("customer.updated", provider.payer, 0)("ab12", provider.CUSTOMERS + 7))
    assert event["data"]["object"]["id"] == provider.customer(7) == "cus_bench00000007"
    assert event["data"]["object"]["email"] == "payer7@example.com"


def test_the_accounts_of_the_store_are_the_customers_that_webhooks_name(tmp_path):
    database = tmp_path / "accounts.db"
    with closing(sqlite3.connect(database)) as store:
        store.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, name, plan_id, stripe_customer_id, created_at)")
        store.execute("INSERT INTO account (plan_id) VALUES (4)")
        store.commit()
    fill(database, BENCH / "customers.sql", {"account": 1, "customers": 12, "now": 5})
    for number in (0, 11):
        asked = "SELECT count(*) FROM account WHERE stripe_customer_id = ? AND plan_id = 4"
        assert product.query(database, asked, provider.customer(number)) == 1


def test_every_account_is_due_a_month_after_it_began(tmp_path):
    database = tmp_path / "due.db"
    with closing(sqlite3.connect(database)) as store:
        store.executescript(
            "CREATE TABLE account (id, next_close_at);"
            "CREATE TABLE subscription (account_id, anchor_at, period_start, period_end, priced_from);"
            "INSERT INTO account VALUES (1, 9000), (2, 9500);"
            "INSERT INTO subscription VALUES (2, 4000, 4000, 9500, 4000);"
        )
    fill(database, BENCH / "due.sql", {"now": 5000, "month": 3000})
    assert product.query(database, "SELECT group_concat(next_close_at) FROM account") == "4000,4000"
    assert product.query(database, "SELECT period_start || ' ' || period_end FROM subscription") == "1000 4000"


@pytest.mark.parametrize(("answered", "applied", "ignored", "fine"), [
    (10, 10, 0, True), (10, 12, 0, True), (10, 9, 0, False), (10, 13, 0, False), (10, 10, 1, False),
])
def test_webhooks_count_only_when_each_was_applied(monkeypatch, answered, applied, ignored, fine):
    class Desk:
        name, database, checked = "desk", None, False

        def shell(self, words):
            self.checked = words == product.CHECK

    desk, found = Desk(), {"applied": applied, "ignored": ignored}
    monkeypatch.setattr(product, "query", lambda database, sql, status: found[status])
    if fine:
        billing.check_applied(ROUND, desk, [load.Sample(0, answered=answered)])
        assert desk.checked
    else:
        with pytest.raises(Failed):
            billing.check_applied(ROUND, desk, [load.Sample(0, answered=answered)])


@pytest.mark.parametrize(("invoices", "lines", "fine"), [(2000, 2, True), (1999, 2, False), (2000, 1, False)])
def test_a_month_end_counts_with_all_its_invoices_and_its_progress_told(monkeypatch, invoices, lines, fine):
    class Desk:
        name, database = "desk", None

        def shell(self, words):
            pass

    monkeypatch.setattr(product, "query", lambda database, sql, reason: invoices if reason == "usage" else 0)
    told = "\n".join(["1000 periods closed"] * lines)
    if fine:
        billing.check_closed(Desk(), 0, told, 2000)
    else:
        with pytest.raises(Failed):
            billing.check_closed(Desk(), 0, told, 2000)


def test_what_was_closed_is_held_to_its_targets():
    reads = {"idle": latencies(2, 2), "closing": latencies(3, 6)}
    results = {"invoice": [40.0, 60.0, 45.0], "monthend": reads, "monthend_seconds": 31.0}
    met = {one.what: one.met for one in report.targets(results)}
    assert met["invoice over many events"] is True
    assert met["month-end of many accounts"] is False
    assert met["GET /auth/user p99, beside it of after it"] is False


TOLD = [(f"msg_{number % 2}", f"/ok/{endpoint}", 1000.0 + endpoint / 1000)
        for number in range(2) for endpoint in range(deliveries.ENDPOINTS - deliveries.HANGING)]
WRITTEN = {"msg_0": 1_000_000, "msg_1": 1_000_000}


def test_a_delivery_is_as_late_as_it_came_after_its_event():
    one = deliveries.sample(TOLD, WRITTEN, seconds=2)
    assert (one.per_second, one.answered) == (45, 90)
    assert (round(one.p50_ms), round(one.p99_ms)) == (22, 44)


@pytest.mark.parametrize("taken", [TOLD[1:], [*TOLD, TOLD[0]], [*TOLD[1:], TOLD[1]]])
def test_events_told_never_or_twice_fail_the_measurement(taken):
    deliveries.check_told("purser", TOLD, WRITTEN, 2)
    with pytest.raises(Failed):
        deliveries.check_told("purser", taken, WRITTEN, 2)


def test_those_that_hang_take_requests_and_are_not_counted():
    request = "POST /{}/1 HTTP/1.1\r\nwebhook-id: msg_1\r\nContent-Length: 2\r\n\r\n{{}}"
    with deliveries.Receiver() as receiver, socket.create_connection(("127.0.0.1", receiver.port)) as caller:
        caller.sendall((request.format("hang") + request.format("ok")).encode())
        assert caller.recv(100).startswith(b"HTTP/1.1 204")
        assert [told[:2] for told in receiver.taken] == [("msg_1", "/ok/1")]
