"""What is measured, one function each. Every one checks that the answers are right before and after it counts them."""

import statistics
import time

import product
from load import Sample
from processes import Failed
from signins import SignIns

EVENTS_A_BODY = 100
STARTS = 10
# Of 32 connections: some thousands of requests a second, which leave processors free.
MODERATE_PAUSE_MS = 4


def show_user(load, servers):
    """Reads: a key looked up, an account answered."""
    for server in servers:
        server.check_user()
    return load.interleave({one.name: lambda one=one: load.requests(one, product.USER) for one in servers})


def verify(load, servers):
    """A gateway's question: its own key and another looked up, a call counted against the limits."""
    runs = {}
    for server in servers:
        body = product.verification(server.key)
        if server.name != "ceiling" and not product.is_valid(server.expect(*product.VERIFY, body)):
            raise Failed(f"{server.name} finds its key not valid")
        runs[server.name] = lambda one=server, body=body: load.requests(one, product.VERIFY, body)
    return load.interleave(runs)


def authorize(load, servers):
    """Durable writes: a key looked up, a quota debited and a usage recorded in one commit."""
    for server in servers:
        server.expect(*product.AUTHORIZE, product.AUTHORIZATION)
    before = {server.name: server.stored() for server in servers}
    runs = {one.name: lambda one=one: load.requests(one, product.AUTHORIZE, product.AUTHORIZATION) for one in servers}
    samples = load.interleave(runs)
    for server in servers:
        check_stored(load, server, before[server.name], samples[server.name], each=1)
    return samples


def send_events(load, purser, loop):
    """Durable events in bodies of a hundred beside SQLite alone; either may be missing. The rate is in events."""
    runs = {}
    if purser:
        purser.check_events(EVENTS_A_BODY)
        before = purser.stored()
        runs[purser.name] = lambda: load.event_bodies(purser, EVENTS_A_BODY)
    if loop:
        runs[loop.name] = lambda: Sample(loop.events_per_second(load.seconds, EVENTS_A_BODY))
    samples = load.interleave(runs)
    if purser:
        check_stored(load, purser, before, samples[purser.name], each=EVENTS_A_BODY)
        samples[purser.name] = [in_events(sample) for sample in samples[purser.name]]
    return samples


def in_events(sample):
    return Sample(**{**vars(sample), "per_second": sample.per_second * EVENTS_A_BODY})


def check_stored(load, server, before, samples, each):
    """All that was answered 2xx is stored, and no more than that and what was under way when a round ended."""
    if before is None:
        return
    stored = server.stored() - before
    answered = sum(sample.answered for sample in samples) * each
    cut_off = sum(load.connections + sample.broken for sample in samples) * each
    if not answered <= stored <= answered + cut_off:
        raise Failed(f"{server.name} answered {answered} usages and stored {stored}")


def show_analytics(load, servers):
    """The page of usage over stores of different sizes; `servers` are pairs of a server and the events behind it."""
    for server, events in servers:
        shown = product.shots_reported(server.expect(*product.ANALYTICS))
        if shown != events:
            raise Failed(f"{server.name} shows {shown} shots of {events}")
    runs = {one.name: lambda one=one: load.requests(one, product.ANALYTICS) for one, _ in servers}
    return load.interleave(runs)


def show_partner_pages(load, servers):
    """The partner program's pages over stores of different sizes; `servers` are pairs of a server and its clicks."""
    for server, clicks in servers:
        server.sign_in()
        shown = product.clicks_shown(server.expect(*product.PARTNER_PAGES["dashboard"]))
        if shown != clicks:
            raise Failed(f"{server.name} shows {shown} clicks of {clicks}")
    return {
        name: load.interleave({one.name: lambda one=one, page=page: load.requests(one, page) for one, _ in servers})
        for name, page in product.PARTNER_PAGES.items()
    }


def show_user_beside_sign_ins(load, server, pause_ms=MODERATE_PAUSE_MS):
    """Reads at a moderate rate alone, and beside a stream of sign-ins that keeps the password lane busy."""
    server.expect(*product.LOGIN, product.sign_in(is_right=True))
    sign_ins = []

    def read():
        return load.requests(server, product.USER, pause_ms=pause_ms)

    def read_beside():
        with SignIns(server) as stream:
            begun = time.monotonic()
            reads = read()
            sign_ins.append(stream.sample(begun, time.monotonic()))
        return reads

    samples = load.interleave({"alone": read, "beside": read_beside})
    return {**samples, "sign_ins": sign_ins}


def starts(purser):
    """Milliseconds from spawning it on its store to its first answer, several times."""
    measured = []
    for _ in range(STARTS):
        purser.stop()
        measured.append(purser.start_milliseconds())
    return statistics.median(measured), min(measured), max(measured)
