"""What a sysadmin sees: the start, the commands with and without a running Purser, backups, checks and systemd."""

import json
import re
import shutil
import socket
import sqlite3
import subprocess
import threading

import pytest
from chaos import Account, Load, compare
from stack import Stack, purser_binary, wait_until

ALL_ON = {"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x", "PAYMENTS": "auto",
          "STRIPE_API_BASE": "http://127.0.0.1:9"}


# ---- payments on or off, said where nobody can overlook it


@pytest.mark.parametrize("settings, line, enabled, verifiable", [
    ({}, "payments are OFF (no STRIPE_SECRET_KEY), webhooks CANNOT be verified (no STRIPE_WEBHOOK_SECRET), "
         "an invoice is raised at 3000.00 dollars", False, False),
    (ALL_ON | {"INVOICE_THRESHOLD": "250.50"},
     "payments are on, webhooks can be verified, an invoice is raised at 250.50 dollars", True, True),
    ({"STRIPE_WEBHOOK_SECRET": "whsec_x"}, "payments are OFF (no STRIPE_SECRET_KEY), webhooks can be verified",
     False, True),
    (ALL_ON | {"STRIPE_WEBHOOK_SECRET": ""},
     "payments are on, webhooks CANNOT be verified (no STRIPE_WEBHOOK_SECRET)", True, False),
], ids=["nothing", "everything", "only webhooks", "only payments"])
def test_start_health_and_check_say_whether_payments_work(make_stack, settings, line, enabled, verifiable):
    stack = make_stack(**settings)
    served = [text for text in stack.log.splitlines() if "serves" in text]
    assert len(served) == 1 and line in served[0]
    health = stack.get("/health").json
    assert (health["stripe_enabled"], health["stripe_webhooks_enabled"]) == (enabled, verifiable)
    assert health["invoice_threshold_usd"] == float(settings.get("INVOICE_THRESHOLD", "3000"))
    assert line in stack.shell("check").stdout
    stack.stop_purser()
    assert line in stack.shell("check").stdout
    assert "sk_test" not in stack.log and "whsec" not in stack.log


def test_check_shows_settings_without_their_secrets(make_stack):
    stack = make_stack(**ALL_ON)
    shown = stack.shell("check").stdout
    assert "STRIPE_SECRET_KEY=(given)" in shown and "KEY_PEPPER=(given)" in shown and "WORKERS=0" in shown
    assert "sk_test" not in shown and "whsec" not in shown and "pepper for tests" not in shown
    assert "Store and ledger are sound." in shown


@pytest.mark.parametrize("command", [["serve"], ["check"], ["seed"], ["migrate"]])
def test_all_mistakes_in_the_settings_are_reported_at_once(tmp_path, command):
    wrong = {"WORKERS": "many", "OPENING_CREDIT": "-1", "PUBLIC_URL": "example.com", "DEV_MODE": "yes",
             "LIMIT_READ": "-1", "KEY_PREFIX": "Bio QL", "LOG_LEVEL": "loud", "ALLOWED_UIDS": "root",
             "INVOICE_THRESHOLD": "1e3",
             "STRIPE_API_BASE": "ftp://x"}
    done = subprocess.run([purser_binary(), *command], env={"STATE": str(tmp_path / "state")} | wrong,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    for name in wrong:
        assert name in done.stderr, (name, done.stderr)
    assert not (tmp_path / "state").exists(), "nothing is made before the settings are right"


# ---- one process owns the store


def test_a_second_purser_on_the_same_state_is_refused(make_stack):
    stack = make_stack()
    user = stack.register()
    done = stack.shell("serve", check=False)
    assert done.returncode == 1
    assert f"another Purser (process {stack.purser.pid}) is using this folder" in done.stderr
    assert "StoreError" not in done.stderr and "Optional" not in done.stderr
    # Nothing of the first one's was touched: its sockets answer still.
    assert stack.get("/auth/user", key=user["api_key"]).status == 200
    assert stack.findings() == []


def test_a_crash_leaves_nothing_that_keeps_the_next_one_from_starting(make_stack):
    stack = make_stack()
    user = stack.register()
    for _ in range(3):
        stack.stop_purser(9)
        assert stack.socket.exists() and (stack.state / "control.sock").exists()
        stack.start_purser()
        assert stack.get("/auth/user", key=user["api_key"]).status == 200


@pytest.mark.parametrize("running", [True, False], ids=["beside a running Purser", "with nobody running"])
def test_commands_work(make_stack, running, tmp_path):
    stack = make_stack()
    user = stack.register()
    if not running:
        stack.stop_purser()
    assert "Store and ledger are sound." in stack.shell("check").stdout
    assert "up to date" in stack.shell("migrate").stdout
    assert "on the plan enterprise" in stack.shell("account", "plan", "ada@example.com", "enterprise").stdout
    assert "35.50 dollars" in stack.shell("account", "credit", "ada@example.com", "25.50").stdout
    assert "already has accounts" in stack.shell("seed", check=False).stderr
    assert "verified" in stack.shell("backup", str(tmp_path / "copy.db")).stdout
    assert json.loads(stack.shell("sql", ".mode json", "SELECT count(*) AS n FROM person").stdout) == [{"n": 1}]
    assert "Revoked." in stack.shell("key", "revoke", "1").stdout
    assert "no such key" in stack.shell("key", "revoke", "1").stdout
    refused = [["account", "plan", "nobody@example.com", "pro"], ["account", "plan", "ada@example.com", "gold"],
               *(["account", "credit", "ada@example.com", "--", amount]
                 for amount in ("0", "-5", "lots", "1e9", '1,"x":1')),
               ["stripe", "setup"], ["backup", "/no/such/folder/copy.db"]]
    for words in refused:
        done = stack.shell(*words, check=False)
        assert done.returncode == 1 and done.stderr.startswith("Error: ") and done.stdout == "", (words, done)
        assert "Something went wrong" not in done.stderr, (words, done.stderr)
    if not running:
        stack.start_purser()
    assert stack.get("/auth/user", key=user["api_key"]).status == 401, "the key was revoked"
    assert stack.sql("SELECT count(*) AS n FROM ledger_entry") == [{"n": 2}]


def test_the_sql_shell_only_reads(make_stack):
    stack = make_stack()
    stack.register()
    for statement in ("DELETE FROM person", "UPDATE person SET name = 'x'", "CREATE TABLE x (y)", "VACUUM"):
        assert stack.shell("sql", statement, check=False).returncode != 0, statement
    assert stack.sql("SELECT name FROM person") == [{"name": "Ada"}]


def test_the_control_socket_is_its_owner_s_alone(make_stack):
    stack = make_stack()
    path = stack.state / "control.sock"
    assert path.stat().st_mode & 0o7777 == 0o600
    for nonsense in (b"", b"\n", b"nonsense\n", b"[]\n", b'{"method":"GET"}\n', b"\xff\n", b'{"a":1}' * 9,
                     b"x" * (2 << 20)):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(str(path))
            try:
                client.sendall(nonsense)
                client.shutdown(socket.SHUT_WR)
                client.recv(65536)
            except (BrokenPipeError, ConnectionResetError):
                pass
    # A client that says nothing keeps nobody waiting.
    silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]
    for client in silent:
        client.connect(str(path))
    assert "sound" in stack.shell("check").stdout
    assert stack.get("/health").status == 200
    for client in silent:
        client.close()
    assert stack.get("/control/check").status == 404, "nothing of it is there for the network"


# ---- backups


def test_a_backup_amid_writes_is_whole_and_holds_one_moment(make_stack, tmp_path):
    stack = make_stack(STRIPE_WEBHOOK_SECRET="whsec_backup", INVOICE_THRESHOLD="200.00")
    people = accounts(stack)
    copies = []
    with Load(stack, people, "whsec_backup", seed=1, clients=4) as journal:
        for number in range(5):
            wait_until(lambda: journal.figures["requests"] > 100 * number, 60, "the load")
            # All of it was answered before the backup was asked for, so all of it must be in it.
            with journal.lock:
                before = {kind: set(told) for kind, told in journal.acknowledged.items()}
            path = tmp_path / f"copy{number}.db"
            stack.shell("backup", str(path))
            copies.append((path, before))
    assert journal.wrong == [] and compare(stack, journal) == []
    keys = "SELECT event_key FROM usage_event WHERE event_key IS NOT NULL"
    everything = {row["event_key"] for row in stack.sql(keys)}
    for path, before in copies:
        assert path.stat().st_mode & 0o7777 == 0o600
        with Copy(path, stack) as copy:
            assert copy.findings() == []
            held = {row["event_key"] for row in copy.sql(keys)}
            assert before.get("event", set()) <= held <= everything
            tickets = {row["subject"] for row in copy.sql("SELECT subject FROM ticket")}
            assert before.get("ticket", set()) <= tickets
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def accounts(stack):
    """Two accounts without limits, one of them a customer of the provider's."""
    made = []
    for number in range(2):
        user = stack.register(f"owner{number}@house.example")
        stack.shell("account", "plan", f"owner{number}@house.example", "enterprise")
        made.append(Account(user["api_key"], user["id"], None))
    # Payments find their account by its customer, which no provider has made here.
    stack.stop_purser()
    with sqlite3.connect(stack.store / "purser.db") as db:
        db.execute("UPDATE account SET stripe_customer_id = 'cus_1' WHERE id = ?", (made[0].id,))
    made[0].customer = "cus_1"
    stack.start_purser()
    return made


class Copy:
    """A copy of a store in a folder of its own, for `purser check`, with nobody running."""

    def __init__(self, file, stack):
        self.stack = Stack(KEY_PEPPER=stack.settings["KEY_PEPPER"])
        shutil.copy(file, self.stack.store / "purser.db")

    def __enter__(self):
        return self.stack

    def __exit__(self, *_):
        self.stack.stop()


@pytest.mark.parametrize("running", [True, False], ids=["beside a running Purser", "with nobody running"])
def test_a_backup_never_overwrites(make_stack, tmp_path, running):
    stack = make_stack()
    stack.register()
    if not running:
        stack.stop_purser()
    for target in ("file", "folder", "link", "dangling"):
        path = tmp_path / target
        match target:
            case "file": path.write_text("precious")
            case "folder": path.mkdir()
            case "link": path.symlink_to(tmp_path / "file")
            case "dangling": path.symlink_to(tmp_path / "nowhere")
        done = stack.shell("backup", str(path), check=False)
        assert done.returncode == 1 and "exists already" in done.stderr, (target, done)
    assert (tmp_path / "file").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "file", "folder", "link"]


# ---- checks


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A seeded store, as a file to copy and to spoil."""
    folder = tmp_path_factory.mktemp("sound")
    with Stack() as stack:
        stack.seed()
        stack.shell("backup", str(folder / "sound.db"))
        stack.file = folder / "sound.db"
        yield stack


DAMAGE = {
    "a roll-up of all time": (
        "UPDATE usage_total SET quantity = quantity + 1 WHERE backend = 'ibm_torino'", "ibm_torino"),
    "a roll-up of a day": (
        "UPDATE usage_day SET cost_micros = cost_micros + 1 WHERE backend = 'ionq_forte'", "ionq_forte"),
    "a use taken out": ("DELETE FROM usage_event WHERE id = 7", "are not its events"),
    "a use made cheaper": ("UPDATE usage_event SET cost_micros = 0 WHERE backend = 'quera_aquila'", "quera_aquila"),
    "a ledger entry's amount": ("UPDATE ledger_entry SET amount = amount + 1 WHERE id = 5", "breaks at entry 5"),
    "a ledger entry's account": ("UPDATE ledger_entry SET account_id = 1 WHERE id = 9", "breaks at entry 9"),
    "a ledger entry taken out": ("DELETE FROM ledger_entry WHERE id = 8", "breaks at entry 9"),
    "a balance": ("UPDATE ledger_balance SET credits = credits + 1 WHERE side = 'credit' AND account_id = 2",
                  "the balance of account 2, side credit"),
    "an account's usage": (
        "UPDATE account SET usage_micros = usage_micros + 1000000 WHERE id = 2", "charges of account 2"),
    "an invoice's total": ("UPDATE invoice SET total = total + 100 WHERE id = 2", "lines of invoice 2"),
    "an invoice marked paid": (
        "UPDATE invoice SET paid = total, status = 'paid' WHERE status = 'open'", "open invoices of account"),
    "an invoice's number": ("UPDATE invoice_series SET next_number = next_number + 1", "1 invoice numbers are missing"),
    "a payment": ("UPDATE payment SET amount = amount + 1 WHERE id = 1", "cash is"),
    "an orphan": ("DELETE FROM member WHERE account_id = 3; DELETE FROM api_key WHERE account_id = 2", "api_key"),
}


@pytest.mark.parametrize("statement, words", DAMAGE.values(), ids=DAMAGE.keys())
def test_check_finds_planted_damage_and_says_where(sound, statement, words):
    with Copy(sound.file, sound) as copy:
        assert copy.findings() == []
        # As somebody would who edits the books by hand: Python's own connection, triggers out of the way.
        with sqlite3.connect(copy.store / "purser.db") as db:
            for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            db.executescript(statement)
        findings = copy.findings()
        assert any(words in finding for finding in findings), findings
        done = copy.shell("check", check=False)
        assert done.returncode == 1 and words in done.stdout


def test_check_finds_damaged_pages(sound):
    with Copy(sound.file, sound) as copy:
        file = copy.store / "purser.db"
        content = bytearray(file.read_bytes())
        root = copy.sql("SELECT rootpage FROM sqlite_schema WHERE name = 'usage_event_key'")[0]["rootpage"]
        content[(root - 1) * 4096:root * 4096] = b"\xff" * 4096
        file.write_bytes(content)
        done = copy.shell("check", check=False)
        assert done.returncode == 1
        assert re.search(r"damaged|malformed|integrity|btree|page|invalid", done.stdout + done.stderr, re.I), done


# ---- systemd


def test_systemd_hears_of_the_start_the_life_and_the_end(make_stack, tmp_path):
    path = tmp_path / "notify.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(20)
        stack = make_stack(NOTIFY_SOCKET=str(path), WATCHDOG_USEC="300000")
        heard = [manager.recv(4096).decode()]
        assert heard[0].startswith("READY=1\nSTATUS=Serving; payments are OFF")
        for _ in range(3):
            assert manager.recv(4096) == b"WATCHDOG=1"
        ended = threading.Thread(target=stack.stop_purser)
        ended.start()
        while (heard := manager.recv(4096)) == b"WATCHDOG=1":
            pass
        assert heard == b"STOPPING=1"
        ended.join()


def test_systemd_hears_nothing_from_a_process_it_does_not_watch(make_stack, tmp_path):
    path = tmp_path / "notify.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(20)
        make_stack(NOTIFY_SOCKET=str(path), WATCHDOG_USEC="50000", WATCHDOG_PID="1").stop_purser()
        assert manager.recv(4096).startswith(b"READY=1")
        assert manager.recv(4096) == b"STOPPING=1"


def test_secrets_come_from_systemd_s_credentials(make_stack, tmp_path):
    (tmp_path / "stripe_webhook_secret").write_text("whsec_from_a_file\n")
    stack = make_stack(CREDENTIALS_DIRECTORY=str(tmp_path))
    assert stack.get("/health").json["stripe_webhooks_enabled"] is True
    assert "whsec_from_a_file" not in stack.shell("check").stdout + stack.log
