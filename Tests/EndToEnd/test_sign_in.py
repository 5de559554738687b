"""POST /auth/login, the session it opens, and POST /auth/logout."""

import subprocess

import pytest
from answers import assert_problem, cookie, sign_in
from stack import free_port, wait_until

PASSWORD = "a long enough secret"
SESSION_READS = ["/api/v1/me", "/api/v1/me/usage", "/api/v1/me/invoices"]


@pytest.fixture(scope="module")
def ada(stack):
    return stack.register(email="ada@example.com", name="Ada", password=PASSWORD)


def test_an_address_and_its_key_sign_in(stack, ada):
    answer = stack.post("/auth/login", {"email": "ada@example.com", "api_key": ada["api_key"]})
    assert answer.status == 200
    assert answer.json == {"id": ada["id"], "name": "Ada", "email": "ada@example.com", "api_key": ada["api_key"]}
    name, value, attributes = cookie(answer)
    assert (name, len(value) >= 40) == ("session_token", True)
    assert {"httponly", "samesite=lax", "path=/"} <= attributes
    assert "secure" not in attributes and not any(part.startswith("domain") for part in attributes)


@pytest.mark.parametrize("body", [
    {"password": PASSWORD}, {"password": PASSWORD, "api_key": None}, {"password": PASSWORD, "api_key": ""},
    {"password": PASSWORD, "remember": True}, {"email": " ADA@example.com ", "password": PASSWORD},
])
def test_an_address_and_its_password_sign_in_without_showing_a_key(stack, ada, body):
    answer = stack.post("/auth/login", {"email": "ada@example.com"} | body)
    assert answer.status == 200, answer
    assert answer.json == {"id": ada["id"], "name": "Ada", "email": "ada@example.com"}
    assert cookie(answer)[1]


def test_whatever_is_wrong_the_answer_is_the_same(stack, ada):
    other = stack.register(email="other@example.com")
    bodies = [
        {"email": "ada@example.com"},
        {"email": "ada@example.com", "api_key": "", "password": ""},
        {"email": "ada@example.com", "api_key": None, "password": None},
        {"email": "ada@example.com", "password": "not the password"},
        {"email": "ada@example.com", "password": PASSWORD + " "},
        {"email": "ada@example.com", "api_key": other["api_key"]},
        {"email": "ada@example.com", "api_key": "bioql_" + "0" * 38},
        {"email": "ada@example.com", "api_key": "bioql_dev_test123"},
        {"email": "nobody@example.com"},
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "nobody@example.com", "api_key": ada["api_key"]},
        {"email": "not an address", "password": PASSWORD},
        {"email": "other@example.com", "password": "no password was ever set"},
    ]
    told = set()
    for body in bodies:
        answer = stack.post("/auth/login", body)
        problem = assert_problem(answer, 401)
        assert "Set-Cookie" not in answer.headers
        told.add(tuple(sorted((name, str(value)) for name, value in problem.items() if name != "request_id")))
    assert len(told) == 1


def test_a_login_without_an_address_is_400(stack, ada):
    assert_problem(stack.post("/auth/login", {"api_key": ada["api_key"]}), 400)


def test_a_session_reads_what_the_key_reads(stack, ada):
    session = sign_in(stack, ada)
    me = stack.get("/api/v1/me", headers=session).json
    by_key = stack.get("/auth/user", key=ada["api_key"]).json
    assert by_key.pop("api_key") == ada["api_key"]
    assert me == by_key
    assert stack.get("/api/v1/me/usage", headers=session).json == stack.get("/analytics/usage", key=ada["api_key"]).json
    assert stack.get("/api/v1/me/invoices", headers=session).json == \
        stack.get("/dashboard/invoices", key=ada["api_key"]).json | {"currency": "usd"}
    ticket = stack.post("/api/v1/me/tickets", {"priority": "low", "subject": "s", "message": "m"}, headers=session)
    assert (ticket.status, ticket.json["status"]) == (200, "created")


@pytest.mark.parametrize("path", SESSION_READS)
def test_a_session_route_takes_nothing_but_a_session(stack, ada, path):
    key = ada["api_key"]
    for answer in (stack.get(path), stack.get(path, key=key), stack.get(path, headers={"X-API-Key": key}),
                   stack.get(path, headers={"Cookie": "session_token=bogus"}),
                   stack.get(path, headers={"Cookie": f"session_token={key}"})):
        assert_problem(answer, 401, "Not authenticated")


def test_a_key_route_takes_no_session(stack, ada):
    session = sign_in(stack, ada)
    assert_problem(stack.get("/auth/user", headers=session), 401)
    token = session["Cookie"].partition("=")[2]
    assert_problem(stack.get("/auth/user", key=token), 401, "Invalid API key", "invalid_key")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_case_of_the_scheme_does_not_matter(stack, ada, scheme):
    assert stack.get("/auth/user", headers={"Authorization": f"{scheme} {ada['api_key']}"}).status == 200


def test_x_api_key_carries_a_key_too(stack, ada):
    answer = stack.get("/auth/user", headers={"X-API-Key": ada["api_key"]})
    assert (answer.status, answer.json["api_key"]) == (200, ada["api_key"])
    basic = {"Authorization": "Basic YTpi", "X-API-Key": ada["api_key"]}
    assert stack.get("/auth/user", headers=basic).status == 200


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "},
    {"Authorization": "Basic YTpi"}, {"Authorization": "Token abc"}, {"X-API-Key": ""},
])
def test_no_key_is_401(stack, headers):
    assert_problem(stack.get("/auth/user", headers=headers), 401)


@pytest.mark.parametrize("key", ["bioql_nope", "bioql_" + "a" * 38, "x" * 500, "rk_other", "null", "undefined"])
def test_a_wrong_key_is_401_and_says_so(stack, key):
    assert_problem(stack.get("/auth/user", key=key), 401, "Invalid API key", "invalid_key")


@pytest.mark.parametrize("headers, status", [
    ({}, 200),
    ({"Origin": "OWN"}, 200),
    ({"Origin": "OWN", "Sec-Fetch-Site": "same-origin"}, 200),
    ({"Origin": "null"}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "OWN.evil.example"}, 403),
    ({"Origin": "OWN", "Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
])
def test_a_post_by_cookie_comes_from_our_own_pages(stack, ada, headers, status):
    headers = {name: value.replace("OWN", stack.url) for name, value in headers.items()}
    before = stack.sql("SELECT count(*) n FROM ticket")[0]["n"]
    body = {"priority": "low", "subject": "s", "message": "m"}
    answer = stack.post("/api/v1/me/tickets", body, headers=sign_in(stack, ada) | headers)
    assert answer.status == status, answer
    assert stack.sql("SELECT count(*) n FROM ticket")[0]["n"] == before + (status == 200)


def test_signing_out_ends_the_session_on_the_server(stack, ada):
    first, second = sign_in(stack, ada), sign_in(stack, ada)
    answer = stack.post("/auth/logout", headers=first | {"Content-Type": "application/json"})
    assert (answer.status, answer.json) == (200, {"success": True})
    name, value, attributes = cookie(answer)
    assert (name, value) == ("session_token", "") and "max-age=0" in attributes
    assert_problem(stack.get("/api/v1/me", headers=first), 401)
    assert stack.get("/api/v1/me", headers=second).status == 200
    assert_problem(stack.post("/auth/logout", headers=first), 401)


@pytest.mark.parametrize("body", [None, b"", b"{}"])
def test_signing_out_needs_no_body(stack, ada, body):
    headers = sign_in(stack, ada) | {"Content-Type": "application/json"}
    assert stack.ask("POST", "/auth/logout", body, headers=headers).status == 200


def test_a_foreign_page_cannot_sign_anyone_out(stack, ada):
    session = sign_in(stack, ada)
    assert_problem(stack.post("/auth/logout", headers=session | {"Origin": "https://evil.example"}), 403)
    assert stack.get("/api/v1/me", headers=session).status == 200


def test_a_session_is_stored_by_its_digest(stack, ada):
    token = sign_in(stack, ada)["Cookie"].partition("=")[2]
    for file in stack.state.glob("purser.db*"):
        assert token.encode() not in file.read_bytes()


@pytest.fixture
def over_tls(stack, tmp_path):
    """The same house over HTTPS: a second nginx with the same snippets."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True,
    )
    port = free_port()
    conf = (stack.state / "nginx/nginx.conf").read_text()
    conf = conf.replace(f"listen 127.0.0.1:{stack.port};", f"listen 127.0.0.1:{port} ssl;\n"
                        f"ssl_certificate {tmp_path}/cert.pem; ssl_certificate_key {tmp_path}/key.pem;")
    conf = conf.replace("/nginx.pid", "/nginx-tls.pid")
    (stack.state / "nginx/tls.conf").write_text(conf)
    server = subprocess.Popen(["nginx", "-p", stack.state / "nginx", "-c", stack.state / "nginx/tls.conf",
                               "-e", stack.state / "log/nginx-tls.log"])

    def ask(method, path, *options):
        done = subprocess.run(["curl", "-sS", "-i", "--cacert", tmp_path / "cert.pem", "-X", method, *options,
                               f"https://127.0.0.1:{port}{path}"], capture_output=True, text=True)
        return done.stdout

    wait_until(lambda: ask("GET", "/health"), what="nginx with TLS")
    yield ask
    server.terminate()
    server.wait(15)


def test_over_https_the_cookie_is_bound_to_the_host(ada, over_tls):
    body = f'{{"email":"ada@example.com","api_key":"{ada["api_key"]}"}}'
    answer = over_tls("POST", "/auth/login", "-H", "Content-Type: application/json", "-d", body)
    line = next(line for line in answer.splitlines() if line.lower().startswith("set-cookie:"))
    value, *attributes = line.split(": ", 1)[1].split("; ")
    assert value.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert "200 " in over_tls("GET", "/api/v1/me", "-H", f"Cookie: {value}").splitlines()[0]
    out = over_tls("POST", "/auth/logout", "-H", f"Cookie: {value}")
    assert "__Host-session=;" in out and "Secure" in out
    assert "401 " in over_tls("GET", "/api/v1/me", "-H", f"Cookie: {value}").splitlines()[0]


def test_the_books_are_sound(stack):
    assert stack.findings() == []
