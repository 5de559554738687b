#!/usr/bin/env python3
"""Purser's own stand-in for Stripe, for the local demo and the tests: its API, its Checkout page, its webhooks.

It listens on 127.0.0.1 only and needs nothing but Python's standard library. It never speaks to Stripe.
"""

import argparse
import itertools
import os
import signal
import threading
import time

from deliveries import Deliveries
from faults import Faults
from journal import Journal
from objects import checkout, webhook_endpoints
from schema import Schema
from server import Server
from world import World


class Double:
    """Everything a request needs, put together once."""

    def __init__(self, options):
        os.makedirs(options.state, mode=0o700, exist_ok=True)
        self.world = World(os.path.join(options.state, "stripe.json"), options.seed)
        self.schema = Schema(options.spec) if options.spec else None
        self.strict = options.strict
        self.secret_key = options.secret_key
        self.journal = Journal()
        self.faults = Faults()
        self.base = ""
        self._requests = itertools.count(int(time.time() * 1000))
        if self.schema:
            self.world.watch = self._check_event
        secrets = [secret.strip() for secret in options.webhook_secret.split(",") if secret.strip()]
        webhook_endpoints.configure(self.world, options.webhook_url, secrets)
        self.deliveries = Deliveries(self.world, options.retry_delays, options.delivery_timeout)

    def next_request(self):
        return next(self._requests)

    def _check_event(self, event):
        for sentence in self.schema.object_faults(event["data"]["object"]):
            self.journal.own_fault(event["type"], sentence)

    def keep_house(self, stopping):
        """Saves what changed and ends what has expired. After a long save it rests for longer."""
        rest = 0.1
        while not stopping.wait(rest):
            with self.world.lock:
                late = [id for id, session in self.world.table("checkout.session").items()
                        if session["status"] == "open" and session["expires_at"] <= self.world.now()]
            for id in late:
                with self.world.change():
                    checkout.find(self.world, id)
            began = time.monotonic()
            self.world.save()
            rest = max(0.1, 10 * (time.monotonic() - began))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", required=True, help="a folder; what is in it is taken up again")
    parser.add_argument("--secret-key", required=True, help="sk_test_…: what callers must show")
    parser.add_argument("--webhook-secret", default="", help="whsec_…, or several with commas")
    parser.add_argument("--webhook-url", default="", help="where events go; none without it")
    parser.add_argument("--spec", help="Stripe's spec3.json: check every request against it")
    parser.add_argument("--strict", action="store_true", help="count a missing Stripe-Version as a violation")
    parser.add_argument("--seed", help="the same seed gives the same ids (for tests; random otherwise)")
    parser.add_argument("--retry-delays", default="1,5,30,120,600", type=_delays,
                        help="seconds after each failed delivery")
    parser.add_argument("--delivery-timeout", default=10.0, type=float, help="seconds for one delivery")
    parser.add_argument("--ready-file", help="the address is written to it when the double listens")
    options = parser.parse_args()
    if not options.secret_key.startswith("sk_test_"):
        parser.error("the secret key must begin with sk_test_: this is no place for a live one")
    if options.webhook_url and not options.webhook_secret:
        parser.error("--webhook-url needs --webhook-secret")
    return options


def _delays(text):
    return [float(part) for part in text.split(",") if part]


def main():
    options = read_options()
    double = Double(options)
    server = Server(options.port, double)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    housekeeper = threading.Thread(target=double.keep_house, args=(stopping,))
    housekeeper.start()
    double.deliveries.start()
    if options.ready_file:
        with open(f"{options.ready_file}.new", "w", encoding="utf-8") as file:
            file.write(f"{double.base}\n")
        os.replace(f"{options.ready_file}.new", options.ready_file)
    print(f"listening on {double.base}", flush=True)
    stopping.wait()
    server.shutdown()
    server.server_close()
    double.faults.clear()
    double.deliveries.stop()
    housekeeper.join()
    double.world.save()


if __name__ == "__main__":
    main()
