"""What strangers send: generated for every route of the table from the schemas that it publishes itself."""

import json
import re
import subprocess
from dataclasses import dataclass, field

from stack import purser_binary

# What no endpoint may write for a request that it refuses. Counts of calls (request_day) are written for those too.
TABLES = ["account", "person", "member", "api_key", "session", "ticket", "usage_event", "usage_month", "usage_day",
          "usage_total", "ledger_entry", "ledger_balance", "invoice", "invoice_line", "checkout", "payment",
          "payment_method", "charge_attempt", "dunning", "operator_setting", "idempotency_key", "stripe_event", "outbox", "audit_entry", "single_use_token", "invitation", "identity",
          "recovery_code", "app", "campaign", "campaign_day", "referral", "referral_click", "conversion", "reward",
          "fraud_flag", "notification", "notification_read", "budget", "webhook_endpoint", "webhook_message",
          "webhook_delivery"]


@dataclass
class Route:
    method: str
    path: str
    access: str
    body_limit: int
    schema: dict = field(default_factory=dict)
    # Whether a form will do as well as JSON.
    takes_forms: bool = False

    @property
    def target(self):
        """The path with its parameters filled in. What is deleted is nothing: the next test may need it."""
        return re.sub(r"\{\w+\}", "999999999" if self.method == "DELETE" else "1", self.path)

    @property
    def kind(self):
        """Whom it takes, without the scope or permission."""
        return self.access.partition("(")[0]

    @property
    def takes_cookie(self):
        return self.kind in ("visitor", "session", "person", "operatorSession")

    @property
    def has_body(self):
        return self.method in ("POST", "PUT", "PATCH")

    def __str__(self):
        return f"{self.method} {self.path}"


def table():
    """The routes that the network can reach."""
    lines = subprocess.run([purser_binary(), "routes"], capture_output=True, text=True, check=True).stdout.splitlines()
    document = json.loads(subprocess.run([purser_binary(), "openapi"], capture_output=True, check=True).stdout)
    routes = []
    for line in lines:
        method, path, _, access, _, _, limit = line.split("\t")
        if access == "shell":
            continue
        operation = document["paths"][path][method.lower()]
        content = operation.get("requestBody", {}).get("content", {})
        routes.append(Route(method, path, access, int(limit), content.get("application/json", {}).get("schema", {}),
                            "application/x-www-form-urlencoded" in content))
    return routes


def sample(schema, key="", serial=1):
    """A value that the schema allows, with every optional member."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: key if name == "api_key" else sample(part, key, serial)
                for name, part in schema.get("properties", {}).items()}
    if schema.get("format") == "email":
        return f"sample{serial}@example.com"
    if schema.get("format") == "password":
        return "a long walk at sea"
    if schema.get("format") == "date-time":
        return "2150-01-01T00:00:00Z"
    if schema.get("format") == "date":
        return "2150-01-01"
    if schema.get("pattern") == "^[A-Za-z]{3}$":
        return "usd"
    if schema.get("format") == "uri":
        return f"https://hooks.example/{serial}"
    if schema.get("pattern") == "^([A-Za-z]{2})?$":
        return "DE"
    length = max(schema.get("minLength", 0), 12)
    return {"array": [], "integer": 1, "number": 1, "boolean": True, "string": "x" * length}[kind]


class Literal:
    """JSON text that Python's encoder would not write."""

    def __init__(self, text):
        self.text = text


def encode(value):
    if isinstance(value, Literal):
        return value.text.encode()
    if isinstance(value, dict):
        return b"{" + b",".join(json.dumps(name).encode() + b":" + encode(part) for name, part in value.items()) + b"}"
    return json.dumps(value).encode()


def field_mutants(schema, valid):
    """Bodies in which one member is not what the schema says: (what, body)."""
    required = set(schema.get("required", []))
    for name, part in schema.get("properties", {}).items():
        if not part:
            # Anything goes.
            continue
        kind = part.get("type")
        wrong = {"an object": {}, "NUL": Literal('"a\\u0000b"')}
        if kind == "object" and not part.get("required"):
            del wrong["an object"]
        if kind != "array":
            wrong["a list"] = [1]
        if name in required:
            wrong["null"] = None
            yield f"{name} is missing", encode({other: value for other, value in valid.items() if other != name})
        if kind != "boolean":
            wrong["a boolean"] = True
        if kind != "string" or "enum" in part:
            wrong["another word"] = "no such thing"
            wrong["a number as text"] = "1"
        if kind in ("string", "boolean", "array"):
            wrong["a number"] = 7
        if kind in ("integer", "number"):
            for text in ("-1", "-0.01", "1e400", "-1e400", "-9223372036854775809"):
                wrong[text] = Literal(text)
        if kind == "integer":
            for text in ("1000000000000000000", "1e18", "9223372036854775807", "9223372036854775808", "1.5",
                         "1" * 400, "-9223372036854775808"):
                wrong[text[:24]] = Literal(text)
        if kind == "string" and "enum" not in part:
            if part.get("minLength", 0) > 0:
                wrong["empty"] = ""
            if "maxLength" in part:
                wrong["too long"] = "x" * (part["maxLength"] + 1)
            # Passwords are of any characters.
            if "maxLength" in part and part.get("format") != "password":
                wrong["a control character"] = "a\x1b[0m"
            if "pattern" in part:
                wrong |= {"markup": "<script>", "not ASCII": "é", "a line break": "a\nb"}
            wrong["half a surrogate pair"] = Literal('"\\ud800"')
        for what, value in wrong.items():
            yield f"{name} is {what}", encode(valid | {name: value})


def broken_bodies(valid):
    """Bodies that are not a JSON object in UTF-8, for any route: (what, body)."""
    text = json.dumps(valid).encode()
    inner = text[1:-1] + b"," if len(text) > 2 else b""

    def nested(depth, opening=b"[", closing=b"]"):
        return b"{" + inner + b'"deep":' + opening * depth + closing * depth + b"}"

    yield from {
        "empty": b" ", "an opening brace": b"{", "cut short": text[:-1], "followed by text": text + b"x",
        "twice": text + text, "a list": b"[]", "a list of it": b"[" + text + b"]", "null": b"null", "a word": b"true",
        "a string": b'"x"', "a number": b"1", "with a comma too many": b"{" + inner + b'"x":1,}',
        "with a comment": text + b"//", "with single quotes": b"{" + inner + b"'x':1}",
        "with NaN": b"{" + inner + b'"x":NaN}', "with Infinity": b"{" + inner + b'"x":-Infinity}',
        "with a leading zero": b"{" + inner + b'"x":01}', "with a plus": b"{" + inner + b'"x":+1}',
        "with a bare point": b"{" + inner + b'"x":1.}', "with hexadecimal": b"{" + inner + b'"x":0x10}',
        "with a name without quotes": b"{" + inner + b"x:1}", "with a raw line feed": b"{" + inner + b'"x":"a\nb"}',
        "with a wrong escape": b"{" + inner + b'"x":"\\x41"}', "with a raw NUL in text": b"{" + inner + b'"x":"a\0b"}',
        "with a raw NUL outside": text + b"\0", "with an escaped NUL": b"{" + inner + b'"x":"\\u0000"}',
        "with an escaped NUL in a name": b"{" + inner + b'"\\u0000":1}',
        "with half a surrogate pair": b"{" + inner + b'"x":"\\udc00"}',
        "with a stray byte": b"{" + inner + b'"x":"\xff"}', "with a stray byte in a name": b"{" + inner + b'"\xc3":1}',
        "overlong": b"{" + inner + b'"x":"\xc0\xaf"}',
        "with a surrogate in UTF-8": b"{" + inner + b'"x":"\xed\xa0\x80"}',
        "beyond Unicode": b"{" + inner + b'"x":"\xf4\x90\x80\x80"}',
        "in UTF-16": text.decode().encode("utf-16"), "in UTF-16 without a mark": text.decode().encode("utf-16-le"),
        "in UTF-32": text.decode().encode("utf-32"), "with a byte order mark": b"\xef\xbb\xbf" + text,
        "with a name twice": b"{" + inner + b'"x":1,"x":1}',
        "with a name twice, escaped": b"{" + inner + b'"x":1,"\\u0078":2}',
        "nested 33 deep": nested(32), "nested 500 deep": nested(500),
        "nested 500 deep in objects": nested(500, b'{"a":', b"}").replace(b":}", b":1}"),
        "nested 25000 deep and never closed": b"[" * 25_000,
    }.items()


def nested_as_deep_as_allowed(valid):
    """32 levels, the object itself counted."""
    return encode(valid | {"deep": Literal("[" * 31 + "]" * 31)})
