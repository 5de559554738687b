"""`make run`, with a stand-in for the binary: what the script does around Purser."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import pytest
from conftest import FAKE_PURSER, ROOT, free_port, wait_until


class Demo:
    def __init__(self, state, **variables):
        self.state, self.port = state, free_port()
        settings = {"STATE": state, "PORT": self.port, "SECOND_PORT": "", "PAYMENTS": "off", "PURSER": FAKE_PURSER}
        environment = os.environ | {name: str(value) for name, value in (settings | variables).items()}
        self.process = subprocess.Popen(
            [ROOT / "scripts/run"], env=environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )
        self.said = ""

    def until(self, text):
        """Reads on until the script says something; fails if it ends first."""
        for line in self.process.stdout:
            self.said += line
            if text in line:
                return self
        raise AssertionError(f"it never said {text!r}:\n{self.said}")

    def end(self):
        """Waits for the end; gives back the exit status."""
        self.said += self.process.stdout.read()
        return self.process.wait(30)

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.end()

    def children(self):
        """Process ids by name."""
        found = {}
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            args = Path(f"/proc/{pid}/cmdline").read_text()
            if "nginx: master" in args:
                found["nginx"] = int(pid)
            elif "\0serve\0" in args:
                found["purser"] = int(pid)
        return found

    def answers(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
            return answer.status == 200


@pytest.fixture
def state():
    folder = Path(tempfile.mkdtemp(prefix="purser-run-"))
    yield folder / "state"
    shutil.rmtree(folder)


@pytest.fixture
def run(state):
    started = []

    def start(**variables):
        started.append(Demo(variables.pop("STATE", state), **variables))
        return started[-1]

    yield start
    for demo in started:
        demo.stop()


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_runs_until_it_is_told_to_stop_and_leaves_nothing_running(run, how):
    demo = run().until("Ctrl-C stops it")
    assert demo.answers()
    children = demo.children()
    assert set(children) == {"nginx", "purser"}
    assert demo.stop(how) == 0
    assert all(is_gone(pid) for pid in children.values())


def test_says_the_address_the_sign_ins_and_a_line_that_works(run):
    demo = run().until("Ctrl-C stops it")
    assert f"http://127.0.0.1:{demo.port}/" in demo.said
    assert "operator@example.com" in demo.said
    line = re.search(r"^ *(curl .*)$", demo.said, re.MULTILINE)[1]
    answer = subprocess.run(["bash", "-c", line + " -fsS"], capture_output=True, text=True, check=True)
    assert "bioql_0123456789abcdef" in answer.stdout


def test_a_second_run_keeps_the_data_and_still_knows_the_sign_ins(run, state):
    run().until("Ctrl-C stops it").stop()
    before = (state / "purser.db").read_text(), (state / "credentials/key_pepper").read_text()
    demo = run().until("Ctrl-C stops it")
    assert "Filling" not in demo.said and "operator@example.com" in demo.said
    assert ((state / "purser.db").read_text(), (state / "credentials/key_pepper").read_text()) == before


def test_a_store_with_accounts_of_its_own_is_not_filled(run, state):
    state.mkdir()
    (state / "purser.db").write_text("accounts")
    demo = run().until("Ctrl-C stops it")
    assert "Not filled: there are accounts already" in demo.said
    assert (state / "purser.db").read_text() == "accounts"


def test_a_second_one_on_the_same_state_leaves_the_first_alone(run):
    first = run().until("Ctrl-C stops it")
    second = run()
    assert second.end() == 1
    assert f"running on {first.state} already (process {first.process.pid})" in second.said
    assert first.answers()


def test_a_taken_port_is_said_with_the_remedy(run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        demo = run(PORT=port)
        assert demo.end() == 1
    assert f"port {port} of 127.0.0.1 is taken" in demo.said
    assert f"make run PORT={port % 65535 + 1}" in demo.said


def test_a_taken_second_port_is_left_alone(run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        demo = run(SECOND_PORT=port).until("Ctrl-C stops it")
        assert f"Port {port} is taken" in demo.said
        assert demo.answers()


def test_answers_on_the_second_port_too(run):
    port = free_port()
    run(SECOND_PORT=port).until("Ctrl-C stops it")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("victim, other", [("purser", "nginx"), ("nginx", "purser")])
def test_when_one_dies_the_other_is_stopped(run, victim, other):
    demo = run().until("Ctrl-C stops it")
    children = demo.children()
    os.kill(children[victim], signal.SIGKILL)
    assert demo.end() == 1
    assert f"{victim} has stopped by itself" in demo.said
    assert is_gone(children[other])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", demo.port)) != 0, "something still listens"


def test_killed_outright_it_takes_the_others_with_it_and_can_run_again(run):
    demo = run().until("Ctrl-C stops it")
    children = demo.children()
    demo.process.kill()
    demo.process.wait(10)
    wait_until(lambda: all(is_gone(pid) for pid in children.values()))
    run().until("Ctrl-C stops it")


def test_everything_private_is_for_its_owner_alone(run, state):
    run().until("Ctrl-C stops it")
    for name in ("credentials/key_pepper", "demo-sign-ins.txt", "purser.conf", "purser.db", "log/access.log"):
        assert (state / name).stat().st_mode & 0o077 == 0, name


def test_a_state_too_deep_for_a_socket_is_said(run, state):
    demo = run(STATE=state / ("x" * 100))
    assert demo.end() == 1
    assert "STATE is too long" in demo.said and "make run STATE=/tmp/purser" in demo.said
    assert not state.exists()


@pytest.mark.parametrize("variables, complaint", [
    ({"PORT": "eighty"}, "PORT is a number"), ({"PORT": "65536"}, "PORT is a number"),
    ({"SECOND_PORT": "x"}, "SECOND_PORT is"), ({"PAYMENTS": "maybe"}, "PAYMENTS is auto or off"),
    ({"STATE": "/tmp/a;b"}, "must be free of quotes"),
])
def test_a_wish_that_makes_no_sense_is_refused_before_anything_is_done(run, variables, complaint):
    demo = run(**variables)
    assert demo.end() == 1
    assert complaint in demo.said


def without(tmp_path, *names):
    """A PATH on which some programs are missing."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for directory in ("/usr/sbin", "/usr/bin", "/bin"):
        for program in Path(directory).iterdir():
            link = folder / program.name
            if program.name not in names and not link.is_symlink():
                link.symlink_to(program)
    return folder


def test_without_a_toolchain_it_says_how_to_get_one(run, tmp_path):
    demo = run(PURSER="", PATH=without(tmp_path, "swift"))
    assert demo.end() == 1
    assert "no Swift toolchain" in demo.said and "https://www.swift.org/install/linux/" in demo.said


def test_an_old_toolchain_is_named(run, tmp_path):
    folder = without(tmp_path, "swift")
    (folder / "swift").write_text("#!/bin/sh\necho 'Swift version 5.10.1 (swift-5.10.1-RELEASE)'\n")
    (folder / "swift").chmod(0o755)
    demo = run(PURSER="", PATH=folder)
    assert demo.end() == 1
    assert "Swift 5.10.1 is too old" in demo.said


def fake_apt(tmp_path, missing):
    """A machine on which one package is missing until apt-get, which notes its orders, was called."""
    folder, orders = without(tmp_path, "dpkg-query", "apt-get", "nginx", "chromium"), tmp_path / "orders"
    (folder / "dpkg-query").write_text(
        f'#!/bin/sh\nfor last; do :; done\n'
        f'[ "$last" != {missing} ] || grep -q " install " {orders} 2>/dev/null || exit 1\necho "installed 99"\n'
    )
    (folder / "apt-get").write_text(f'#!/bin/sh\necho "$* " >>{orders}\n')
    for name in ("dpkg-query", "apt-get"):
        (folder / name).chmod(0o755)
    return folder, orders


@pytest.mark.skipif(os.getuid() != 0, reason="as a normal user it asks sudo")
def test_installs_what_is_missing_and_says_so_first(tmp_path):
    folder, orders = fake_apt(tmp_path, "libjs-chart.js")
    result = subprocess.run(
        [ROOT / "scripts/prepare", "run"], capture_output=True, text=True,
        env=os.environ | {"PATH": str(folder), "PURSER": "any"},
    )
    assert result.returncode == 0, result.stderr
    assert "installing missing Debian packages" in result.stderr and "libjs-chart.js" in result.stderr
    assert orders.read_text().splitlines()[-1].split()[-1] == "libjs-chart.js"


def test_with_nothing_missing_it_calls_no_apt(tmp_path):
    folder, orders = fake_apt(tmp_path, "no-such-package")
    result = subprocess.run(
        [ROOT / "scripts/prepare", "test"], capture_output=True, text=True,
        env=os.environ | {"PATH": str(folder), "PURSER": "any"},
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert not orders.exists()
