"""The cast of the tests about accounts: browsers that keep their cookie, people who were invited, the mails they got."""

import json
import re

from stack import wait_until

PASSWORD = "correct horse battery staple"


class Browser:
    """A browser on one house: sends its cookie and origin, and keeps what answers set."""

    def __init__(self, stack, cookie=None):
        self.stack, self.cookie = stack, cookie

    def ask(self, method, path, body=None, **headers):
        sent = {"Origin": self.stack.url, **headers}
        if self.cookie:
            sent["Cookie"] = self.cookie
        answer = self.stack.ask(method, path, body, headers=sent)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookie = f"{name}={value}" if value else None
        return answer

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body=None):
        return self.ask("POST", path, {} if body is None else body)

    def patch(self, path, body):
        return self.ask("PATCH", path, body)

    def delete(self, path):
        return self.ask("DELETE", path)

    def sign_in(self, email, **secret):
        answer = self.post("/auth/login", {"email": email, **secret})
        assert answer.status == 200, answer
        return self


def mails(stack, address):
    """The mails to an address, oldest first, as text: those still waiting and those that were written to files."""
    waiting = stack.sql("SELECT id, payload FROM outbox WHERE kind = 'mail' ORDER BY id")
    texts = [row["payload"] for row in waiting if json.loads(row["payload"])["to"] == address]
    files = sorted((path for path in stack.store.glob("mail/*") if path.is_file()),
                   key=lambda path: path.stat().st_mtime_ns)
    written = [path.read_text(errors="replace").replace("=\n", "").replace("=3D", "=") for path in files]
    return [text for text in written if address in text] + texts


def token(stack, address, purpose):
    """What the last mail of a purpose (`invite`, `reset`, `verify`) carries behind the # of its link."""
    def find():
        found = [match for text in mails(stack, address) for match in re.findall(rf"#{purpose}=([\w-]+)", text)]
        return found[-1] if found else None

    return wait_until(find, what=f"a mail for {purpose} to {address}")


def owner(stack, email, name="Olga"):
    """A browser signed in as the owner of a new account; `user` is what sign-up answered."""
    # By key, for a password takes its third of a second each time.
    user = stack.register(email, name)
    browser = Browser(stack).sign_in(email, api_key=user["api_key"])
    browser.user, browser.email = user, email
    browser.account = browser.get("/api/v1/account").json["id"]
    return browser


def invite(stack, inviter, email, role):
    answer = inviter.post("/api/v1/invitations", {"email": email, "role": role})
    assert answer.status == 201, answer
    return token(stack, email, "invite")


def teammate(stack, inviter, email, role, name="Theo"):
    """A browser signed in as a newcomer whom `inviter` asked into their account."""
    browser = Browser(stack)
    secret = invite(stack, inviter, email, role)
    answer = browser.post("/auth/invitation/accept", {"token": secret, "name": name, "password": PASSWORD})
    assert answer.status == 200, answer
    browser.email, browser.account = email, answer.json["account"]
    browser.id = browser.get("/api/v1/me").json["id"]
    return browser
