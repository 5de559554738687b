"""A browser as far as signing in needs one: it keeps cookies, and follows nowhere by itself."""

from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit


class Visitor:
    def __init__(self, stack):
        self.stack = stack
        self.cookies = {}

    def ask(self, method, path, body=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method != "GET":
            headers["Origin"] = self.stack.url
        answer = self.stack.ask(method, path, body, headers=headers)
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return answer

    def begin(self, provider, **body):
        """Presses the button; the address at the provider."""
        answer = self.ask("POST", f"/auth/oidc/{provider}/start", body)
        assert answer.status == 200, answer
        return answer.json["url"]

    def come_back(self, provider, query):
        """Is sent back; the page it ends on and what that is told."""
        answer = self.ask("GET", f"/auth/oidc/{provider}/callback?{urlencode(query)}")
        assert answer.status == 303 and answer.body == b"", answer
        target = urlsplit(answer.headers["Location"])
        assert not target.scheme and not target.netloc, "it left the site"
        return target.path, dict(parse_qsl(target.fragment))

    def sign_in(self, provider, double, **claims):
        return self.come_back(provider, double.authorize(self.begin(provider), **claims))

    @property
    def is_signed_in(self):
        return self.ask("GET", "/api/v1/me").status == 200

    @property
    def me(self):
        answer = self.ask("GET", "/api/v1/me")
        assert answer.status == 200, answer
        return answer.json

    @property
    def identities(self):
        return self.ask("GET", "/api/v1/me/identities").json["identities"]
