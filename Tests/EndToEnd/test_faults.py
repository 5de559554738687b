"""Faults under load: kill -9, restarts and an nginx that goes away cost no acknowledged write, and double none."""

import json
import os
import random
import signal
import subprocess
import time

import pytest
from chaos import Account, Load, compare
from fastcgi import Peer, request
from stack import HeldSocket, Stack, free_port, wait_until
from stripe_double import WEBHOOK_SECRET, StripeDouble
from stripe_events import settled

KILLS = 20
RESTARTS = 20


@pytest.fixture
def house(tmp_path):
    port = free_port()
    double = StripeDouble(state=tmp_path / "stripe", secret_key="sk_test_chaos")
    with double, Stack(stripe=double, port=port, INVOICE_THRESHOLD="200.00") as stack:
        stack.stripe = double
        yield stack


def accounts(stack):
    """Three accounts on a plan without limits, one of them a customer at the provider."""
    stack.shell("stripe", "setup")
    made = []
    for number in range(3):
        user = stack.register(f"owner{number}@house.example", "Owner", create_stripe_account=number == 0)
        stack.shell("account", "plan", f"owner{number}@house.example", "enterprise")
        account = stack.sql(f"SELECT account_id AS id FROM member WHERE person_id = {user['id']}")[0]["id"]
        made.append(Account(user["api_key"], account, user["stripe_customer_id"]))
    return made


def expect_all_kept(stack, journal, capsys):
    with capsys.disabled():
        print(f"\n{journal}")
    assert journal.wrong == []
    settled(stack)
    assert compare(stack, journal) == []
    assert stack.findings() == []
    done = subprocess.run(["sqlite3", "-readonly", stack.store / "purser.db", "PRAGMA integrity_check"],
                          capture_output=True, text=True, check=True)
    assert done.stdout == "ok\n"


def test_every_acknowledged_write_is_there_once_after_kills_and_restarts(house, capsys):
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(1 << 32))
    dice = random.Random(seed)
    people = accounts(house)
    acts = ["kill"] * KILLS + ["restart"] * RESTARTS + ["restart nginx"] * 3 + ["reload nginx"] * 3
    dice.shuffle(acts)
    with Load(house, people, WEBHOOK_SECRET, seed) as journal:
        for act in acts:
            time.sleep(dice.uniform(0.05, 1.2))
            journal.count(act)
            match act:
                case "kill":
                    assert house.stop_purser(signal.SIGKILL) == -signal.SIGKILL
                    house.start_purser()
                case "restart":
                    assert house.stop_purser() == 0
                    house.start_purser()
                case "restart nginx":
                    house.stop_nginx()
                    house.start_nginx()
                case "reload nginx":
                    house.nginx.send_signal(signal.SIGHUP)
    for kind in ("record", "authorize", "event", "ticket", "account", "payment"):
        assert len(journal.of(kind)) > 20, f"too little load to mean anything: {journal}"
    expect_all_kept(house, journal, capsys)
    # The comparison is no comfort unless it notices what is missing.
    journal.acknowledge("ticket", "never sent", ({}, {"ticket_id": "TKT-0-0"}))
    assert compare(house, journal) == ["ticket never sent was acknowledged and is not stored"]
    # What had to reach the provider has: each use once, by its own identifier, although the sender was killed.
    waiting = "SELECT count(*) AS n FROM outbox WHERE failed_at IS NULL AND kind <> 'mail'"
    wait_until(lambda: house.sql(waiting)[0]["n"] == 0, 120, "sending")
    assert house.sql("SELECT kind, error, count(*) AS n FROM outbox WHERE kind <> 'mail' GROUP BY 1, 2") == []
    reported = sum(int(event["payload"]["value"]) for event in house.stripe.meter_events())
    used = house.sql(f"SELECT sum(quantity) AS n FROM usage_event WHERE account_id = {people[0].id}")[0]["n"]
    assert reported == used > 0


def test_sigterm_finishes_what_is_in_flight(house):
    """Requests that Purser has been sent are answered, slow ones too (a password is hashed), and then it ends."""
    peers = [Peer(house.socket) for _ in range(6)]
    for peer in peers:
        assert peer.ask("GET", "/health")[0] == 200
    for number, peer in enumerate(peers):
        body = {"name": "Slow", "email": f"slow{number}@example.com", "password": "a long enough password",
                "create_stripe_account": False}
        peer.send(request("POST", "/auth/register", json.dumps(body).encode()))
    assert peers[0].receive()[0] == 201
    house.purser.terminate()
    assert [peer.receive()[0] for peer in peers[1:]] == [201] * 5
    assert all(peer.is_closed() for peer in peers)
    assert house.stop_purser() == 0
    house.start_purser()
    assert house.sql("SELECT count(*) AS n FROM person WHERE name = 'Slow'") == [{"n": 6}]
    assert house.findings() == []


def test_sigterm_amid_many_writers_loses_nothing_it_acknowledged(house, capsys):
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(1 << 32))
    people = accounts(house)
    with Load(house, people, WEBHOOK_SECRET, seed, clients=24) as journal:
        wait_until(lambda: journal.figures["requests"] > 300, what="the load")
        assert house.stop_purser() == 0
        house.start_purser()
    expect_all_kept(house, journal, capsys)


def test_a_socket_held_by_systemd_keeps_connections_over_a_restart(make_stack):
    """Nobody is refused while no Purser runs: who connects waits for the next one."""
    with HeldSocket() as held:
        stack = make_stack(held=held)
        assert stack.get("/health").status == 200
        assert stack.stop_purser() == 0
        with Peer(held.path) as peer:
            peer.send(request("GET", "/health"))
            stack.start_purser()
            assert peer.receive()[0] == 200
        assert held.path.exists(), "the socket is systemd's to remove"
        assert stack.stop_purser(signal.SIGKILL) == -signal.SIGKILL
        with Peer(held.path) as peer:
            peer.send(request("GET", "/health"))
            stack.start_purser()
            assert peer.receive()[0] == 200
        assert stack.get("/health").status == 200
