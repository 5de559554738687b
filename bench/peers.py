"""The servers that are measured: built, started, asked once whether they answer right, and ended."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time

import product
from fill import fill
from processes import Failed, Process, run, until


class Server:
    """What answers behind one port of nginx."""

    speaks_fastcgi = True
    key = "bioql_" + "0" * 36
    # Of a browser that has signed in, where a measurement needs one.
    cookie = None

    def __init__(self, name, place, sockets, port):
        self.name, self.port = name, port
        self.folder = place / name
        self.folder.mkdir()
        self.socket = sockets / f"{name}.sock"
        self.log = self.folder / "output.log"
        self.process = None

    def start(self):
        self.process.start()
        until(self.answers, product.START_SECONDS_MAX, f"the start of {self.name}")

    def answers(self):
        self.process.check()
        return self.ask(*product.USER)[0] == 200

    def stop(self):
        if self.process is not None:
            self.process.stop()

    def ask(self, method, path, body=None):
        """One request through nginx: the status and the text of the answer; status 0 if there was none."""
        headers = {"Authorization": f"Bearer {self.key}", **({"Cookie": self.cookie} if self.cookie else {})}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            self.set_cookie = answer.getheader("Set-Cookie", "")
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def expect(self, method, path, body=None):
        """The text of an answer that must be a success."""
        status, text = self.ask(method, path, body)
        if not 200 <= status < 300:
            raise Failed(f"{self.name} answered {status} to {method} {path}: {text[:300]}")
        return text

    def check_user(self):
        if json.loads(self.expect(*product.USER))["email"] != product.EMAIL:
            raise Failed(f"{self.name} answered another account")

    def stored(self):
        """How many usages the store holds; None for a server that stores nothing."""
        return None


class Ceiling(Server):
    """A fixed answer by libfcgi: what no application behind this nginx can pass."""

    THREADS = 4

    def build(self, bench):
        binary = self.folder / "ceiling"
        run(["cc", "-O2", "-Wall", "-o", binary, bench / "ceiling.c", "-lfcgi", "-lpthread"])
        self.process = Process(self.name, [binary, self.socket, self.THREADS], self.log)


class Flask(Server):
    """The same endpoints in Flask, on four gunicorn workers."""

    speaks_fastcgi = False
    WORKERS = 4

    def build(self, bench):
        self.database = self.folder / "flask.db"
        environment = {"DATABASE": str(self.database)}
        programs = virtual_environment(bench)
        peer = bench / "flask_peer"
        run([programs / "python", peer / "app.py", self.key], env={**os.environ, **environment})
        command = [
            programs / "gunicorn", "--chdir", peer, "--bind", f"unix:{self.socket}", "--workers", self.WORKERS,
            "--worker-class", "sync", "--backlog", 2048, "--log-level", "warning", "--no-control-socket", "app:app",
        ]
        self.process = Process(self.name, command, self.log, {**environment, "PYTHONDONTWRITEBYTECODE": "1"})

    def stored(self):
        return product.query(self.database, "SELECT count(*) FROM usage")


class Purser(Server):
    """The release build, on a state of its own with one account without limits."""

    registered = False

    def build(self, bench, binary):
        self.binary = binary
        self.state = self.folder / "state"
        self.state.mkdir()
        self.database = self.state / product.DATABASE
        self.environment = product.environment(self.state, self.socket, self.name)
        for command in product.STATE_COMMANDS:
            self.shell(command)
        self.process = Process(
            self.name, [binary, *product.SERVE], self.log, self.environment, stop_seconds_max=product.STOP_SECONDS_MAX
        )

    def shell(self, words):
        run([self.binary, *words], env={**os.environ, **self.environment})

    def shell_beside(self, words):
        """A command that goes on while other things are done; what it says goes to pipes."""
        return subprocess.Popen(
            [self.binary, *words],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def control(self, method, path, body):
        """What a shell command asks the running Purser, without the start of a process: the answer's body."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.state / product.CONTROL_SOCKET))
            connection.sendall(json.dumps({"method": method, "path": path, "body": body}).encode() + b"\n")
            with connection.makefile("rb") as answers:
                answer = json.loads(answers.readline() or "{}")
        if not 200 <= answer.get("status", 0) < 300:
            raise Failed(f"{self.name} answered {method} {path}: {answer}")
        return answer["body"]

    def start(self):
        """Starts it; the first time also makes the account, whose key all later requests carry."""
        if self.registered:
            super().start()
            return
        self.process.start()
        until(self.listens, product.START_SECONDS_MAX, f"the start of {self.name}")
        self.key = product.key_registered(self.expect(*product.REGISTER, product.REGISTRATION))
        self.registered = True
        for words in product.ACCOUNT_COMMANDS:
            self.shell(words)

    def sign_in(self):
        """All later requests carry the session's cookie, too."""
        self.expect(*product.LOGIN, product.sign_in_by_key(self.key))
        self.cookie = self.set_cookie.partition(";")[0]

    def listens(self):
        """Whether it answers at all: nginx says 502 for it until then."""
        self.process.check()
        return self.ask(*product.USER)[0] == 401

    def stored(self):
        return product.query(self.database, product.EVENTS_STORED)

    def start_milliseconds(self):
        """From spawning the process to the first answer through nginx."""
        begun = time.monotonic()
        self.process.start()
        until(self.answers, product.START_SECONDS_MAX, f"the start of {self.name}", pause_seconds=0.001)
        return (time.monotonic() - begun) * 1000

    def fill(self, bench, statements, **sizes):
        """Runs the file of statements on the account's store, past the server, which must not run; the seconds."""
        values = {
            "account": product.query(self.database, product.ACCOUNT_ID, product.EMAIL),
            "now": int(time.time() * 1000),
            **sizes,
        }
        return fill(self.database, bench / statements, values)

    def check_events(self, batch):
        """Every event of a body is accepted, and a duplicate when it comes again."""
        run_id = secrets.token_hex(4)
        body = product.events_body([f"{run_id}-check-{serial}" for serial in range(batch)])
        for wanted in ("accepted", "duplicate"):
            verdicts = product.verdicts(self.expect(*product.EVENTS, body))
            if verdicts != [wanted] * batch:
                raise Failed(f"{self.name} answered {set(verdicts)} for {len(verdicts)} events, not {wanted}")


class SQLiteLoop:
    """SQLite alone, doing what an events endpoint does; a program that runs for some seconds, not a server."""

    name = "sqlite"

    def __init__(self, place):
        self.folder = place / self.name
        self.folder.mkdir()

    def build(self, bench):
        self.binary, self.statements = self.folder / "sqlite_loop", bench / "events.sql"
        run(["cc", "-O2", "-Wall", "-o", self.binary, bench / "sqlite_loop.c", "-lsqlite3"])

    def events_per_second(self, seconds, batch):
        """One run on a file that grows from run to run, as the store of a server does."""
        result = json.loads(run([self.binary, self.folder / "loop.db", self.statements, seconds, batch]))
        return result["events"] / result["seconds"]


def virtual_environment(bench):
    """The folder of programs of the Flask peer's own environment, made if it is not there."""
    place = bench.parent / ".build-venv-bench"
    programs = place / "bin"
    if not (programs / "gunicorn").exists():
        print("Installing Flask and gunicorn into", place.name, file=sys.stderr)
        run([sys.executable, "-m", "venv", place])
        run([programs / "pip", "install", "--quiet", "-r", bench / "flask_peer" / "requirements.txt"])
    return programs
