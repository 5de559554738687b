"""The figures as Markdown tables, with the targets beside them. Says whether one was met, and asserts nothing."""

import ctypes
import os
import platform
import statistics
import subprocess
from dataclasses import dataclass

import product
from load import median, ratio


@dataclass(frozen=True)
class Target:
    """One line of the second table; `met` is None for what was not measured."""

    what: str
    measured: str
    spread: str
    wanted: str
    met: bool | None

    def cells(self):
        verdict = {True: "met", False: "**not met**", None: "–"}[self.met]
        return [self.what, self.measured, self.spread, self.wanted, verdict]


def at_least(what, samples, name, other, wanted, unit="×"):
    """A target on a ratio of rates, higher is better."""
    if not samples or name not in samples or other not in samples:
        return Target(what, "not run", "", f"≥ {wanted} {unit}", None)
    found = ratio(samples[name], samples[other])
    return Target(
        what, f"{found.of_medians:.2f} {unit}", f"{found.least:.2f}–{found.most:.2f}", f"≥ {wanted} {unit}",
        found.of_medians >= wanted,
    )


def at_most(what, value, spread, wanted, unit):
    if value is None:
        return Target(what, "not run", "", f"≤ {wanted} {unit}", None)
    return Target(what, f"{value:.2f} {unit}", spread, f"≤ {wanted} {unit}", value <= wanted)


def slower(what, samples, name, other, latency, wanted):
    """A target on a ratio of latencies, lower is better."""
    if not samples:
        return at_most(what, None, "", wanted, "×")
    found = ratio(samples[name], samples[other], latency)
    return at_most(what, found.of_medians, f"{found.least:.2f}–{found.most:.2f}", wanted, "×")


def targets(results):
    """Every target of the speed of Purser, measured or not."""
    user, verify, authorize, events, webhook, analytics, signin, month_end = map(
        results.get, ("user", "verify", "authorize", "events", "webhook", "analytics", "signin", "monthend")
    )
    lines = [
        at_least("GET /auth/user of the ceiling", user, "purser", "ceiling", 0.65),
        at_least("GET /auth/user of Flask", user, "purser", "flask", 12),
        at_least("POST /api/v1/keys/verify of the ceiling", verify, "keys", "ceiling", 0.60),
        at_least("POST /api/v1/usage/authorize of the ceiling", authorize, "purser", "ceiling", 0.40),
        at_least("POST /api/v1/usage/authorize of Flask", authorize, "purser", "flask", 20),
        events_a_second(events),
        at_least("events of SQLite alone", events, "purser", "sqlite", 0.5),
        at_least("POST /webhooks/stripe of the ceiling", webhook, "webhook", "ceiling", 0.35),
        slower("analytics p50, many events of few", analytics, "many", "few", "p50_ms", 1.3),
        *(
            slower(f"partner {name} p50, many clicks of few", results.get(name), "clicked", "quiet", "p50_ms", 1.3)
            for name in product.PARTNER_PAGES
        ),
        slower("GET /auth/user p99, beside sign-ins of alone", signin, "beside", "alone", "p99_ms", 1.5),
    ]
    closed = results.get("invoice")
    spread = f"{min(closed):.1f}–{max(closed):.1f}" if closed else ""
    lines.append(at_most("invoice over many events", statistics.median(closed) if closed else None, spread, 50, "ms"))
    lines.append(at_most("month-end of many accounts", results.get("monthend_seconds"), "", 30, "s"))
    lines.append(slower("GET /auth/user p99, beside it of after it", month_end, "closing", "idle", "p99_ms", 2))
    told = results.get("deliveries")
    late = median(told["told"], "p99_ms") / 1000 if told else None
    lines.append(at_most("webhook to a healthy endpoint, p99 after its commit", late, "", 2, "s"))
    lines.append(at_most("peak resident memory", results.get("memory"), "", 60, "MB"))
    middle, least, most = results.get("start", (None, 0, 0))
    lines.append(at_most("start to first answer", middle, f"{least:.0f}–{most:.0f}", 150, "ms"))
    return lines


def events_a_second(samples):
    what, wanted = "durable events in bodies of 100", "≥ 25,000 /s"
    if not samples or "purser" not in samples:
        return Target(what, "not run", "", wanted, None)
    rates = [sample.per_second for sample in samples["purser"]]
    middle = median(samples["purser"], "per_second")
    return Target(what, f"{middle:,.0f} /s", f"{min(rates):,.0f}–{max(rates):,.0f}", wanted, middle >= 25_000)


def figures(results):
    """Rows of what each server did, in medians over the rounds."""
    asked = {
        "user": "GET /auth/user",
        "verify": "POST /api/v1/keys/verify",
        "authorize": "POST /api/v1/usage/authorize",
        "events": "POST /api/v1/usage/events (events/s)",
        "webhook": "POST /webhooks/stripe",
        "analytics": "GET /analytics/usage",
        **{name: " ".join(page) for name, page in product.PARTNER_PAGES.items()},
        "signin": "GET /auth/user at a moderate rate",
        "monthend": "GET /auth/user at a moderate rate",
        "deliveries": "webhooks to endpoints that are well",
    }
    labels = {
        **{name: f"purser, {events:,} events" for name, events in results.get("sizes", {}).items()},
        **{name: f"purser, {clicks:,} clicks" for name, clicks in results.get("partner", {}).items()},
        "keys": "purser, many keys",
        "alone": "purser",
        "beside": "purser, sign-ins beside",
        "sign_ins": "purser",
        "webhook": "purser",
        "idle": "purser, after the month-end",
        "closing": "purser, a month-end beside",
        "told": "purser, others hang beside",
    }
    for name, what in asked.items():
        for server, samples in results.get(name, {}).items():
            rates = [sample.per_second for sample in samples]
            latency = [f"{median(samples, one):.2f}" for one in ("p50_ms", "p99_ms")]
            failures = str(sum(sample.refused + sample.broken for sample in samples))
            if server == "sqlite":
                latency, failures = ["", ""], ""
            request = "POST /auth/login beside them" if server == "sign_ins" else what
            # Sign-ins come to a few a second, all else to thousands.
            per_second = (median(samples, "per_second"), min(rates), max(rates))
            middle, least, most = (f"{one:,.{1 if one < 100 else 0}f}" for one in per_second)
            yield [request, labels.get(server, server), middle, f"{least}–{most}", *latency, failures]


def table(head, rows, left):
    """A Markdown table that is also straight on a terminal; the first `left` columns are aligned left."""
    rows = [list(row) for row in rows]
    widths = [max(3, *(len(row[column]) for row in [head, *rows])) for column in range(len(head))]

    def line(cells):
        places = enumerate(zip(cells, widths, strict=True))
        padded = [cell.ljust(width) if i < left else cell.rjust(width) for i, (cell, width) in places]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * width if i < left else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    return "\n".join([line(head), line(rule), *(line(row) for row in rows)])


def machine(place):
    """One line on what the figures were measured with. Durable figures depend on the disk under `place`."""

    def said(*command):
        done = subprocess.run(command, capture_output=True, text=True)
        return (done.stdout + done.stderr).strip().splitlines()[-1]

    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    library = ctypes.CDLL("libsqlite3.so.0")  # Python's own may be another one
    library.sqlite3_libversion.restype = ctypes.c_char_p
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [
        f"{os.cpu_count()} cores{f' ({cpu})' if cpu else ''}",
        f"{memory:.0f} GB",
        platform.freedesktop_os_release()["PRETTY_NAME"],
        f"kernel {platform.release()}",
        said("nginx", "-v").split(": ")[1].replace("nginx/", "nginx "),
        f"SQLite {library.sqlite3_libversion().decode()}",
        f"state on {said('df', '--output=fstype', str(place))}",
        f"load average {os.getloadavg()[0]:.1f} at the start",
    ]
    return ", ".join(parts)


def render(results, load, machine_line):
    """The whole report."""
    head = ["request", "server", "per second", "rounds", "p50 ms", "p99 ms", "failed"]
    text = [
        "# Benchmark",
        f"{machine_line}.",
        f"wrk with {load.connections} connections, all on one machine; {load.rounds} rounds of"
        f" {load.seconds:g} s for each server, in turn. Medians of the rounds; least and most beside them.",
        table(head, figures(results), left=2),
        "Ratios are of the medians; beside them the least and most of any round, taken pair by pair.",
        table(["target", "measured", "rounds", "wanted", ""], (one.cells() for one in targets(results)), left=1),
    ]
    if "notes" in results:
        text.append("\n".join(f"- {note}" for note in results["notes"]))
    return "\n\n".join(text) + "\n"
