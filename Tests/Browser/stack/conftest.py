"""The site on the real thing: what `make run` starts, with its demonstration business."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

from pages import DashboardPage, Person, TrialPage  # noqa: E402
from stack import ROOT, free_port, purser_binary, wait_until  # noqa: E402


class Demo:
    """`scripts/run` in a folder of its own."""

    def __init__(self, state):
        self.state, self.port = Path(state), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        self.state.with_suffix(".log").unlink(missing_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")}
        self.process = subprocess.Popen(
            [ROOT / "scripts/run"], stdout=open(self.state.with_suffix(".log"), "ab"), stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True,
            env=kept | {"PORT": str(self.port), "SECOND_PORT": "", "STATE": str(self.state),
                        "PURSER": str(purser_binary())},
        )
        wait_until(self.is_up, seconds=90, what="the demo")
        return self

    def is_up(self):
        assert self.process.poll() is None, self.output
        return "Ctrl-C stops it" in self.output

    @property
    def output(self):
        return self.state.with_suffix(".log").read_text()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def person(self, role):
        """One of the printed sign-ins."""
        found = re.search(
            rf"{role}: (.*)\n\s+mail\s+(\S+)\n\s+password\s+(\S+)\n\s+API key\s+(\S+)",
            (self.state / "demo-sign-ins.txt").read_text(),
        )
        return Person(found[1], found[2], found[3], found[4])


@pytest.fixture(scope="session")
def demo():
    with tempfile.TemporaryDirectory(prefix="demo-", dir="/tmp") as folder:
        demo = Demo(Path(folder) / "run").start()
        yield demo
        if demo.process.poll() is None:
            assert demo.stop() == 0


@pytest.fixture
def base_url(demo):
    return demo.url


@pytest.fixture
def owner(demo):
    return demo.person("busy account")


@pytest.fixture
def dashboard(page, base_url):
    return DashboardPage(page, base_url)


@pytest.fixture
def trials(page, base_url):
    return TrialPage(page, base_url)
