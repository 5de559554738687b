"""Reading the leaves of a decoded form. A leaf is text until a resource asks for something better."""

import re
from urllib.parse import urlsplit

from refusal import bad

_WHOLE = re.compile(r"^-?[0-9]{1,18}$")
# Currencies whose smallest unit is the unit itself (Stripe, "Zero-decimal currencies").
_ZERO_DECIMAL = {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf",
                 "xof", "xpf"}


def text(params, key):
    """The text under `key`, or None where it is absent or empty (Stripe reads an empty string as "unset")."""
    value = params.get(key)
    if value is not None and not isinstance(value, str):
        raise bad(f"Invalid string: {key}", key)
    return value or None


def whole(params, key, default=None, least=None, param=None):
    """The whole number under `key`; refuses anything else, and a number below `least`."""
    value = params.get(key)
    if value is None or value == "":
        return default
    param = param or key
    if not isinstance(value, str) or not _WHOLE.match(value):
        raise bad(f"Invalid integer: {value}", param, "parameter_invalid_integer")
    number = int(value)
    if least is not None and number < least:
        raise bad(f"This value must be greater than or equal to {least}.", param, "parameter_invalid_integer")
    return number


def flag(params, key, default=None):
    """The truth value under `key`."""
    value = params.get(key)
    if value is None or value == "":
        return default
    if value not in ("true", "false"):
        raise bad(f"Invalid boolean: {value}", key)
    return value == "true"


def table(params, key):
    """The object under `key`, or an empty one."""
    value = params.get(key) or {}
    if not isinstance(value, dict):
        raise bad("Invalid object", key)
    return value


def rows(params, key):
    """The list under `key`, or an empty one."""
    value = params.get(key) or []
    if not isinstance(value, list):
        raise bad("Invalid array", key)
    return value


def metadata(params, before=None):
    """The metadata after this request: keys are merged, an empty value removes its key, an empty object all.

    Stripe's bounds: 50 keys of at most 40 characters, values of at most 500.
    """
    given = params.get("metadata")
    if given is None:
        return dict(before or {})
    if given == "":
        return {}
    if isinstance(given, list):
        given = {str(index): value for index, value in enumerate(given)}
    merged = dict(before or {})
    for key, value in given.items():
        param = f"metadata[{key}]"
        if len(key) > 40:
            raise bad(f"Metadata keys must be at most 40 characters long: {key}", param)
        if len(value) > 500:
            raise bad("Metadata values must be at most 500 characters long.", param)
        if value == "":
            merged.pop(key, None)
        else:
            merged[key] = value
    if len(merged) > 50:
        raise bad("Metadata can have at most 50 keys.", "metadata")
    return merged


def address(params, key):
    """A web address a browser can be sent to, http or https."""
    value = text(params, key)
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in value):
        raise bad("Not a valid URL", key, "url_invalid")
    return value


def money(amount, currency):
    """An amount of minor units as people read it: (12345, "usd") is "123.45 USD"."""
    if currency in _ZERO_DECIMAL:
        return f"{amount:,} {currency.upper()}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100:,}.{abs(amount) % 100:02d} {currency.upper()}"
