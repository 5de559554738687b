"""A store that is locked by somebody else, or full: reads go on, writes say when to come back, and it mends itself."""

import contextlib
import json
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
import stripe
from fastcgi import Peer, request
from stack import wait_until

SECRET = "whsec_trouble"
TABLES = ["person", "api_key", "usage_event", "ticket", "ledger_entry", "stripe_event", "idempotency_key", "session"]


def counts(stack):
    return stack.sql(" UNION ALL ".join(f"SELECT '{name}' AS name, count(*) AS n FROM {name}" for name in TABLES))


def webhook(stack, identity):
    body = json.dumps({"id": identity, "object": "event", "type": "some.thing", "data": {"object": {}}}).encode()
    stamp = int(time.time())
    signature = stripe.WebhookSignature._compute_signature(f"{stamp}.{body.decode()}", SECRET)
    return stack.post("/webhooks/stripe", body, headers={"Stripe-Signature": f"t={stamp},v1={signature}"})


def writes(stack, user, mark):
    """One of each kind of write; what they were answered."""
    key = user["api_key"]
    return {
        "record": stack.post("/billing/record-usage", {"api_key": key, "backend": "simulator", "shots": 1}),
        "authorize": stack.post("/api/v1/usage/authorize", {"backend": "simulator", "shots": 1}, key=key,
                                headers={"Idempotency-Key": f"authorize-{mark}"}),
        "events": stack.post("/api/v1/usage/events", {"events": [
            {"id": f"{mark}-{number}", "backend": "simulator", "shots": 1} for number in range(100)]}, key=key),
        "ticket": stack.post("/support/ticket", {"priority": "low", "subject": mark, "message": "m"}, key=key,
                             headers={"Idempotency-Key": f"ticket-{mark}"}),
        "register": stack.post("/auth/register", {"name": "N", "email": f"{mark}@example.com"}),
        "login": stack.post("/auth/login", {"email": user["email"], "api_key": key}),
        "webhook": webhook(stack, f"evt_{mark}"),
    }


def locked(stack):
    """A shell of sqlite3's own that holds the write lock."""
    shell = subprocess.Popen(["sqlite3", "-bail", stack.store / "purser.db"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    shell.stdin.write("BEGIN IMMEDIATE;\nSELECT 'locked';\n")
    shell.stdin.flush()
    assert shell.stdout.readline() == "locked\n"
    return shell


def expect_reads(stack, user):
    for path in ("/auth/user", "/analytics/usage", "/dashboard/invoices", f"/billing/usage/{user['id']}"):
        assert stack.get(path, key=user["api_key"]).status == 200, path
    health = stack.get("/health")
    assert health.status == 200 and health.json["database"] == "connected"


def expect_come_back_later(answers):
    for what, answer in answers.items():
        assert answer.status == 503, (what, answer)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json["code"] == "store_unavailable", (what, answer)


def test_a_store_locked_by_a_shell_goes_on_reading_and_recovers(make_stack):
    stack = make_stack(STRIPE_WEBHOOK_SECRET=SECRET)
    user = stack.register()
    assert {answer.status for answer in writes(stack, user, "before").values()} <= {200, 201}
    before = counts(stack)
    pid = stack.purser.pid
    shell = locked(stack)
    released = time.monotonic() + 8
    rounds = 0
    while time.monotonic() < released:
        expect_come_back_later(writes(stack, user, "during"))
        expect_reads(stack, user)
        rounds += 1
    assert rounds > 1, "only the first write of a locked store waits long"
    assert counts(stack) == before
    # The shell ends without a commit, and with it the lock.
    shell.communicate("ROLLBACK;\n", timeout=10)
    assert {answer.status for answer in writes(stack, user, "during").values()} <= {200, 201}
    assert len(stack.sql("SELECT 1 FROM usage_event WHERE event_key LIKE 'during-%'")) == 100
    assert len(stack.sql("SELECT 1 FROM ticket WHERE subject = 'during'")) == 1
    assert stack.purser.poll() is None and stack.purser.pid == pid
    assert stack.findings() == []


def test_a_lock_that_is_soon_given_back_is_waited_for(make_stack):
    stack = make_stack(STRIPE_WEBHOOK_SECRET=SECRET)
    user = stack.register()
    shell = locked(stack)
    timer = threading.Timer(0.3, lambda: shell.communicate("ROLLBACK;\n"))
    timer.start()
    assert {answer.status for answer in writes(stack, user, "short").values()} <= {200, 201}
    timer.join()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 6 MiB, owned by this user; needs root."""
    folder = Path(f"/tmp/purser-disk-{os.getpid()}")
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6M,mode=0711", "tmpfs", folder],
                          capture_output=True, text=True)
    if done.returncode != 0:
        folder.rmdir()
        pytest.skip(f"no file system of a given size is to be had: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)
    folder.rmdir()


def test_a_full_store_goes_on_reading_and_recovers_when_there_is_room(make_stack, small_disk):
    stack = make_stack(STATE=str(small_disk), STRIPE_WEBHOOK_SECRET=SECRET)
    user = stack.register()
    assert {answer.status for answer in writes(stack, user, "before").values()} <= {200, 201}
    pid = stack.purser.pid
    # All that is left but little, and then writes until that is gone too.
    ballast = small_disk / "ballast"
    with open(ballast, "wb") as file:
        file.write(b"x" * (shutil.disk_usage(small_disk).free - (200 << 10)))
    batches = 0
    accepted = {"accepted"}
    while True:
        answer = stack.post("/api/v1/usage/events", {"events": [
            {"id": f"fill-{batches}-{number}", "backend": "simulator", "shots": 1} for number in range(100)]},
            key=user["api_key"])
        if answer.status != 200:
            break
        assert {result["status"] for result in answer.json["results"]} == accepted
        batches += 1
        assert batches < 1000, "the disk never filled up"
    expect_come_back_later({"events": answer})
    # What the last failed batch gave back.
    with open(ballast, "ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 512):
            pass
    # Small writes may still fit the space that the log has already: each is stored and said to be, or neither.
    for rounds in range(200):
        before = counts(stack)
        answers = writes(stack, user, f"last-{rounds}")
        expect_come_back_later({what: answer for what, answer in answers.items() if answer.status not in (200, 201)})
        expect_reads(stack, user)
        stored = counts(stack) != before
        if not any(answer.status in (200, 201) for answer in answers.values()):
            assert not stored
            break
        assert stored
    else:
        raise AssertionError("the disk never filled up")
    assert stack.purser.poll() is None and stack.purser.pid == pid
    ballast.unlink()
    wait_until(lambda: stack.post("/auth/register", {"name": "N", "email": "probe@example.com"}).status in (201, 409),
               what="recovery")
    assert {answer.status for answer in writes(stack, user, "after").values()} <= {200, 201}
    assert stack.purser.poll() is None and stack.purser.pid == pid
    stored = stack.sql("SELECT count(*) AS n FROM usage_event WHERE event_key LIKE 'fill-%'")
    assert stored == [{"n": batches * 100}], "what was acknowledged, and not the batch that was not"
    assert stack.findings() == []


def test_more_writes_than_can_wait_are_told_to_come_back(make_stack):
    """The queue is bounded: with the store locked, what is past its end is refused at once, and reads go on."""
    stack = make_stack()
    user = stack.register()
    shell = locked(stack)
    body = json.dumps({"api_key": user["api_key"], "backend": "simulator", "shots": 1}).encode()
    peers = [Peer(stack.socket) for _ in range(500)]
    statuses = []
    for _ in range(2):
        for peer in peers:
            peer.send(request("POST", "/billing/record-usage", body))
        with Peer(stack.socket) as reader:
            assert reader.ask("GET", "/auth/user", key=user["api_key"])[0] == 200
        statuses += [peer.receive()[0] for peer in peers]
    assert set(statuses) == {503}
    shell.communicate("ROLLBACK;\n", timeout=10)
    assert peers[0].ask("POST", "/billing/record-usage", body)[0] == 200
    assert stack.sql("SELECT count(*) AS n FROM usage_event") == [{"n": 1}]
    for peer in peers:
        peer.close()
