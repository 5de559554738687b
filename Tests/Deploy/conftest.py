"""The front of the house without the house: nginx as deployed, before a stand-in for Purser."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import fake_purser

ROOT = Path(__file__).resolve().parents[2]
FAKE_PURSER = Path(fake_purser.__file__)
os.environ["PATH"] += ":/usr/sbin:/sbin"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds=15):
    """Polls a condition; fails the test if it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
    return result


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def params(self):
        """What the stand-in was told, by name; no name may come twice."""
        pairs = self.json["params"]
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)


class Front:
    """nginx with the demo's configuration, a small site and a stand-in for Purser that can go and come back."""

    def __init__(self, state):
        self.state, self.port = state, free_port()
        self.socket = state / "purser.sock"
        for folder in ("nginx", "log", "site/assets"):
            (state / folder).mkdir(parents=True)
        for name in ("index.html", "dashboard.html", "404.html", "assets/app.js", ".secret", "assets/.secret"):
            (state / "site" / name).write_text(f"<p>{name}</p>" + " " * 2000)
        (state / "nginx/snippets").symlink_to(ROOT / "nginx/snippets")
        user = "root" if os.getuid() == 0 else ""
        made = subprocess.run(
            [ROOT / "scripts/demo-nginx-conf", state, str(self.port)],
            env=os.environ | {"NGINX_USER": user}, check=True, capture_output=True, text=True,
        ).stdout
        assert f'root "{ROOT}/nginx/site";' in made
        self.conf = state / "nginx/nginx.conf"
        self.conf.write_text(made.replace(f"{ROOT}/nginx/site", f"{state}/site"))
        self.command = ["nginx", "-p", str(state / "nginx"), "-e", str(state / "log/e.log"), "-c", str(self.conf)]
        self.server = None

    def start(self):
        self.purser_comes()
        self.nginx = subprocess.Popen(self.command)
        wait_until(self.listens)

    def listens(self):
        assert self.nginx.poll() is None, (self.state / "log/e.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.nginx.terminate()
        self.nginx.wait(10)
        self.purser_goes()

    def purser_comes(self):
        if self.server is None:
            self.server = fake_purser.start(self.socket)

    def purser_goes(self):
        if self.server is not None:
            self.server.stop()
            self.server = None

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def raw(self, data):
        """Sends bytes as they are and reads until nginx closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(data)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
        return received


@pytest.fixture(scope="session")
def front():
    # Short: the name of a unix socket holds 107 bytes.
    state = Path(tempfile.mkdtemp(prefix="purser-front-"))
    front = Front(state)
    front.start()
    yield front
    front.stop()
    shutil.rmtree(state)


@pytest.fixture
def without_purser(front):
    front.purser_goes()
    yield front
    front.purser_comes()


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """A tree filled by `make install`, with the stand-in for a binary."""
    tree = tmp_path_factory.mktemp("installed")
    make_install(tree)
    return tree


def make_install(tree, target="install", **variables):
    return subprocess.run(
        ["make", "-s", target, f"DESTDIR={tree}", *(f"{name}={value}" for name, value in variables.items())],
        cwd=ROOT, env=os.environ | {"PURSER": str(FAKE_PURSER)}, check=True, capture_output=True, text=True,
    ).stdout
