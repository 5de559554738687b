"""A stream of sign-ins by password beside another load, so that its password lane is never empty."""

import http.client
import math
import threading
import time

import product
from load import Sample
from processes import Failed

# At most two are hashed at a time, so this many keep the others waiting their turn, and none is refused.
CLIENTS = 8


class SignIns:
    """Clients that sign in one after another for as long as the `with` lasts, right and wrong passwords in turn."""

    def __init__(self, server):
        self.server = server
        self.ending, self.hashing = threading.Event(), threading.Event()
        # The end of each by the clock, its seconds, and whether it was answered as it should be.
        self.done = []
        self.clients = [threading.Thread(target=self.sign_in, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self):
        for client in self.clients:
            client.start()
        if not self.hashing.wait(product.START_SECONDS_MAX):
            self.__exit__()
            raise Failed(f"{self.server.name} answered no sign-in in {product.START_SECONDS_MAX} s")
        return self

    def __exit__(self, *_):
        self.ending.set()
        for client in self.clients:
            client.join()

    def sign_in(self, turn):
        while not self.ending.is_set():
            begun = time.monotonic()
            status = self.server.ask(*product.LOGIN, product.sign_in(is_right=turn % 2 == 0))[0]
            ended = time.monotonic()
            self.done.append((ended, ended - begun, status == (200 if turn % 2 == 0 else 401)))
            self.hashing.set()
            turn += 1

    def sample(self, begun, ended):
        """Those that were answered between two moments of the monotonic clock."""
        return sample([one[1:] for one in list(self.done) if begun <= one[0] <= ended], ended - begun)


def sample(answers, seconds):
    """What the answers, pairs of seconds and whether it was the right one, amount to."""
    right = sorted(took for took, is_right in answers if is_right)
    if not right:
        raise Failed(f"of {len(answers)} sign-ins in {seconds:.1f} s none was answered as it should be")
    p50, p99 = (right[math.ceil(len(right) * share) - 1] * 1000 for share in (0.50, 0.99))
    return Sample(len(right) / seconds, p50, p99, len(right), refused=len(answers) - len(right))
