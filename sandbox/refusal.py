"""Errors in the shape of Stripe's API: a status and one `error` object."""


class Refusal(Exception):
    """A request that is answered with an error.

    `type` is one of Stripe's four: api_error, card_error, idempotency_error, invalid_request_error.
    `extra` holds further members of the error object, such as decline_code.
    """

    def __init__(self, status, message, *, type="invalid_request_error", code=None, param=None, **extra):
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        error = {"type": type, "message": message, "code": code, "param": param, **extra}
        if code:
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        self.body = {"error": {key: value for key, value in error.items() if value is not None}}


class Violation(Refusal):
    """A request that Stripe's published schema does not allow. Tests assert that there were none."""

    def __init__(self, message, param, code=None):
        super().__init__(400, message, code=code, param=param)


def bad(message, param=None, code=None):
    """A well-formed request that Stripe would still refuse."""
    return Refusal(400, message, code=code, param=param)


def only(body, *names):
    """The members of a control's body; refuses those it does not know."""
    unknown = set(body) - set(names)
    if unknown:
        raise bad(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(names)}.")
    return body


def missing(kind, id, param, status=400):
    """An id that names nothing: 404 for the id in the path, 400 for one among the parameters."""
    return Refusal(status, f"No such {kind}: '{id}'", code="resource_missing", param=param)


def declined(code="card_declined", decline_code="generic_decline", message="Your card was declined.", **extra):
    """A card that its issuer turns down: 402."""
    return Refusal(402, message, type="card_error", code=code, decline_code=decline_code, **extra)
