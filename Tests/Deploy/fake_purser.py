#!/usr/bin/env python3
"""A stand-in for the purser binary: just enough of its commands and of FastCGI to test what surrounds it.

`serve` answers every request with the parameters it was given and the length of the body, as JSON. The query
`status=N` asks for that status, `header=NAME:VALUE` for a header, `die=1` ends the process.
"""

import json
import os
import shutil
import signal
import socket
import socketserver
import struct
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


def read_record(stream):
    header = stream.read(8)
    if len(header) < 8:
        return None
    _, kind, _, length, padding = struct.unpack("!BBHHBx", header)
    content = stream.read(length)
    stream.read(padding)
    return kind, content


def pairs(data):
    """The name-value pairs of FastCGI 1.0, section 3.4."""
    found, at = [], 0

    def length():
        nonlocal at
        if data[at] < 128:
            at += 1
            return data[at - 1]
        at += 4
        return struct.unpack("!I", data[at - 4 : at])[0] & 0x7FFFFFFF

    while at < len(data):
        name_length, value_length = length(), length()
        found.append((data[at : at + name_length].decode(), data[at + name_length :][:value_length].decode("latin-1")))
        at += name_length + value_length
    return found


class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        params, body = b"", 0
        while record := read_record(self.rfile):
            kind, content = record
            if kind == BEGIN:
                params, body = b"", 0
            elif kind == PARAMS:
                params += content
            elif kind == STDIN and content:
                body += len(content)
            elif kind == STDIN:
                self.answer(pairs(params), body)

    def answer(self, params, body):
        query = parse_qsl(dict(params)["QUERY_STRING"])
        asked = dict(query)
        if "die" in asked:
            os._exit(3)
        headers = [f"Status: {asked.get('status', '200')}", "Content-Type: application/json"]
        headers += [value.replace(":", ": ", 1) for name, value in query if name == "header"]
        text = "\r\n".join(headers) + "\r\n\r\n" + json.dumps({"params": params, "body": body})
        self.wfile.write(self.record(STDOUT, text.encode()) + self.record(STDOUT, b"") + self.record(END, bytes(8)))

    def record(self, kind, content):
        return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


def bind(path):
    Path(path).unlink(missing_ok=True)
    server = Server(str(path), Connection)
    os.chmod(path, 0o660)
    return server


def start(path):
    """Answers on a unix socket in a process of its own, so that stopping it closes every connection."""
    child = subprocess.Popen([sys.executable, __file__, "serve-on", str(path)], stdout=subprocess.PIPE)
    child.stdout.readline()
    return Started(child, path)


class Started:
    def __init__(self, child, path):
        self.child, self.path = child, path

    def stop(self):
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()
        Path(self.path).unlink(missing_ok=True)


def main():
    if sys.argv[1] == "serve-on":
        server = bind(sys.argv[2])
        print("ready", flush=True)
        server.serve_forever()
    command, config = sys.argv[1], sys.argv[sys.argv.index("--config") + 1]
    settings = dict(line.split("=", 1) for line in Path(config).read_text().splitlines() if line[:1] not in ("#", ""))
    store = Path(settings["STATE"]) / "purser.db"
    if command == "migrate":
        store.touch()
    elif command == "seed":
        if store.read_text():
            sys.exit("there are accounts already")
        store.write_text("one account")
        print("operator@example.com  bioql_0123456789abcdef")
    elif command == "backup":
        Path(sys.argv[-1]).write_text("a copy")
    elif command == "serve":
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        server = bind(settings["SOCKET"])
        if settings.get("SOCKET_GROUP"):
            shutil.chown(settings["SOCKET"], group=settings["SOCKET_GROUP"])
        server.serve_forever()
    else:
        sys.exit(f"unknown command {command}")


if __name__ == "__main__":
    main()
