"""Who may use which route: the whole matrix, generated from the table that `purser routes` prints.

Every route is asked by callers of every kind; what to expect follows from the route's row alone. A new route is in
here by itself; one with a new path parameter asks to be told what an account has under it.
"""

import json

import pytest
from people import Browser
from stack import Stack
from who_may import ONLY_403, House, rows

ROWS = list(rows())
COOKIES = [row for row in ROWS if row.takes_cookie]
UNSAFE = [row for row in COOKIES if row.method != "GET"]
AUTHENTICATED = [row for row in ROWS if row.kind not in ("open", "visitor", "signed")]
REFUSALS = {401: {"unauthorized", "missing_key", "invalid_key"},
            403: {"insufficient_scope", "insufficient_role", "forbidden", "suspended"}}


def ids(routes):
    return {"argvalues": routes, "ids": [str(row) for row in routes]}


@pytest.fixture(scope="module")
def house():
    with Stack(STRIPE_WEBHOOK_SECRET="whsec_x", LIMIT_UNKNOWN_KEYS="100000000") as stack:
        pid = stack.purser.pid
        made = House(stack)
        yield made
        assert stack.purser.poll() is None, pid
        assert "a request failed" not in stack.log
        assert stack.findings() == []


def problem(body):
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer.get("code") if isinstance(answer, dict) else None


def verdict(row, expected, answer):
    """What is wrong with an answer; None when it is as the row says."""
    status, headers, body = answer
    if status >= 500 and status != 503:
        return f"{status} {body[:200]}"
    if expected == "unsigned":
        return None if status in (400, 401, 403, 503) else f"{status} {body[:200]}"
    if expected == "admitted":
        # A body that cannot be read is 400, and only who was let in hears of it. A read may find nothing.
        if problem(body) in REFUSALS[401] | REFUSALS[403] and row.kind != "open":
            return f"refused: {status} {body[:200]}"
        if row.has_body and row.kind != "bodyKey" or row.method == "DELETE":
            return None if status == 400 else f"{status} instead of 400: {body[:200]}"
        return None if row.kind == "open" or status not in (401, 403) else f"{status} {body[:200]}"
    if row.path in ONLY_403:
        told = json.loads(body)
        return None if status == 403 and not told.get("allowed") and told["code"] in REFUSALS[expected] else body
    if status != expected or problem(body) not in REFUSALS[expected]:
        return f"{status} instead of {expected}: {body[:200]}"
    return None


@pytest.mark.parametrize("row", **ids(ROWS))
def test_every_caller_gets_what_the_row_says(house, row):
    wrong = {}
    for caller in house.callers:
        if fault := verdict(row, caller.expected(row), house.knock(row, caller)):
            wrong[caller.name] = fault
    assert wrong == {}


@pytest.mark.parametrize("row", **ids([row for row in ROWS if row.kind in ("key", "appKey", "operatorKey")]))
def test_a_key_in_the_other_header_is_the_same_key(house, row):
    for caller in house.callers:
        if not caller.key:
            continue
        headers = {"X-API-Key": caller.key, **({"Content-Type": "application/json"} if row.has_body else {})}
        answer = house.send(row.method, house.target(row), b"{" if row.has_body else None, headers)
        assert verdict(row, caller.expected(row), answer) is None, caller.name


@pytest.mark.parametrize("row", **ids([row for row in ROWS if row.kind == "bodyKey"]))
def test_a_key_belongs_into_the_body_where_the_row_says_so(house, row):
    headers = {"Authorization": f"Bearer {house.full['api_key']}", "Content-Type": "application/json"}
    expected = 403 if row.path in ONLY_403 else 401
    assert house.send(row.method, house.target(row), b"{}", headers)[0] == expected


# ---- other sites


FOREIGN = [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    {"Origin": "OWN", "Sec-Fetch-Site": "cross-site"}, {"Origin": "OWN.evil.example"}, {"Origin": ""},
]
CONTENT = {
    "application/json": b"{}", "application/x-www-form-urlencoded": b"role=owner&email=x%40example.com",
    "text/plain": b'{"role":"owner"}', "multipart/form-data; boundary=x": b"--x\r\n\r\n--x--\r\n", None: b"",
}


@pytest.mark.parametrize("row", **ids(UNSAFE))
def test_no_page_of_another_site_can_use_a_cookie(house, row):
    """Whatever it can send without being asked first, and whoever is signed in."""
    callers = {caller.name: caller for caller in house.callers}
    caller = callers["an operator" if row.kind == "operatorSession" else "the owner"]
    for foreign in FOREIGN:
        foreign = {name: value.replace("OWN", house.stack.url) for name, value in foreign.items()}
        for kind, content in CONTENT.items():
            headers = {"Cookie": caller.cookie, **foreign, **({"Content-Type": kind} if kind else {})}
            status, shown, body = house.send(row.method, house.target(row), content, headers)
            assert (status, problem(body)) == (403, "cross_origin"), (foreign, kind, status, body[:200])
            assert "Access-Control-Allow-Origin" not in shown


@pytest.mark.parametrize("row", **ids([row for row in UNSAFE if row.has_body]))
def test_a_form_of_our_own_page_is_no_request_either(house, row):
    callers = {caller.name: caller for caller in house.callers}
    caller = callers["an operator" if row.kind == "operatorSession" else "the owner"]
    for kind, content in CONTENT.items():
        if kind in ("application/json", None) or row.takes_forms and "urlencoded" in kind:
            continue
        headers = {"Cookie": caller.cookie, "Origin": house.stack.url, "Content-Type": kind}
        status, _, body = house.send(row.method, house.target(row), content, headers)
        assert (status, problem(body)) == (415, "unsupported_media_type"), (kind, status, body[:200])


@pytest.mark.parametrize("row", **ids(COOKIES))
def test_no_other_site_reads_what_a_cookie_opens(house, row):
    callers = {caller.name: caller for caller in house.callers}
    caller = callers["an operator" if row.kind == "operatorSession" else "the owner"]
    for origin in ("https://evil.example", "null"):
        _, headers, _ = house.knock(row, caller, Origin=origin)
        assert "Access-Control-Allow-Origin" not in headers
        asked = {"Origin": origin, "Access-Control-Request-Method": row.method,
                 "Access-Control-Request-Headers": "content-type"}
        _, headers, _ = house.send("OPTIONS", house.target(row), None, asked)
        assert headers.get("Access-Control-Allow-Credentials") is None
        allowed = headers.get("Access-Control-Allow-Methods", "")
        assert row.method not in allowed.split(", "), headers


# ---- the neighbour


@pytest.mark.parametrize("row", **ids(AUTHENTICATED))
def test_an_outsider_reaches_nothing_of_the_first_account(house, row):
    """Owner of an account, with keys that may everything, and with all the right ids of the first one's things."""
    house.settle()
    before = house.snapshot()
    # A fresh session each time: some routes end it.
    outsider = Browser(house.stack).sign_in(house.outsider.email, api_key=house.outsider.user["api_key"])
    body = None
    headers = {"Origin": house.stack.url, "Cookie": outsider.cookie}
    if row.kind in ("key", "operatorKey"):
        headers = {"Authorization": f"Bearer {house.outsider.user['api_key']}"}
    if row.kind == "appKey":
        headers = {"Authorization": f"Bearer {house.outsider_key}"}
    if row.has_body:
        fields = house.valid_body(row)
        if row.kind == "bodyKey":
            headers, fields["api_key"] = {}, house.outsider.user["api_key"]
        headers["Content-Type"], body = "application/json", json.dumps(fields).encode()
    target = house.target(row) + ("" if row.has_body else house.query(row))
    status, _, answer = house.send(row.method, target, body, headers)
    assert status < 500 or status == 503, answer[:300]
    if row.kind.startswith("operator"):
        assert status == 403, answer[:300]
    elif row.has_parameter:
        assert status in (400, 403, 404), f"{status}: {answer[:300]}"
        if status == 400:
            assert problem(answer) != "invalid_json", "the body must be one that the route takes"
    assert house.leaks(answer) == [], answer[:500]
    # What the caller typed in may be theirs to do, such as asking the first account's owner into their own.
    after = house.snapshot()
    changed = {table: (before[table], after[table]) for table in before if before[table] != after[table]}
    assert changed == {}


def test_the_neighbour_test_can_fail(house):
    """The owner of the things sees and changes them by the same requests."""
    row = next(row for row in ROWS if str(row) == "GET /api/v1/members")
    owner = next(caller for caller in house.callers if caller.name == "the owner")
    status, _, answer = house.knock(row, owner)
    assert status == 200 and house.leaks(answer)
    before = house.snapshot()
    answer = house.owner.patch(f"/api/v1/members/{house.things['member']}", {"role": "billing"})
    assert answer.status == 200 and house.snapshot() != before
    assert house.owner.patch(f"/api/v1/members/{house.things['member']}", {"role": "viewer"}).status == 200
