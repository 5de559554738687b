"""Answers kept under their Idempotency-Key: https://docs.stripe.com/api/idempotent_requests"""

import hashlib
import json

from refusal import Refusal

_KEPT_SECONDS = 86_400


def saved(world, key, path, tree):
    """The answer already given under this key, or None. Refuses a key that comes with another request."""
    if key is None:
        return None
    if not key or len(key) > 255:
        raise Refusal(400, "Idempotency keys must be between 1 and 255 characters.", type="idempotency_error")
    kept = world.state["idempotency"].get(key)
    if kept is None or kept["at"] <= world.now() - _KEPT_SECONDS:
        return None
    if kept["path"] != path:
        raise Refusal(400, f"Keys for idempotent requests can only be used for the same endpoint they were first used "
                           f"for ('{kept['path']}'). Try using a key other than '{key}' if you meant to execute a "
                           f"different request.", type="idempotency_error")
    if kept["digest"] != _digest(tree):
        raise Refusal(400, f"Keys for idempotent requests can only be used with the same parameters they were first "
                           f"used with. Try using a key other than '{key}' if you meant to execute a different "
                           f"request.", type="idempotency_error")
    return kept


def keep(world, key, path, tree, status, body, request_id):
    """Keeps an answer for a day, and lets go of those that are older."""
    if key is None:
        return
    now, answers = world.now(), world.state["idempotency"]
    # Answers are kept in the order they were given: the old ones come first.
    while answers and answers[oldest := next(iter(answers))]["at"] <= now - _KEPT_SECONDS:
        del answers[oldest]
    answers[key] = {"path": path, "digest": _digest(tree), "status": status, "body": body, "at": now,
                    "request": request_id}


def _digest(tree):
    return hashlib.sha256(json.dumps(tree, sort_keys=True).encode()).hexdigest()
