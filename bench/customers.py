"""Makes accounts and what they used through the product's own interface, so that their books are right."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor

import product
from processes import Failed

THREADS = 4
EVENTS_A_BODY_MAX = 1000


class Client:
    """One kept connection, for the many requests of one thread."""

    def __init__(self, server):
        self.server, self.connection = server, http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def expect(self, endpoint, body, key=None):
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
        try:
            self.connection.request(*endpoint, body, headers)
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Failed(f"{self.server.name} did not answer {endpoint[1]}: {error}") from error
        if not 200 <= answer.status < 300:
            raise Failed(f"{self.server.name} answered {answer.status} to {endpoint[1]}: {text[:300]}")
        return text

    def expect_uses(self, key, uses):
        verdicts = product.verdicts(self.expect(product.EVENTS, product.uses_body(uses), key))
        if verdicts != ["accepted"] * len(uses):
            raise Failed(f"{self.server.name} took {verdicts.count('accepted')} of {len(uses)} events")


def use(server, events):
    """Events of the server's own account, one shot each, spread over the backends."""

    def send(numbers):
        client = Client(server)
        for first in numbers:
            serials = range(first, min(first + EVENTS_A_BODY_MAX, events))
            client.expect_uses(server.key, [event(serial) for serial in serials])

    in_parallel(send, range(0, events, EVENTS_A_BODY_MAX))


def event(serial):
    backend = product.BACKENDS[serial % len(product.BACKENDS)]
    return {"id": f"use-{serial:09d}", "meter": "shots", "backend": backend, "quantity": 1}


def register(server, count):
    """Accounts with a month of use each; every second one is subscribed to a plan."""

    def make(numbers):
        client = Client(server)
        for number in numbers:
            email = f"customer{number}@example.com"
            key = product.key_registered(client.expect(product.REGISTER, product.registration(email)))
            if number % 2:
                server.control(*product.SUBSCRIBE, product.subscription(email))
            client.expect_uses(key, product.MONTH)

    in_parallel(make, range(count))


def in_parallel(work, numbers):
    """Gives each thread its share of the numbers; the first failure of any is raised."""
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work, numbers[first::THREADS]) for first in range(THREADS)]:
            done.result()
