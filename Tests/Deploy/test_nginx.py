"""What nginx does before, after and instead of Purser."""

import pytest

API_PATHS = [
    "/auth/user", "/api", "/api/v1/stats", "/api-v2/dashboard/stats", "/billing/check-limits", "/analytics/usage",
    "/dashboard/invoices", "/support/ticket", "/webhooks/stripe", "/api/webhooks/stripe", "/v1/stats", "/r/abc",
    "/i/abc",
    "/health", "/stats", "/pricing", "/openapi.json", "/api/v1/usage/events",
]
SITE_PATHS = ["/", "/index.html", "/dashboard.html", "/dashboard.html?payment=success", "/assets/app.js"]


@pytest.mark.parametrize("path", API_PATHS)
def test_hands_the_api_to_purser(front, path):
    answer = front.get(path + "?a=b%20c")
    assert answer.status == 200
    assert answer.params["REQUEST_URI"] == path + "?a=b%20c"
    assert answer.params["QUERY_STRING"] == "a=b%20c"


@pytest.mark.parametrize("path", SITE_PATHS)
def test_serves_the_site_itself(front, path):
    answer = front.get(path)
    name = path.split("?")[0].lstrip("/") or "index.html"
    assert answer.status == 200
    assert answer.body.decode().strip() == f"<p>{name}</p>"


def test_tells_purser_what_it_needs_and_no_more(front):
    answer = front.ask("POST", "/auth/login", b"{}", {"Content-Type": "application/json", "Host": "example.com:99"})
    params = answer.params
    assert params.pop("REQUEST_ID").isalnum()
    assert params == {
        "REQUEST_METHOD": "POST", "REQUEST_URI": "/auth/login", "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "2", "SERVER_NAME": "localhost",
        "SERVER_PORT": str(front.port), "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "example.com:99",
    }


def test_passes_on_the_headers_clients_need(front):
    sent = {"Authorization": "Bearer k", "X-API-Key": "k", "Cookie": "session_token=s", "Origin": "null",
            "Idempotency-Key": "i", "Stripe-Signature": "t=1,v1=2", "Sec-Fetch-Site": "same-origin"}
    params = front.ask("GET", "/auth/user", headers=sent).params
    for name, value in sent.items():
        assert params["HTTP_" + name.upper().replace("-", "_")] == value


@pytest.mark.parametrize("name", [
    "Proxy", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix",
    "X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Forwarded-Server", "X-Forwarded-Ssl", "X-Real-IP", "X-Client-IP",
    "True-Client-IP", "CF-Connecting-IP", "X-Request-Id", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override",
    # With an underscore nginx drops them, so that they cannot pass for the ones above.
    "X_Forwarded_For", "X_Real_IP",
])
def test_keeps_out_a_header_that_claims_what_only_nginx_knows(front, name):
    params = front.ask("GET", "/auth/user", headers={name: "forged"}).params
    assert "forged" not in params.values()
    assert "HTTP_" + name.upper().replace("-", "_") not in params


def test_a_client_cannot_pretend_to_https(front):
    assert "HTTPS" not in front.ask("GET", "/auth/user", headers={"Https": "on"}).params


@pytest.mark.parametrize("path", SITE_PATHS + ["/nothing"])
def test_every_page_carries_the_security_headers_once(front, path):
    headers = front.get(path).headers
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                 "img-src 'self' data:", "frame-ancestors 'none'", "base-uri 'none'",
                 "form-action 'self' https://checkout.stripe.com https://billing.stripe.com"):
        assert rule in policy.split("; ")
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers, "it means nothing over plain HTTP"
    for name in set(headers.keys()):
        assert len(headers.get_all(name)) == 1, name


def test_answers_of_the_api_are_neither_stored_nor_framed_nor_compressed(front):
    headers = front.get("/auth/user", Accept_Encoding="gzip").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Encoding" not in headers
    assert "Cross-Origin-Resource-Policy" not in headers, "other origins call the API"


def test_purser_may_set_its_own_cache_and_content_policy(front):
    answer = front.get("/auth/user?header=Cache-Control:max-age%3D60&header=Content-Security-Policy:default-src+x")
    assert answer.headers.get_all("Cache-Control") == ["max-age=60"]
    assert answer.headers.get_all("Content-Security-Policy") == ["default-src x"]


@pytest.mark.parametrize("path", ["/", "/nothing", "/auth/user", "/.problem"])
def test_shows_no_version(front, path):
    answer = front.get(path)
    assert answer.headers["Server"] == "nginx"
    assert b"nginx/" not in answer.body


def test_pages_are_asked_for_again_and_come_by_etag(front):
    first = front.get("/assets/app.js")
    assert first.headers["Cache-Control"] == "no-cache"
    again = front.get("/assets/app.js", If_None_Match=first.headers["ETag"])
    assert again.status == 304 and again.body == b""


def test_assets_are_compressed(front):
    answer = front.get("/assets/app.js", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"] == "application/javascript; charset=utf-8"


def test_serves_the_chart_library_of_debian(front):
    answer = front.get("/assets/vendor/chart.js")
    assert answer.status == 200 and b"Chart.js" in answer.body
    assert answer.headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize("path", [
    "/.secret", "/assets/.secret", "/.git/config", "/assets/../.secret", "/%2esecret", "/.problem", "/assets/",
    "/assets/vendor/../../../../etc/passwd%00.html", "/assets/vendor/chart.js/../../x",
])
def test_serves_no_hidden_file_no_folder_and_nothing_outside(front, path):
    answer = front.get(path)
    assert answer.status in (400, 404)
    assert b".secret</p>" not in answer.body


def test_an_unknown_page_gets_the_site_s_own_404(front):
    answer = front.get("/no/such/page")
    assert answer.status == 404
    assert answer.body.startswith(b"<p>404.html</p>")


@pytest.mark.parametrize("status", [400, 401, 404, 413, 429, 500, 502, 503])
def test_errors_of_purser_pass_untouched(front, status):
    answer = front.get(f"/auth/user?status={status}")
    assert answer.status == status
    assert "params" in answer.json


@pytest.mark.parametrize("name", ["X-Accel-Redirect", "X-Accel-Expires", "X-Accel-Limit-Rate", "X-Accel-Buffering"])
def test_an_answer_cannot_order_nginx_about(front, name):
    answer = front.get(f"/auth/user?header={name}:/index.html")
    assert "params" in answer.json
    assert name not in answer.headers


def expect_problem(answer, status, code):
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json
    assert body["status"] == status and body["code"] == code and body["type"] == "about:blank"
    assert body["error"] == body["detail"] != ""
    assert body["title"] and body["request_id"] == answer.headers["X-Request-Id"]
    for name in set(answer.headers.keys()):
        assert len(answer.headers.get_all(name)) == 1, name


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_purser_away_is_a_problem_with_a_time_to_retry(without_purser, method):
    answer = without_purser.ask(method, "/auth/user", b"{}" if method == "POST" else None)
    expect_problem(answer, 502, "unavailable")
    assert answer.headers["Retry-After"] == "2"


def test_the_site_stays_up_without_purser(without_purser):
    assert without_purser.get("/").status == 200


def test_purser_is_used_again_as_soon_as_it_is_back(front):
    front.purser_goes()
    assert front.get("/health").status == 502
    front.purser_comes()
    assert front.get("/health").status == 200


@pytest.mark.parametrize("path, limit", [
    ("/auth/login", 256 << 10), ("/api/v1/clicks", 256 << 10),
    ("/webhooks/stripe", 1 << 20), ("/api/webhooks/stripe", 1 << 20),
    ("/api/v1/usage/events", 1 << 20),
])
def test_takes_a_body_up_to_the_limit_of_its_path_and_refuses_more(front, path, limit):
    taken = front.ask("POST", path, b"x" * limit)
    assert taken.status == 200 and taken.json["body"] == limit
    expect_problem(front.ask("POST", path, b"x" * (limit + 1)), 413, "body_too_large")


def test_refuses_a_chunked_body_that_grows_too_large(front):
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    received = front.raw(
        b"POST /auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 8 + b"0\r\n\r\n"
    )
    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in received and b'"code":"body_too_large"' in received


@pytest.mark.parametrize("request_bytes, status, code", [
    (b"GET /auth/user HTTP/1.1\r\n\r\n", 400, "invalid_request"),
    (b"GET /auth/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "invalid_request"),
    (b"GET /auth/user HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 9000 + b"\r\n\r\n", 431, "headers_too_large"),
    (b"GET /auth/" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"),
    (b"TRACE /auth/user HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"),
    (b"POST /auth/user HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
     "invalid_request"),
])
def test_says_in_the_same_words_what_it_refuses_itself(front, request_bytes, status, code):
    received = front.raw(request_bytes.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n")).decode()
    assert received.startswith(f"HTTP/1.1 {status} ")
    assert "Content-Type: application/problem+json" in received
    assert f'"status":{status},' in received and f'"code":"{code}"' in received


def test_keeps_queries_and_keys_out_of_the_log(front):
    from conftest import wait_until

    front.get("/health?token=hunter2", Authorization="Bearer hunter3", Referer="http://x/?hunter4")
    front.get("/i/hunter6/pdf?hunter7")
    front.get("//i/hunter8")
    front.get("/end-of-log-test?hunter5")
    log = front.state / "log/access.log"
    text = wait_until(lambda: "/end-of-log-test" in log.read_text() and log.read_text())
    assert '"GET /health HTTP/1.1" 200' in text
    assert '"GET /i/* HTTP/1.1" 200' in text
    assert "hunter" not in text
