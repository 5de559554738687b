"""The audit log: what it tells, to whom, and that nobody can change it unnoticed."""

import csv
import io
import json
import shutil
import sqlite3

import pytest
from answers import assert_problem
from people import PASSWORD, Browser, owner, teammate
from stack import Stack


@pytest.fixture(scope="module")
def house():
    with Stack() as stack:
        stack.olga = owner(stack, "olga@audit.example")
        stack.other = owner(stack, "other@audit.example")
        for number in range(12):
            stack.olga.patch("/api/v1/account", {"name": f"Name {number}"})
        stack.shell("account", "plan", "olga@audit.example", "pro")
        stack.shell("account", "credit", "olga@audit.example", "5.00")
        yield stack


def entries(browser, query=""):
    answer = browser.get(f"/api/v1/audit{query}")
    assert answer.status == 200, answer
    return answer.json["entries"]


def test_it_says_who_did_what_from_where_and_when(house):
    newest, plan, name, *_ = entries(house.olga)
    assert (newest["action"], newest["actor"], newest["detail"]) == (
        "account.credit_granted", "shell", {"amount": "5.00"})
    assert (plan["action"], plan["detail"]) == ("account.plan_changed", {"from": "free", "to": "pro"})
    assert (name["action"], name["actor"], name["actor_name"]) == (
        "account.renamed", f"person:{house.olga.user['id']}", "olga@audit.example")
    assert name["detail"] == {"from": "Name 10", "to": "Name 11"}
    assert name["address"] == "127.0.0.1" and name["request_id"] and name["at"].endswith("Z")
    assert {entry["account"] for entry in entries(house.olga)} == {house.olga.account}


def test_it_begins_with_the_account_whoever_made_it(house):
    for browser in (house.olga, house.other):
        first = entries(browser, "?limit=500")[-1]
        assert (first["action"], first["actor"]) == ("account.created", "anonymous")
        assert (first["target"], first["detail"]["plan"]) == (f"account:{browser.account}", "free")


def test_pages_follow_each_other_without_gap_or_overlap(house):
    everything = entries(house.olga, "?limit=500")
    seen, query = [], "?limit=4"
    while query:
        page = house.olga.get(f"/api/v1/audit{query}").json
        assert len(page["entries"]) <= 4
        seen += page["entries"]
        query = f"?limit=4&after={page['next']}" if page["next"] else None
    assert seen == everything and len(seen) > 12


def test_filters_narrow_it(house):
    everything = entries(house.olga, "?limit=500")
    named = entries(house.olga, "?action=account.renamed&limit=500")
    assert len(named) == 12 and named == [entry for entry in everything if entry["action"] == "account.renamed"]
    shell = entries(house.olga, "?actor=shell")
    assert [entry["action"] for entry in shell] == ["account.credit_granted", "account.plan_changed"]
    assert entries(house.olga, "?actor=olga@audit.example&action=account.renamed&limit=500") == named
    middle = named[6]["at"]
    since = entries(house.olga, f"?action=account.renamed&from={middle}&limit=500")
    before = entries(house.olga, f"?action=account.renamed&to={middle}&limit=500")
    assert since + before == named and named[6] in since
    assert entries(house.olga, "?action=no.such") == []


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "from=yesterday", "after=x", "to=2026-02-30"])
def test_a_filter_that_is_none_is_refused(house, query):
    assert_problem(house.olga.get(f"/api/v1/audit?{query}"), 400)
    assert_problem(house.olga.get(f"/api/v1/audit.csv?{query}"), 400)


def test_it_is_for_owners_and_admins_of_the_account(house):
    for role, status in [("admin", 200), ("developer", 403), ("billing", 403), ("viewer", 403)]:
        mate = teammate(house, house.olga, f"{role}@audit.example", role)
        assert mate.get("/api/v1/audit").status == status
        assert mate.get("/api/v1/audit.csv").status == status
        assert mate.get("/api/v1/admin/audit").status == 403
    assert all(entry["account"] == house.other.account for entry in entries(house.other, "?limit=500"))


def test_the_export_holds_all_of_it_and_no_formula(house):
    house.olga.patch("/api/v1/account", {"name": '=HYPERLINK("http://evil.example","x")'})
    house.olga.post("/api/v1/invitations", {"email": "=cmd@evil.example", "role": "viewer"})
    answer = house.olga.get("/api/v1/audit.csv")
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    assert answer.body.endswith(b"\r\n")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    assert [int(row["id"]) for row in rows] == [entry["id"] for entry in entries(house.olga, "?limit=500")]
    assert [json.loads(row["detail"]) for row in rows] == [
        entry["detail"] for entry in entries(house.olga, "?limit=500")]
    assert not any(value[:1] in "=+-@\t\r" for row in rows for value in row.values() if value)
    named = house.olga.get("/api/v1/audit.csv?action=account.renamed").body.decode()
    assert len(list(csv.reader(io.StringIO(named, newline="")))) == 1 + 13


def test_a_long_export_is_streamed_page_by_page(make_stack):
    stack = make_stack()
    olga = owner(stack, "olga@long.example")
    count = 1203
    stack.stop_purser()
    with sqlite3.connect(stack.store / "purser.db") as db:
        columns = "account_id, actor, actor_name, action, target, detail, address, request_id, happened_at, hash"
        db.executemany(f"INSERT INTO audit_entry ({columns}) VALUES (1, 'system', '', 'x.y', 't', '{{}}', '', '', ?, "
                       "zeroblob(32))", [(number,) for number in range(count)])
    stack.start_purser()
    answer = olga.get("/api/v1/audit.csv?action=x.y")
    assert answer.body.count(b"\r\n") == count + 1
    assert "Content-Length" not in answer.headers


def test_operators_read_everybody_s(make_stack):
    stack = make_stack(OPERATOR_SECOND_FACTOR="off")
    operator = stack.seed()["operator"]
    olive = Browser(stack).sign_in(operator["email"], password=operator["password"])
    olga = owner(stack, "olga@audit.example")
    found = olive.get("/api/v1/admin/audit?limit=500").json["entries"]
    assert {None, olga.account} <= {entry["account"] for entry in found}
    assert any(entry["action"] == "store.seeded" and entry["actor"] == "shell" for entry in found)
    assert_problem(olga.get("/api/v1/admin/audit"), 403, "Admin access required")


# ---- tampering


@pytest.fixture(scope="module")
def copies(house, tmp_path_factory):
    """Makes copies of the house's store, with nobody running on them."""
    file = tmp_path_factory.mktemp("audit") / "sound.db"
    house.shell("backup", str(file))
    made = []

    def copy():
        made.append(Stack(KEY_PEPPER=house.settings["KEY_PEPPER"]))
        shutil.copy(file, made[-1].store / "purser.db")
        return made[-1]

    yield copy
    for stack in made:
        stack.stop()


FORGED = "account_id, actor, actor_name, action, target, detail, address, request_id, happened_at, hash"
TAMPERED = {
    "a row's actor": ("UPDATE audit_entry SET actor = 'person:9' WHERE id = 5", "breaks at entry 5"),
    "a row's detail": ("UPDATE audit_entry SET detail = '{}' WHERE id = 6 AND detail <> '{}'", "breaks at entry 6"),
    "a row's account": ("UPDATE audit_entry SET account_id = 2 WHERE id = 7", "breaks at entry 7"),
    "a row's time": ("UPDATE audit_entry SET happened_at = happened_at - 1 WHERE id = 8", "breaks at entry 8"),
    "fields that run into each other": (
        "UPDATE audit_entry SET actor = actor || 'o', actor_name = substr(actor_name, 2) WHERE id = 8",
        "breaks at entry 8"),
    "the first row gone": ("DELETE FROM audit_entry WHERE id = 1", "breaks at entry 2"),
    "a row gone": ("DELETE FROM audit_entry WHERE id = 9", "breaks at entry 10"),
    "the last row gone": ("DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)", "was written up to"),
    "all rows gone": ("DELETE FROM audit_entry", "ends at entry 0"),
    "a row put in the middle": (
        f"UPDATE audit_entry SET id = -id WHERE id >= 10; UPDATE audit_entry SET id = 1 - id WHERE id < 0;"
        f"INSERT INTO audit_entry (id, {FORGED}) SELECT 10, {FORGED} FROM audit_entry WHERE id = 9",
        "breaks at entry 10"),
    "a row put at the end": (
        f"INSERT INTO audit_entry ({FORGED}) SELECT {FORGED} FROM audit_entry WHERE id = 9", "the audit log ends at"),
    "two rows exchanged": (
        "UPDATE audit_entry SET id = 0 WHERE id = 5; UPDATE audit_entry SET id = 5 WHERE id = 6;"
        "UPDATE audit_entry SET id = 6 WHERE id = 0", "breaks at entry 5"),
}


@pytest.mark.parametrize("statement, words", TAMPERED.values(), ids=TAMPERED.keys())
def test_tampering_is_found_and_where(copies, statement, words):
    stack = copies()
    sound = stack.shell("audit", "verify")
    assert "The audit log is whole." in sound.stdout
    with sqlite3.connect(stack.store / "purser.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.executescript(statement)
    found = stack.shell("audit", "verify", check=False)
    assert found.returncode == 1 and words in found.stdout, found.stdout + found.stderr
    assert any(words in finding for finding in json.loads(
        stack.shell("audit", "verify", "--json", check=False).stdout)["findings"])
    assert any(words in finding for finding in stack.findings()), "purser check says so too"


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
def test_a_row_cannot_be_changed_by_mistake(copies, statement):
    stack = copies()
    with sqlite3.connect(stack.store / "purser.db") as db, pytest.raises(sqlite3.IntegrityError, match="are never"):
        db.execute(statement)


def test_a_head_that_was_noted_down_finds_a_log_written_anew(house, copies):
    head = json.loads(house.shell("audit", "verify", "--json").stdout)["head"]
    house.olga.patch("/api/v1/account", {"name": "Later"})
    assert "is whole" in house.shell("audit", "verify", "--head", head).stdout
    number, _, digest = head.partition(":")
    other = f"{number}:{'0' * len(digest)}"
    found = house.shell("audit", "verify", "--head", other, check=False)
    assert found.returncode == 1 and f"entry {number} of the audit log is not the one" in found.stdout
    assert house.shell("audit", "verify", "--head", "nonsense", check=False).returncode == 1


def test_the_log_is_as_long_as_what_happened(house):
    """No entry without its cause: what is refused leaves none."""
    before = house.sql("SELECT count(*) AS n FROM audit_entry WHERE action = 'account.renamed'")
    house.olga.patch("/api/v1/account", {"name": ""})
    Browser(house).patch("/api/v1/account", {"name": "Stranger"})
    house.olga.patch("/api/v1/account", {"name": house.olga.get("/api/v1/account").json["name"]})
    assert house.sql("SELECT count(*) AS n FROM audit_entry WHERE action = 'account.renamed'") == before
    assert PASSWORD not in str(house.sql("SELECT actor, actor_name, target, detail FROM audit_entry"))
