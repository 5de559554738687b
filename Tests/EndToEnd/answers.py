"""What the tests say about answers again and again."""

PROBLEM = {"type", "title", "status", "detail", "error", "code", "request_id"}


def assert_problem(answer, status, sentence=None, code=None, members=()):
    """The one body of every error: RFC 9457's members, and those that older clients read."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json
    assert set(body) - {"errors"} == PROBLEM | set(members)
    assert (body["type"], body["status"], body["error"]) == ("about:blank", status, body["detail"])
    assert body["request_id"] == answer.headers["X-Request-Id"] != ""
    assert all(body[name] for name in ("title", "detail", "code"))
    if sentence:
        assert body["error"] == sentence
    if code:
        assert body["code"] == code
    return body


def usage(stack, key):
    return stack.get("/analytics/usage", key=key).json


def record(stack, key, backend="ionq_simulator", shots=1):
    answer = stack.post("/billing/record-usage", {"api_key": key, "backend": backend, "shots_executed": shots})
    assert answer.status == 200, answer
    return answer.json


def cookie(answer):
    """The cookie that an answer sets: name, value, and its attributes in lower case."""
    first, *rest = answer.headers["Set-Cookie"].split("; ")
    name, _, value = first.partition("=")
    return name, value, {part.lower() for part in rest}


def sign_in(stack, user):
    """The headers of a browser that has signed in by key."""
    answer = stack.post("/auth/login", {"email": user["email"], "api_key": user["api_key"]})
    assert answer.status == 200, answer
    name, value, _ = cookie(answer)
    return {"Cookie": f"{name}={value}"}
