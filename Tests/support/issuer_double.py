"""An OpenID Connect issuer for tests: it signs whatever it is told to, counts what is fetched, and hangs on demand."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT_ID, CLIENT_SECRET = "purser-client", "a secret: with % and +"


class SigningKey:
    """A key with its id, as the issuer holds it."""

    def __init__(self, kid, algorithm="RS256"):
        self.kid, self.algorithm = kid, algorithm
        if algorithm == "RS256":
            self.private = rsa.generate_private_key(65537, 2048)
        else:
            self.private = ec.generate_private_key(ec.SECP256R1())

    def jwk(self):
        kind = jwt.algorithms.RSAAlgorithm if self.algorithm == "RS256" else jwt.algorithms.ECAlgorithm
        public = json.loads(kind.to_jwk(self.private.public_key()))
        return public | {"kid": self.kid, "alg": self.algorithm, "use": "sig"}


class IssuerDouble:
    """Listens on loopback. `url` is the issuer."""

    def __init__(self):
        self.keys = [SigningKey("first")]
        # What discovery, key set, token endpoint and user info answer otherwise than usual.
        self.discovery, self.token_answer, self.user_info = {}, {}, None
        self.fetches = {"discovery": 0, "keys": 0, "token": 0, "userinfo": 0}
        self.token_requests = []
        self.codes = {}
        # Who is at its page, for browsers.
        self.person = {}
        self.released = threading.Event()
        self.released.set()
        self.is_down = False

    def __enter__(self):
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                double.answer(self)

            def do_POST(self):
                double.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def settings(self, **more):
        """The one row of OIDC_PROVIDERS that is this issuer."""
        return {"id": "double", "name": "The Double", "issuer": self.url, "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET} | more

    # ---- tokens

    def claims(self, **changes):
        """Good ones; a change to None takes a claim away."""
        now = int(time.time())
        good = {"iss": self.url, "aud": CLIENT_ID, "sub": "subject-1", "iat": now, "exp": now + 300,
                "email": "grace@example.com", "email_verified": True, "name": "Grace Hopper"}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def sign(self, claims=None, key=None, headers=None):
        key = key or self.keys[0]
        # Not by jwt.encode, which minds what the claims are.
        body = json.dumps(claims or self.claims()).encode()
        return jwt.api_jws.encode(body, key.private, key.algorithm, headers={"kid": key.kid} | (headers or {}))

    # ---- the browser's part

    def authorize(self, url, **claims):
        """The person at the issuer's page says yes; the query of the way back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = query | {"claims": claims}
        return {"code": code, "state": query["state"]}

    # ---- the server's part

    def answer(self, request):
        length = int(request.headers.get("Content-Length") or 0)
        form = {name: values[0] for name, values in parse_qs(request.rfile.read(length).decode()).items()}
        self.released.wait(60)
        if self.is_down:
            return self.write(request, 503, {})
        match request.path:
            case "/.well-known/openid-configuration":
                self.fetches["discovery"] += 1
                self.write(request, 200, {
                    "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
                    "userinfo_endpoint": f"{self.url}/userinfo",
                } | self.discovery)
            case path if path.startswith("/authorize?"):
                # A page on which the person has said yes.
                back = self.authorize(path, **self.person)
                redirect_uri = self.codes[back["code"]]["redirect_uri"]
                request.send_response(302)
                request.send_header("Location", f"{redirect_uri}?{urlencode(back)}")
                request.send_header("Content-Length", "0")
                request.end_headers()
            case "/keys":
                self.fetches["keys"] += 1
                self.write(request, 200, {"keys": [key if isinstance(key, dict) else key.jwk() for key in self.keys]})
            case "/token":
                self.fetches["token"] += 1
                self.write(request, *self.redeem(form, request.headers.get("Authorization")))
            case "/userinfo":
                self.fetches["userinfo"] += 1
                self.write(request, 200, self.user_info or {})
            case _:
                self.write(request, 404, {})

    def redeem(self, form, authorization):
        self.token_requests.append(form)
        asked = self.codes.pop(form.get("code"), None)
        basic = base64.b64encode(b"purser-client:a%20secret%3A%20with%20%25%20and%20%2B").decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not asked or form.get("grant_type") != "authorization_code":
            return 400, {"error": "invalid_grant"}
        if authorization != f"Basic {basic}" and form.get("client_secret") != CLIENT_SECRET:
            return 401, {"error": "invalid_client"}
        if asked["redirect_uri"] != form["redirect_uri"] or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        claims = self.claims(**({"nonce": asked["nonce"]} | asked["claims"]))
        return 200, {"access_token": "an-access-token", "token_type": "Bearer", "id_token": self.sign(claims)} \
            | self.token_answer

    @staticmethod
    def write(request, status, body):
        data = json.dumps(body).encode()
        try:
            request.send_response(status)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(data)))
            request.end_headers()
            request.wfile.write(data)
        except OSError:
            pass


class GitHubDouble(IssuerDouble):
    """GitHub's OAuth variant and the two questions of its API."""

    def __init__(self):
        super().__init__()
        self.user = {"id": 583231, "login": "octocat", "name": "The Octocat"}
        self.emails = [
            {"email": "other@example.com", "primary": False, "verified": True},
            {"email": "octocat@example.com", "primary": True, "verified": True},
        ]

    def settings(self, **more):
        return {"id": "github", "name": "GitHub", "kind": "oauth2-github", "issuer": self.url, "api_base": self.url,
                "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | more

    def answer(self, request):
        length = int(request.headers.get("Content-Length") or 0)
        form = {name: values[0] for name, values in parse_qs(request.rfile.read(length).decode()).items()}
        knows = request.headers.get("Authorization") == "Bearer gho_token" and request.headers.get("User-Agent")
        match request.path:
            case "/login/oauth/access_token":
                asked = self.codes.pop(form.get("code"), None)
                digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                good = asked and form.get("client_secret") == CLIENT_SECRET and form.get("client_id") == CLIENT_ID \
                    and asked["redirect_uri"] == form["redirect_uri"] \
                    and asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
                # GitHub refuses with 200.
                self.write(request, 200, {"access_token": "gho_token", "token_type": "bearer", "scope": "user:email"}
                           if good else {"error": "bad_verification_code"})
            case "/user":
                self.write(request, 200 if knows else 401, self.user if knows else {})
            case "/user/emails":
                self.write(request, 200 if knows else 401, self.emails if knows else {})
            case _:
                self.write(request, 404, {})
