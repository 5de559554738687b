"""Stripe's form encoding: `line_items[0][price_data][currency]=usd` becomes nested dictionaries and lists."""

import re
from urllib.parse import unquote_to_bytes

from refusal import Violation

DEEPEST = 12
_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_STEP = re.compile(r"\[([^\[\]]*)\]")


def decode(raw):
    """Reads an ASCII form (bytes or str) into a tree whose leaves are strings.

    `a[]=x` makes a list. `a[0]=x` stays a dictionary with the key "0": whether it is meant as a list only the
    schema knows, and `plain` decides without one. Raises Violation on what Stripe could not read either.
    """
    text = raw.decode("ascii", "strict") if isinstance(raw, bytes) else raw
    tree = {}
    for pair in text.split("&"):
        if pair:
            key, _, value = pair.partition("=")
            _put(tree, _percent(key), _percent(value))
    return tree


def _percent(text):
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Violation("Invalid UTF-8 in the request.", None) from None


def _put(tree, key, value):
    match = _KEY.match(key)
    if not match:
        raise Violation(f"Invalid parameter name: {key}", key, "parameter_unknown")
    steps = [match.group(1), *_STEP.findall(match.group(2))]
    if len(steps) > DEEPEST:
        raise Violation(f"Parameter nested too deeply: {key}", key, "parameter_unknown")
    node = tree
    for step in steps[:-1] if steps[-1] else steps[:-2]:
        if step == "":
            raise Violation(f"Array elements need an index here: {key}", key, "parameter_unknown")
        node = node.setdefault(step, {})
        if not isinstance(node, dict):
            raise Violation(f"Parameter given both as a value and as an object: {key}", key)
    if steps[-1]:
        if steps[-1] in node:
            raise Violation(f"Received duplicate parameter: {key}", key)
        node[steps[-1]] = value
    else:
        values = node.setdefault(steps[-2], [])
        if not isinstance(values, list):
            raise Violation(f"Parameter given both with and without indexes: {key}", key)
        values.append(value)


def plain(tree):
    """The tree with every dictionary of keys 0, 1, 2 … turned into a list, in the order of the indexes."""
    if isinstance(tree, dict):
        if tree and set(tree) == {str(index) for index in range(len(tree))}:
            return [plain(tree[str(index)]) for index in range(len(tree))]
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    return tree
