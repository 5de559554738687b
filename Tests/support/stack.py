"""The whole house for a test: the built binary behind a real nginx, each with a folder of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
os.environ["PATH"] += ":/usr/sbin:/sbin"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds=15, what="it"):
    """Polls a condition and returns what it gave; fails if it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"{what} did not come true in {seconds} s"
        time.sleep(0.01)
    return result


def purser_binary():
    given = os.environ.get("PURSER")
    return Path(given) if given else ROOT / ".build/release/purser"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Stack:
    """nginx with the demo's own configuration, and Purser behind it. `settings` go into Purser's environment.

    `stripe` is a running StripeDouble; its webhooks must be pointed at `url` + /webhooks/stripe.
    `held` is a HeldSocket, which Purser then inherits as it does from systemd.
    """

    def __init__(self, stripe=None, port=None, state=None, held=None, **settings):
        # Short, for the socket's name holds 107 bytes.
        self.state = Path(state or tempfile.mkdtemp(prefix="purser-", dir="/tmp"))
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "STATE": str(self.state),
            "PUBLIC_URL": self.url,
            "KEY_PEPPER": "a pepper for tests only",
            "PAYMENTS": "off",
            "SIGN_IN_FAILURES": "0", "SIGN_IN_FAILURES_NETWORK": "0", "OPERATOR_SECOND_FACTOR": "off",
            **{f"LIMIT_{name}": "0" for name in ("READ", "WRITE", "INGEST", "CREDENTIAL", "PAYMENT", "WEBHOOK")},
        }
        if os.geteuid() == 0:
            self.settings["SOCKET_GROUP"] = "www-data"
        if stripe:
            self.settings |= {
                "PAYMENTS": "auto",
                "STRIPE_SECRET_KEY": stripe.secret_key,
                "STRIPE_WEBHOOK_SECRET": stripe.webhook_secret,
                "STRIPE_API_BASE": stripe.url,
            }
        self.settings |= settings
        # Purser's own folder; another than `state` when a test says so.
        self.store = Path(self.settings["STATE"])
        self.held = held
        self.socket = held.path if held else Path(self.settings.get("SOCKET", self.store / "purser.sock"))
        self.purser = self.nginx = None

    # ---- processes

    @property
    def environment(self):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {"SWIFT_BACKTRACE": "enable=no"} | self.settings

    def start(self):
        for folder in ("log", "nginx"):
            (self.state / folder).mkdir(exist_ok=True)
        self.state.chmod(0o711)
        (self.state / "nginx").chmod(0o711)
        self.start_purser()
        self.start_nginx()
        return self

    def start_purser(self, wait=True):
        # Its log is a file: a pipe nobody reads would fill up and stop it.
        with open(self.state / "log/purser.log", "ab") as log:
            inherited = self.held.inherited if self.held else {}
            command = [*inherited.pop("launcher", []), purser_binary(), "serve"]
            self.purser = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **inherited
            )
        if wait:
            wait_until(self.is_listening, what="Purser's socket")

    def is_listening(self):
        assert self.purser.poll() is None, f"Purser ended with {self.purser.returncode}: {self.log[-2000:]}"
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def start_nginx(self):
        user = "www-data" if os.geteuid() == 0 else ""
        conf = subprocess.run(
            [ROOT / "scripts/demo-nginx-conf", self.state, str(self.port)],
            env=os.environ | {"NGINX_USER": user}, check=True, capture_output=True, text=True,
        ).stdout.replace(f"unix:{self.state}/purser.sock", f"unix:{self.socket}")
        (self.state / "nginx/nginx.conf").write_text(conf)
        snippets = self.state / "nginx/snippets"
        if not snippets.is_symlink():
            snippets.symlink_to(ROOT / "nginx/snippets")
        self.nginx = subprocess.Popen(
            ["nginx", "-p", self.state / "nginx", "-e", self.state / "log/nginx-error.log",
             "-c", self.state / "nginx/nginx.conf"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(self.is_serving, what="nginx")

    def is_serving(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop_purser(self, number=signal.SIGTERM, timeout=30):
        """Sends a signal, waits for the end and returns the exit status."""
        if self.purser and self.purser.poll() is None:
            self.purser.send_signal(number)
        status = self.purser.wait(timeout) if self.purser else None
        self.purser = None
        return status

    def stop_nginx(self, number=signal.SIGTERM):
        if not self.nginx:
            return
        self.nginx.send_signal(number)
        self.nginx.wait(15)
        try:
            # The workers of a master that was killed keep the port.
            os.killpg(self.nginx.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.nginx = None

    def stop(self):
        self.stop_nginx()
        if self.purser:
            self.stop_purser(signal.SIGKILL)
        shutil.rmtree(self.state, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # ---- asking

    def ask(self, method, path, body=None, headers=None, key=None, timeout=30):
        """One request; `body` is JSON unless it is bytes. Never raises for a status."""
        headers = dict(headers or {})
        data = body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if key:
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.build_opener(KeepRedirects).open(request, timeout=timeout) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, {} if body is None else body, **more)

    def register(self, email="ada@example.com", name="Ada", **more):
        """A new account; its user as answered, with `api_key`."""
        answer = self.post("/auth/register", {"name": name, "email": email, **more})
        assert answer.status == 201, answer
        return answer.json["user"]

    # ---- the shell

    def shell(self, *words, check=True):
        """Runs a `purser` command against this stack's state."""
        done = subprocess.run(
            [purser_binary(), *words], env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def seed(self):
        """Fills the store; the sign-ins by role."""
        answer = json.loads(self.shell("seed", "--json").stdout)
        return {person["role"]: person for person in answer["sign_ins"]}

    def findings(self):
        """What `purser check` finds wrong: nothing, when store and ledger are sound."""
        return json.loads(self.shell("check", "--json", check=False).stdout)["findings"]

    def sql(self, statement):
        """Reads the store by sqlite3's shell, which is another process, as a sysadmin would."""
        done = subprocess.run(
            ["sqlite3", "-readonly", "-json", self.store / "purser.db", statement],
            capture_output=True, text=True, check=True,
        )
        return json.loads(done.stdout or "[]")

    def descriptors(self):
        """How many files and sockets Purser has open."""
        return len(os.listdir(f"/proc/{self.purser.pid}/fd"))

    @property
    def log(self):
        return (self.state / "log/purser.log").read_text(errors="replace")


class HeldSocket:
    """A listening socket that outlives the processes that serve it, as systemd's socket units do (sd_listen_fds(3))."""

    # LISTEN_PID must be the pid of the program itself, which only it knows before it becomes the program.
    LAUNCHER = "import os, sys; os.environ |= {'LISTEN_FDS': '1', 'LISTEN_PID': str(os.getpid())}; " \
               "os.dup2(int(sys.argv[1]), 3); os.set_inheritable(3, True); os.execv(sys.argv[2], sys.argv[2:])"

    def __init__(self):
        # A folder that nginx's workers may enter.
        self.folder = Path(tempfile.mkdtemp(prefix="held-", dir="/tmp"))
        self.folder.chmod(0o711)
        self.path = self.folder / "held.sock"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(self.path))
        self.socket.listen(128)
        self.path.chmod(0o666)

    @property
    def inherited(self):
        number = self.socket.fileno()
        return {"launcher": [sys.executable, "-c", self.LAUNCHER, str(number)], "pass_fds": [number]}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        shutil.rmtree(self.folder)


class KeepRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer to look at, not to follow."""

    def redirect_request(self, *_):
        return None
