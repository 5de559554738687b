"""Checks requests and the double's own answers against Stripe's published OpenAPI document (spec3.json)."""

import json
import re

from refusal import Violation

_INTEGER = re.compile(r"^-?[0-9]+$")
_DECIMAL = re.compile(r"^-?[0-9]+(\.[0-9]{1,12})?$")
_CURRENCY = re.compile(r"^[A-Za-z]{3}$")
_FORM = "application/x-www-form-urlencoded"


class Schema:
    """The document, asked by method and path template (`POST`, `/v1/customers/{customer}`)."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        self.version = document["info"]["version"]
        self._paths = {_anonymous(path): operations for path, operations in document["paths"].items()}
        self._parts = document["components"]["schemas"]
        self._params = {}

    def check_request(self, method, template, tree):
        """Raises Violation on the first mistake in a decoded form."""
        schema = self._request(method, template)
        creating = method == "POST" and not template.endswith("}")
        _check(tree, schema, "", creating)

    def _request(self, method, template):
        known = self._params.get((method, template))
        if known is None:
            operation = self._operation(method, template)
            if method == "GET":
                query = [entry for entry in operation.get("parameters", []) if entry["in"] == "query"]
                known = {"type": "object", "properties": {entry["name"]: entry["schema"] for entry in query},
                         "required": [entry["name"] for entry in query if entry.get("required")]}
            else:
                body = operation.get("requestBody", {}).get("content", {})
                known = body.get(_FORM, {}).get("schema", {"type": "object"})
            self._params[method, template] = known
        return known

    def _operation(self, method, template):
        return self._paths.get(_anonymous(template), {}).get(method.lower(), {})

    def answer_faults(self, method, template, body):
        """What is wrong with the double's own answer, as sentences; none when it has Stripe's shape."""
        responses = self._operation(method, template).get("responses", {})
        schema = responses.get("200", {}).get("content", {}).get("application/json", {}).get("schema")
        return list(self._differences(body, schema, "answer")) if schema else []

    def object_faults(self, body):
        """The same for one object on its own, such as the `data.object` of an event."""
        schema = self._parts.get(body.get("object"))
        return list(self._differences(body, schema, body.get("object"))) if schema else []

    def _differences(self, value, schema, where):
        if "$ref" in schema:
            schema = self._parts[schema["$ref"].rsplit("/", 1)[1]]
        if value is None:
            if not schema.get("nullable"):
                yield f"{where}: null is not allowed"
        elif "anyOf" in schema:
            tries = [list(self._differences(value, choice, where)) for choice in schema["anyOf"]]
            if all(tries):
                yield from min(tries, key=len)
        elif schema.get("type") == "object":
            yield from self._object_differences(value, schema, where)
        elif schema.get("type") == "array":
            if not isinstance(value, list):
                yield f"{where}: not an array"
            else:
                for index, entry in enumerate(value):
                    yield from self._differences(entry, schema["items"], f"{where}[{index}]")
        else:
            yield from _leaf_differences(value, schema, where)

    def _object_differences(self, value, schema, where):
        if not isinstance(value, dict):
            yield f"{where}: not an object"
            return
        properties = schema.get("properties", {})
        for key in schema.get("required", []):
            if key not in value:
                yield f"{where}.{key}: missing"
        for key, entry in value.items():
            if key in properties:
                yield from self._differences(entry, properties[key], f"{where}.{key}")
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from self._differences(entry, schema["additionalProperties"], f"{where}.{key}")
            elif properties:
                yield f"{where}.{key}: unknown"


def _anonymous(template):
    """The template without the names of its parameters: they may differ from the document's."""
    return re.sub(r"\{[^}]*\}", "{}", template)


def _leaf_differences(value, schema, where):
    kinds = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
    kind = kinds.get(schema.get("type"))
    if kind and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
        yield f"{where}: {value!r} is not a {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"


def _check(value, schema, name, creating):
    if "anyOf" in schema:
        _check_any(value, schema["anyOf"], name, creating)
    elif schema.get("type") == "object":
        _check_object(value, schema, name, creating)
    elif schema.get("type") == "array":
        _check_array(value, schema, name, creating)
    else:
        _check_leaf(value, schema, name, creating)


def _check_any(value, choices, name, creating):
    problems = []
    for choice in choices:
        try:
            return _check(value, choice, name, creating)
        except Violation as problem:
            problems.append((_alike(value, choice), len(problem.param or ""), problem))
    # The mistake to report is the one of the alternative that the value was meant for.
    raise max(problems, key=lambda entry: entry[:2])[2]


def _alike(value, choice):
    if isinstance(value, str):
        return choice.get("type") not in ("object", "array") and choice.get("enum") != [""]
    return choice.get("type") in ("object", "array")


def _check_object(value, schema, name, creating):
    if not isinstance(value, dict):
        raise Violation("Invalid object", name)
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    for key, entry in value.items():
        inner = f"{name}[{key}]" if name else key
        if key in properties:
            _check(entry, properties[key], inner, creating)
        elif isinstance(others, dict):
            _check(entry, others, inner, False)
        else:
            raise Violation(f"Received unknown parameter: {inner}", inner, "parameter_unknown")
    for key in schema.get("required", []):
        if key not in value:
            inner = f"{name}[{key}]" if name else key
            raise Violation(f"Missing required param: {inner}.", inner, "parameter_missing")


def _check_array(value, schema, name, creating):
    if isinstance(value, dict):
        if set(value) != {str(index) for index in range(len(value))}:
            raise Violation(f"Invalid array: the indexes of {name} must be 0, 1, 2 and so on.", name)
        value = [value[str(index)] for index in range(len(value))]
    if not isinstance(value, list):
        raise Violation("Invalid array", name)
    for index, entry in enumerate(value):
        _check(entry, schema["items"], f"{name}[{index}]", creating)


def _check_leaf(value, schema, name, creating):
    kind, form = schema.get("type"), schema.get("format")
    if not isinstance(value, str):
        raise Violation(f"Invalid {kind}: {name} cannot be an object or an array.", name)
    if "enum" in schema:
        if value not in schema["enum"]:
            choices = ", ".join(choice for choice in schema["enum"] if choice)
            raise Violation(f"Invalid {name}: must be one of {choices}", name)
    elif value == "" and (creating or kind != "string"):
        raise Violation(f"You passed an empty string for '{name}'. Leave it out, or give it a value.", name,
                        "parameter_invalid_empty")
    elif kind == "integer" and not _INTEGER.match(value):
        raise Violation(f"Invalid integer: {value}", name, "parameter_invalid_integer")
    elif kind == "boolean" and value not in ("true", "false"):
        raise Violation(f"Invalid boolean: {value}", name)
    elif (kind == "number" or form == "decimal") and value and not _DECIMAL.match(value):
        raise Violation(f"Invalid decimal: {value}", name)
    elif form == "currency" and value and not _CURRENCY.match(value):
        raise Violation(f"Invalid currency: {value}", name)
    if len(value) > schema.get("maxLength", len(value)):
        raise Violation(f"Invalid string: {value[:10]}…; must be at most {schema['maxLength']} characters", name,
                        "parameter_invalid_string")
