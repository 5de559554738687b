"""A shop's side of the webhooks: takes what is posted to it and keeps it."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    """One request: the exact bytes of its body, and its headers."""

    body: bytes
    headers: dict


class WebhookReceiver:
    """Listens on a free port of 127.0.0.1. `status` is what it answers; `answers`, if any, come before that."""

    def __init__(self):
        self.received, self.answers, self.status = [], [], 200
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhooks/stripe"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _handler(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver._take(Received(body, dict(self.headers)))
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", receiver.url)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler

    def _take(self, received):
        with self._arrived:
            self.received.append(received)
            self._arrived.notify_all()
            return self.answers.pop(0) if self.answers else self.status

    def wait(self, count, seconds=10):
        """The first `count` requests, as soon as they are there."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, seconds), \
                f"{len(self.received)} of {count} webhooks came"
            return self.received[:count]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
