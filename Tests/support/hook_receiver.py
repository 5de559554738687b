"""A customer's server for webhooks, with one way to behave for each path. One thread, however many hang."""

import asyncio
import hashlib
import hmac
import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass

from standardwebhooks import Webhook


@dataclass
class Delivery:
    path: str
    headers: dict
    body: bytes
    at: float

    @property
    def id(self):
        return self.headers["webhook-id"]

    @property
    def json(self):
        return json.loads(self.body)

    def verify(self, secret):
        """By Standard Webhooks' own library, and by the older header."""
        assert Webhook(secret).verify(self.body, self.headers) == self.json
        mac = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        assert self.headers["x-webhook-signature"] == mac
        assert self.json["type"] == self.json["event"] and set(self.json) == \
            {"type", "event", "version", "timestamp", "data"}


class HookReceiver:
    """Paths: /ok…, /slow…, /hang…, /endless…, /drip…, /redirect…, and /status/<code>…; `scripts` changes what a path
    does next.

    A script is a list of (status, headers) for the next deliveries to a path.
    """

    def __init__(self, port=0):
        self.deliveries, self.scripts, self.connections = [], defaultdict(list), 0
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", port, backlog=1024))
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, path, _ = head[0].split(" ")
                headers = {name.lower(): value.strip() for name, _, value in
                           (line.partition(":") for line in head[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                assert method == "POST"
                with self._changed:
                    self.deliveries.append(Delivery(path, headers, body, time.time()))
                    scripted = self.scripts[path].pop(0) if self.scripts[path] else None
                    self._changed.notify_all()
                await self._answer(path, scripted, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, path, scripted, writer):
        if scripted:
            status, headers = scripted
        elif path.startswith("/hang"):
            await asyncio.sleep(3600)
        elif path.startswith("/endless"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
        elif path.startswith("/drip"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
        elif path.startswith("/redirect"):
            status, headers = 307, {"Location": f"{self.url}/ok/redirected"}
        else:
            if path.startswith("/slow"):
                await asyncio.sleep(0.4)
            status, headers = (int(path.split("/")[2]), {}) if path.startswith("/status/") else (200, {})
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body = b"taken" if status == 200 else b"not taken \x00\xff<b>"
        writer.write(f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def at(self, path):
        with self._changed:
            return [delivery for delivery in self.deliveries if delivery.path == path]

    def wait(self, path, count=1, seconds=15):
        """The deliveries to a path, as soon as there are so many."""
        def here():
            return [delivery for delivery in self.deliveries if delivery.path == path]
        with self._changed:
            assert self._changed.wait_for(lambda: len(here()) >= count, seconds), (path, count, len(here()))
            return here()

    def stop(self):
        async def end():
            self._server.close()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
