"""The way of one call to /v1: fault, authenticate, route, decode, check, look up the key, do it, keep, answer."""

import base64
import hmac
import json
import sys
import traceback
from dataclasses import dataclass

import faults
import form
import idempotency
import routes
from lists import expand
from refusal import Refusal, Violation, bad
from values import rows
from world import API_VERSION, shown

_FORM = "application/x-www-form-urlencoded"


@dataclass
class Call:
    """One call as a resource sees it: `params` from query or form, `path` the names in the path."""

    world: object
    params: dict
    path: dict
    base: str


@dataclass
class Answer:
    """`body` None means that the connection is closed without an answer."""

    status: int
    body: bytes | None
    headers: dict


def answer(double, method, path, query, headers, raw):
    """Answers one call. `query` is the raw query string, `raw` the body's bytes."""
    request = double.journal.request(
        id=f"req_{double.next_request():014d}", method=method, path=path, params=None,
        idempotency_key=headers.get("Idempotency-Key"), stripe_version=headers.get("Stripe-Version"), status=None,
        replayed=False, fault=None)
    fault = double.faults.take(method, path)
    kind = request["fault"] = fault["kind"] if fault else None
    early = _before(double, fault, request) if fault else None
    given = early or _answered(double, request, query, headers, raw, kind == "500_after_commit")
    if kind == "timeout_after_commit":
        double.faults.pause(fault["delay"] or 60)
        given = Answer(0, None, {})
    request["status"] = given.status or None
    return given


def _before(double, fault, request):
    """What a fault does in place of the call, or None to go on."""
    kind, delay = fault["kind"], fault["delay"]
    if kind == "slow":
        double.faults.pause(delay or 1)
    if kind == "hang":
        double.faults.pause(delay or 60)
    if kind in ("hang", "close"):
        return Answer(0, None, {})
    if kind == "garbage":
        return Answer(200, b"<html>not what you asked for", {"Content-Type": "text/html"})
    refused = faults.refusal(kind)
    if refused and kind != "500_after_commit":
        return _json(refused.status, refused.body, request, faults.retry_after(fault))
    return None


def _answered(double, request, query, headers, raw, break_after):
    method, path = request["method"], request["path"]
    try:
        _authenticate(double, headers)
        found = routes.find(method, path)
        if found is None:
            raise Refusal(404, f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or "
                               f"we can help at https://support.stripe.com/.")
        template, names, function = found
        tree = _decode(method, query, headers, raw)
        request["params"] = form.plain(tree)
        _check(double, request, method, template, tree)
        return _done(double, request, method, template, names, function, tree, break_after)
    except Violation as refused:
        double.journal.violation(request, refused)
        return _json(refused.status, refused.body, request, {})
    except Refusal as refused:
        extra = {"WWW-Authenticate": 'Basic realm="Stripe"'} if refused.status == 401 else {}
        return _json(refused.status, refused.body, request, extra)


def _authenticate(double, headers):
    kind, _, given = headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode("utf-8").partition(":")[0]
        except ValueError:
            given = ""
    if kind.lower() not in ("basic", "bearer") or not given:
        raise Refusal(401, "You did not provide an API key. You need to provide your API key in the Authorization "
                           "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').")
    if not hmac.compare_digest(given.strip().encode(), double.secret_key.encode()):
        raise Refusal(401, f"Invalid API Key provided: {given[:8]}****{given[-4:]}")


def _decode(method, query, headers, raw):
    if method != "POST":
        return form.decode(query if not raw else f"{query}&{raw.decode('ascii', 'replace')}")
    kind = headers.get("Content-Type", _FORM).partition(";")[0].strip().lower()
    if raw and kind != _FORM:
        raise Violation(f"Invalid request: the content type must be {_FORM}, not {kind}.", None)
    if query:
        raise Violation("Parameters of a POST belong in its body, not in the query string.", None)
    try:
        return form.decode(raw)
    except UnicodeDecodeError:
        raise Violation("The form must be percent-encoded ASCII.", None) from None


def _check(double, request, method, template, tree):
    if double.schema:
        double.schema.check_request(method, template, tree)
    if double.strict and not request["stripe_version"]:
        # Stripe takes the account's default then; that a client leaves it to chance is only noted.
        double.journal.violation(request, Violation("No Stripe-Version header was sent.", "Stripe-Version"))


def _done(double, request, method, template, names, function, tree, break_after):
    """Does the call, or finds that it has been done under this key."""
    world, path = double.world, request["path"]
    key = request["idempotency_key"] if method == "POST" else None
    with world.change(request["id"], key):
        kept = idempotency.saved(world, key, path, tree)
        if kept:
            request["replayed"] = True
            return _json(kept["status"], kept["body"], request, {
                "Idempotency-Key": key, "Idempotent-Replayed": "true", "Original-Request": kept["request"]})
        status, body = _result(double, request, names, function)
        if break_after:
            refused = faults.refusal("500_after_commit")
            status, body = refused.status, refused.body
        idempotency.keep(world, key, path, tree, status, body, request["id"])
    if status == 200 and double.schema:
        for sentence in double.schema.answer_faults(method, template, body):
            double.journal.own_fault(f"{method} {template}", sentence)
    return _json(status, body, request, {"Idempotency-Key": key, "Original-Request": request["id"]} if key else {})


def _result(double, request, names, function):
    call = Call(double.world, request["params"], names, double.base)
    try:
        if not isinstance(call.params, dict):
            raise bad("Invalid request.")
        body = shown(function(call))
        return 200, expand(double.world, body, rows(call.params, "expand"))
    except Refusal as refused:
        return refused.status, refused.body
    except Exception:
        traceback.print_exc(file=sys.stderr)
        double.journal.own_fault(f"{request['method']} {request['path']}", traceback.format_exc(limit=-1))
        return 500, Refusal(500, "The sandbox broke. Its log says where.", type="api_error").body


def _json(status, body, request, headers):
    raw = json.dumps(body, indent=2, ensure_ascii=False).encode() + b"\n"
    # At 429 Retry-After says when.
    retry = {} if status < 400 or status == 429 else {
        "Stripe-Should-Retry": "true" if status in (409, 500) else "false"}
    return Answer(status, raw, {
        "Content-Type": "application/json", "Request-Id": request["id"], "Cache-Control": "no-cache, no-store",
        "Stripe-Version": request["stripe_version"] or API_VERSION, **retry, **headers})
