"""How fast the books are closed and payments are booked. As in measures.py, every answer is checked."""

import secrets
import shutil
import time
from dataclasses import replace

import customers
import product
import provider
from measures import MODERATE_PAUSE_MS
from processes import Failed

# More than this Purser can take in on such a machine; the file is written anew for each round.
WEBHOOKS_A_SECOND_MAX = 20_000
MONTH_MS = 31 * 86_400_000
# Reads beside the run are counted second by second, since nobody knows beforehand when it ends.
SLICE_SECONDS = 1


def webhooks(load, servers, place):
    """Webhooks verified, stored and applied when they are answered, beside the same requests to the ceiling.

    No payment provider is configured, so Purser believes what is signed: with one it asks again for each object,
    after its answer, and how fast that goes is the provider's affair.
    """
    signed = place / "signed"

    def send(server):
        provider.write(signed, product.WEBHOOK_SECRET, secrets.token_hex(4), int(load.seconds * WEBHOOKS_A_SECOND_MAX))
        return load.signed(server, signed)

    samples = load.interleave({one.name: lambda one=one: send(one) for one in servers})
    for server in servers:
        if server.name != "ceiling":
            check_applied(load, server, samples[server.name])
    return samples


def check_applied(load, server, samples):
    """All that was answered is applied, and nothing was passed over."""
    applied, ignored = (product.query(server.database, product.WEBHOOKS_STORED, one) for one in ("applied", "ignored"))
    answered = sum(one.answered for one in samples)
    cut_off = sum(load.connections + one.broken for one in samples)
    if ignored or not answered <= applied <= answered + cut_off:
        raise Failed(f"{server.name} answered {answered} webhooks, applied {applied} and ignored {ignored}")
    server.shell(product.CHECK)


def close_invoice(server, events, rounds):
    """Milliseconds that the command to close what is due takes over the control socket, for one account with so many
    events: each round on the same store as it was."""
    kept = server.folder / "kept.db"
    shutil.copyfile(server.database, kept)
    measured = []
    for _ in range(rounds):
        shutil.copyfile(kept, server.database)
        server.start()
        begun = time.monotonic()
        closed = server.control(*product.CLOSE_DUE, {})["closed"]
        measured.append((time.monotonic() - begun) * 1000)
        invoiced = product.query(server.database, product.EVENTS_INVOICED)
        if (closed, invoiced) != (1, events):
            raise Failed(f"{server.name} closed {closed} periods, and {invoiced} of {events} events are on invoices")
        server.stop()
    server.start()
    server.shell(product.CHECK)
    server.stop()
    return measured


def close_month(load, server, accounts):
    """The end of a month for so many accounts by the shell's command, and reads beside it and after it.

    Returns the seconds of the command and the samples of the reads.
    """
    slices = replace(load, seconds=SLICE_SECONDS)

    def read():
        return slices.requests(server, product.USER, pause_ms=MODERATE_PAUSE_MS)

    read()
    begun = time.monotonic()
    command = server.shell_beside(product.BILLING_RUN)
    closing = []
    while command.poll() is None:
        sample = read()
        if command.poll() is None:
            closing.append(sample)
    said, told = command.communicate()
    seconds = time.monotonic() - begun
    # To the second: a read of a second may have gone on past its end.
    if not closing:
        raise Failed(f"{server.name} closed its accounts in less than {SLICE_SECONDS} s: ask for more of them")
    check_closed(server, command.returncode, told, accounts, said)
    return seconds, {"idle": [read() for _ in closing], "closing": closing}


def check_closed(server, status, told, accounts, said=""):
    """Every account was closed, the operator saw how far it was, and the books are right."""
    invoices = product.query(server.database, product.INVOICES, "usage") + product.query(
        server.database, product.INVOICES, "period"
    )
    progress = [line for line in told.splitlines() if line.endswith("periods closed")]
    if status != 0 or invoices < accounts:
        raise Failed(f"{server.name} made {invoices} invoices for {accounts} accounts: {told.strip()[-300:]}{said}")
    if len(progress) < accounts // 1000:
        raise Failed(f"{server.name} said {len(progress)} times how far it was, for {accounts} accounts")
    server.shell(product.CHECK)


def fill_invoice(server, bench, events):
    """One account whose month ended just now, with so many events. Returns the seconds of filling."""
    server.start()
    begun = time.monotonic()
    customers.use(server, events)
    seconds = time.monotonic() - begun
    server.stop()
    server.fill(bench, "due.sql", month=MONTH_MS)
    return seconds


def fill_month(server, bench, accounts):
    """So many accounts whose periods ended just now, every second one subscribed. Returns the seconds of filling."""
    server.start()
    begun = time.monotonic()
    customers.register(server, accounts)
    seconds = time.monotonic() - begun
    server.stop()
    server.fill(bench, "due.sql", month=MONTH_MS)
    return seconds
