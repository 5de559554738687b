"""The HTTP side: Stripe's API under /v1, the pages under /c and /p, the tests' controls under /_sandbox."""

import json
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import api
import controls
import pages
from objects import checkout, paying
from refusal import Refusal, bad

_LARGEST_BODY = 1_048_576
_CHECKOUT_WAITS = 10.0  # Seconds that Stripe's page waits for the acknowledgement before it goes back to the shop.


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1 and nowhere else."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port, double):
        super().__init__(("127.0.0.1", port), Handler)
        self.double = double
        double.base = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            traceback.print_exc(file=sys.stderr)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "PurserStripeSandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def log_message(self, format, *arguments):
        pass

    def do_GET(self):
        self._answer()

    do_POST = do_DELETE = do_GET

    def _answer(self):
        raw = self._body()
        if raw is None:
            return
        parts = urlsplit(self.path)
        path = parts.path.rstrip("/") or "/"
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in ("127.0.0.1", "localhost"):
            # A name that someone else's page made point here.
            self._send(421, pages.sentence("Not here", "The sandbox answers to 127.0.0.1 only."), pages.HEADERS)
        elif path.startswith("/v1/"):
            given = api.answer(self.server.double, self.command, path, parts.query, self.headers, raw)
            if given.body is None:
                self.close_connection = True
            else:
                self._send(given.status, given.body, given.headers)
        elif path == "/_sandbox" or path.startswith("/_sandbox/"):
            self._control(path, parts.query, raw)
        else:
            self._page(path)

    def _body(self):
        """The whole body, always read to its end; None when the request was refused because of it."""
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._send(411, b"", {})
            return None
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            self.close_connection = True
            self._send(413 if length.isdigit() else 400, b"", {})
            return None
        return self.rfile.read(int(length))

    def _send(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _control(self, path, query, raw):
        double = self.server.double
        try:
            if self.headers.get("Origin") not in (None, double.base):
                raise Refusal(403, "The controls are not for other sites' pages.")
            body = json.loads(raw) if raw else {}
            if not isinstance(body, dict):
                raise bad("The body must be a JSON object.")
            status, answer = 200, controls.answer(double, self.command, path, dict(parse_qsl(query)), body)
        except Refusal as refused:
            status, answer = refused.status, refused.body
        except (ValueError, TypeError) as problem:
            status, answer = 400, bad(f"{type(problem).__name__}: {problem}").body
        self._send(status, json.dumps(answer, indent=2).encode() + b"\n", {"Content-Type": "application/json"})

    # Pages

    def _page(self, path):
        steps = path.strip("/").split("/")
        try:
            if steps[:2] == ["c", "pay"] and len(steps) == 3 and self.command == "GET":
                self._show_checkout(steps[2])
            elif steps[:2] == ["c", "pay"] and len(steps) == 4 and self.command == "POST":
                self._press(steps[2], steps[3])
            elif steps[:2] == ["p", "session"] and len(steps) == 3 and self.command == "GET":
                self._show_portal(steps[2])
            elif path == "/" and self.command == "GET":
                self._send(200, pages.sentence("Purser's stand-in for Stripe", "Payments end here in the local demo. "
                                               "Press Pay on an invoice to see a Checkout page."), pages.HEADERS)
            else:
                raise Refusal(404, "There is no such page.")
        except Refusal as refused:
            self._send(refused.status, pages.sentence("Not found", refused.message), pages.HEADERS)

    def _show_checkout(self, id):
        world = self.server.double.world
        with world.change():
            session = checkout.find(world, id)
            page = pages.checkout(session, world.table("customer").get(session["customer"]))
        self._send(200, page, pages.HEADERS)

    def _press(self, id, way):
        double, here = self.server.double, f"/c/pay/{id}"
        with double.world.change():
            session = checkout.find(double.world, id)
            event = None
            if way == "pay":
                event = paying.pay(double.world, session)
            elif way == "decline":
                session["_declined"] = paying.decline(double.world, session)
            elif way != "cancel":
                raise Refusal(404, "There is no such page.")
        if event:
            double.deliveries.wait_for(event, _CHECKOUT_WAITS)
            self._go(session["success_url"].replace("{CHECKOUT_SESSION_ID}", id))
        elif way == "cancel" and session["cancel_url"]:
            self._go(session["cancel_url"].replace("{CHECKOUT_SESSION_ID}", id))
        else:
            self._go(here)

    def _go(self, address):
        self._send(303, b"", {"Location": address, "Cache-Control": "no-store"})

    def _show_portal(self, id):
        world = self.server.double.world
        with world.lock:
            session = world.find("billing_portal.session", id)
            customer = world.find("customer", session["customer"])
            invoices = [invoice for invoice in reversed(list(world.table("invoice").values()))
                        if invoice["customer"] == customer["id"]]
            page = pages.portal(session, customer, invoices)
        self._send(200, page, pages.HEADERS)
