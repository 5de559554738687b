"""Somebody with webhooks."""

import itertools

from answers import sign_in

numbers = itertools.count(1)


class Owner:
    """Somebody signed in, with an account of their own."""

    def __init__(self, stack):
        self.stack = stack
        self.user = stack.register(email=f"owner{next(numbers)}@example.com")
        self.cookie = sign_in(stack, self.user)

    def app(self, name):
        """An app of the account: its id."""
        answer = self.stack.ask("POST", "/api/partner/apps", {"name": name}, headers=self.cookie)
        assert answer.status == 201, answer
        return answer.json["id"]

    def ask(self, method, path, body=None):
        return self.stack.ask(method, "/api/v1/webhooks" + path, body, headers=self.cookie)

    def make(self, path="/ok", **more):
        """An endpoint at the receiver, on a path of its own; its answer."""
        url = f"{self.stack.receiver.url}{path}/{next(numbers)}"
        answer = self.ask("POST", "", {"url": url, **more})
        assert answer.status == 201, answer
        return answer.json | {"path": url.removeprefix(self.stack.receiver.url)}

    def ticket(self, subject="s"):
        body = {"priority": "low", "subject": subject, "message": "m"}
        answer = self.stack.post("/support/ticket", body, key=self.user["api_key"])
        assert answer.status == 200, answer
        return answer.json["ticket_id"]

    def log(self, hook, query=""):
        answer = self.ask("GET", f"/{hook['id']}/deliveries{query}")
        assert answer.status == 200, answer
        return answer.json["data"]
