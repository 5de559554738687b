"""An HTTP server for the tests of Outbound, well-behaved or not as the path says.

Prints its port when it is ready and ends when its standard input does, so that it never outlives
the tests. With two arguments, a certificate and a key in PEM, it speaks TLS.
"""

import collections
import http.server
import json
import ssl
import sys
import threading
import time
import urllib.parse

PATIENCE = 30  # seconds any request is held at most


class Rooms:
    """Requests that hang, by room, and the keys seen by each script of answers."""

    def __init__(self):
        self.changed = threading.Condition()
        self.hanging = collections.Counter()
        self.released = set()
        self.seen = collections.defaultdict(list)

    def hang(self, room):
        with self.changed:
            self.hanging[room] += 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: room in self.released, PATIENCE)

    def await_hanging(self, room, count):
        with self.changed:
            return self.changed.wait_for(lambda: self.hanging[room] >= count, PATIENCE)

    def release(self, room):
        with self.changed:
            self.released.add(room)
            self.changed.notify_all()

    def attempt(self, script, key):
        with self.changed:
            self.seen[script].append(key)
            return len(self.seen[script])


ROOMS = Rooms()


class Peer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer_any(self):
        length = int(self.headers.get("Content-Length", 0))
        self.sent = self.rfile.read(length)
        url = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(url.query))
        getattr(self, "on_" + url.path.strip("/"))()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer_any

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def on_echo(self):
        echo = {
            "method": self.command,
            "path": self.path,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
            "body": self.sent.decode("latin-1"),
            "port": self.client_address[1],
        }
        self.reply(200, json.dumps(echo).encode(), [("X-Twice", "one"), ("X-Twice", "two"), ("X-Empty", "")])

    def on_status(self):
        headers = [("Location", "/echo"), ("Set-Cookie", "crumb=1; Path=/")]
        if "retry" in self.query:
            headers.append(("Retry-After", self.query["retry"]))
        self.reply(int(self.query["code"]), b"so be it", headers)

    def on_script(self):
        """Answers with the first status of `codes`, then the second, and the last for ever.

        0 breaks off in the middle of an answer, -1 before its first byte.
        """
        count = ROOMS.attempt(self.query["name"], self.headers.get("Idempotency-Key"))
        codes = [int(code) for code in self.query["codes"].split(",")]
        code = codes[min(count, len(codes)) - 1]
        if code == 0:
            self.on_cut()
        elif code == -1:
            self.close_connection = True
        else:
            self.reply(code, b"", [("Retry-After", self.query["retry"])] if "retry" in self.query else [])

    def on_seen(self):
        self.reply(200, json.dumps(ROOMS.seen[self.query["name"]]).encode())

    def on_hang(self):
        ROOMS.hang(self.query["room"])
        self.reply(int(self.query.get("code", 200)), b"released")

    def on_hanging(self):
        arrived = ROOMS.await_hanging(self.query["room"], int(self.query["count"]))
        self.reply(200 if arrived else 504)

    def on_release(self):
        ROOMS.release(self.query["room"])
        self.reply(200)

    def on_large(self):
        self.reply(200, b"x" * int(self.query["size"]))

    def on_chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Trailer", "X-Late")
        self.end_headers()
        left = int(self.query["size"])
        while left > 0:
            part = min(left, 65536)
            self.wfile.write(b"%x\r\n%s\r\n" % (part, b"x" * part))
            left -= part
        self.wfile.write(b"0\r\nX-Late: too late\r\n\r\n")

    def on_headers(self):
        self.send_response(200)
        for number in range(int(self.query["count"])):
            self.send_header(f"X-{number}", "y" * 1000)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def on_garbage(self):
        self.wfile.write(b"\x00\xffthis is no HTTP\r\n\r\n")
        self.close_connection = True

    def on_cut(self):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"ten bytes.")
        self.close_connection = True

    def on_early(self):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")
        self.reply(200, b"late")

    def on_trickle(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.wfile.write(b".")
            time.sleep(0.02)
        self.close_connection = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Clients that hang up are what the tests are about."""


def main():
    server = Server(("127.0.0.1", 0), Peer)
    if len(sys.argv) == 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


main()
