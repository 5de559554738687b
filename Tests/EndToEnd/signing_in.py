"""People with passwords and authenticators, as the sign-in tests use them."""

import base64
import hashlib
import hmac
import itertools
import sqlite3
import struct
import time

from answers import cookie

PASSWORD = "a long walk at sea"
NEW_PASSWORD = "a short swim in the lake"
numbers = itertools.count(1)


def newcomer(stack, password=PASSWORD, **more):
    """A fresh account whose person has a password."""
    return stack.register(email=f"sailor{next(numbers)}@example.com", password=password, **more)


def log_in(stack, email, password=PASSWORD, **more):
    return stack.post("/auth/login", {"email": email, "password": password}, **more)


def browser(answer):
    """The headers of a browser that took the answer's cookie."""
    name, value, _ = cookie(answer)
    assert value, answer
    return {"Cookie": f"{name}={value}"}


def signed_in(stack, email, password=PASSWORD, **more):
    answer = log_in(stack, email, password, **more)
    assert answer.status == 200, answer
    return browser(answer)


def is_in(stack, headers):
    answer = stack.get("/api/v1/me", headers=headers)
    assert answer.status in (200, 401), answer
    return answer.status == 200


def sessions(stack, headers):
    answer = stack.get("/api/v1/me/sessions", headers=headers)
    assert answer.status == 200, answer
    return answer.json["sessions"]


def audit(stack, user):
    """What the log of a person's account tells, oldest first."""
    return stack.sql("SELECT e.action, e.actor, e.target, e.detail, e.address, e.request_id FROM audit_entry e "
                     f"JOIN member m ON m.account_id = e.account_id WHERE m.person_id = {user['id']} ORDER BY e.id")


def token(mail, kind):
    """What a mail's link carries behind its `#`."""
    [link] = [link for link in mail.links if "/link.html#" in link]
    path, _, fragment = link.partition("#")
    name, _, value = fragment.partition("=")
    assert path.endswith("/link.html") and name == kind and "?" not in link, link
    return value


class Authenticator:
    """An authenticator app: RFC 6238 by Python's own HMAC. `drift` in steps of 30 seconds."""

    def __init__(self, secret):
        self.seed = base64.b32decode(secret + "=" * (-len(secret) % 8))

    def code(self, drift=0):
        mac = hmac.new(self.seed, struct.pack(">q", int(time.time()) // 30 + drift), hashlib.sha1).digest()
        number = struct.unpack_from(">I", mac, mac[-1] & 15)[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"

    def wrong(self):
        """None of those that are good now or in a minute."""
        good = {self.code(drift) for drift in range(-2, 4)}
        return next(code for code in map("{:06}".format, itertools.count(111111)) if code not in good)


def set_up_second_factor(stack, headers, password=PASSWORD):
    """Turns it on by the code of the step before, so that this one's and the next one's are still good.

    Returns the authenticator, the recovery codes, and the browser's new headers."""
    answer = stack.post("/api/v1/me/totp", {"password": password}, headers=headers)
    assert answer.status == 200, answer
    authenticator = Authenticator(answer.json["secret"])
    # Not within a breath of the next step, when the one before would be too old on arrival.
    while time.time() % 30 > 28:
        time.sleep(0.1)
    answer = stack.post("/api/v1/me/totp/confirm", {"code": authenticator.code(-1)}, headers=headers)
    assert answer.status == 200, answer
    return authenticator, answer.json["recovery_codes"], browser(answer)


def change_store(stack, statement, *values):
    """Changes the store behind Purser's back, while it is stopped: time passed, or what no route does yet."""
    stack.stop_purser()
    with sqlite3.connect(stack.store / "purser.db") as db:
        db.execute(statement, values)
    db.close()
    stack.start_purser()
