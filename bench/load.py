"""Load by wrk, in interleaved rounds: what else the machine does falls on every server alike."""

import json
import os
import secrets
import statistics
import subprocess
from dataclasses import dataclass

import product
from processes import Failed


@dataclass(frozen=True)
class Sample:
    """What one server did in one round."""

    per_second: float
    p50_ms: float = 0
    p99_ms: float = 0
    answered: int = 0
    refused: int = 0
    broken: int = 0


@dataclass(frozen=True)
class Load:
    """How hard and how long: wrk's connections and threads, the rounds and the seconds of each."""

    scripts: str
    connections: int
    threads: int
    rounds: int
    seconds: float

    def requests(self, server, endpoint, body=None, pause_ms=0):
        """The same request over and over for one round. A connection rests for `pause_ms` on average before each."""
        given = {"BENCH_METHOD": endpoint[0], **({"BENCH_BODY": body} if body else {})}
        if pause_ms:
            given["BENCH_PAUSE"] = str(pause_ms)
        return self.wrk(server, endpoint[1], "wrk.lua", given)

    def event_bodies(self, server, batch):
        """Bodies of events that never came before, for one round."""
        given = {
            "BENCH_METHOD": product.EVENTS[0],
            "BENCH_HEAD": product.HEAD,
            "BENCH_EVENT": product.EVENT,
            "BENCH_TAIL": product.TAIL,
            "BENCH_BATCH": str(batch),
            "BENCH_RUN": secrets.token_hex(4),
        }
        return self.wrk(server, product.EVENTS[1], "events.lua", given)

    def signed(self, server, path):
        """The signed webhooks of a file, for one round."""
        given = {"BENCH_METHOD": product.WEBHOOK[0], "BENCH_SIGNED": str(path), "BENCH_THREADS": str(self.threads)}
        return self.wrk(server, product.WEBHOOK[1], "signed.lua", given)

    def wrk(self, server, path, script, given):
        command = [
            "wrk", "-t", str(self.threads), "-c", str(self.connections), "-d", f"{self.seconds:g}s", "--latency",
            "-s", os.path.join(self.scripts, script), f"http://127.0.0.1:{server.port}{path}",
        ]
        environment = {**os.environ, **given, "BENCH_KEY": server.key, "BENCH_LUA": str(self.scripts)}
        if server.cookie:
            environment["BENCH_COOKIE"] = server.cookie
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        for line in done.stdout.splitlines():
            if line.startswith("BENCH "):
                return sample(json.loads(line.removeprefix("BENCH ")))
        raise Failed(f"wrk on {server.name}: {done.stderr.strip() or done.stdout.strip()}")

    def interleave(self, runs):
        """Runs A B C A B C …; `runs` maps names to calls that make one sample. Returns a list of samples for each."""
        samples = {name: [] for name in runs}
        for _ in range(self.rounds):
            for name, call in runs.items():
                samples[name].append(call())
        return samples


def sample(counted):
    """The sample of a round from the numbers that wrk.lua prints."""
    answered = counted["requests"] - counted["refused"]
    return Sample(
        per_second=answered * 1e6 / counted["microseconds"],
        p50_ms=counted["p50"] / 1000,
        p99_ms=counted["p99"] / 1000,
        answered=answered,
        refused=counted["refused"],
        broken=counted["broken"],
    )


@dataclass(frozen=True)
class Ratio:
    """One server's figure over another's: of the medians, and the least and most of any single round."""

    of_medians: float
    least: float
    most: float


def ratio(samples, others, figure="per_second"):
    """Round by round, since two runs next to each other saw the same machine."""
    ours, theirs = ([getattr(one, figure) for one in some] for some in (samples, others))
    rounds = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return Ratio(statistics.median(ours) / statistics.median(theirs), min(rounds), max(rounds))


def median(samples, figure):
    return statistics.median(getattr(one, figure) for one in samples)
