"""What tests ask of the double beside Stripe's API, under /_sandbox. Bodies and answers are JSON."""

import re

import faults
from acts import ACTS
from objects import checkout
from refusal import Refusal, bad, only
from world import shown


def answer(double, method, path, query, body):
    """The JSON answer; refuses 404 where there is no such control."""
    for known, pattern, control in _CONTROLS:
        match = re.fullmatch(pattern, path) if known == method else None
        if match:
            return control(double, body, query, *match.groups())
    raise Refusal(404, f"No such control: {method} {path}")


def _about(double, body, query):
    return {"schema": double.schema.version if double.schema else None, "seed": double.world.state["seed"],
            "now": double.world.now(), "faults": faults.KINDS}


def _violations(double, body, query):
    return {"violations": double.journal.seen("violations"), "own_faults": double.journal.seen("own_faults")}


def _requests(double, body, query):
    return {"requests": double.journal.seen("requests")}


def _forget(double, body, query):
    double.journal.clear()
    return {}


def _faults(double, body, query):
    return {"faults": double.faults.planned()}


def _plan_fault(double, body, query):
    double.faults.add(**only(body, "path_prefix", "kind", "times", "delay", "method", "skip"))
    return _faults(double, body, query)


def _clear_faults(double, body, query):
    double.faults.clear()
    return {}


def _deliveries(double, body, query):
    """`?settle=5` first waits up to five seconds until nothing is pending."""
    seconds = float(query.get("settle", 0))
    settled = double.deliveries.settle(seconds)
    with double.world.lock:
        return {"settled": settled, "deliveries": list(double.deliveries.log),
                "pending": [dict(entry) for entry in double.world.state["pending"]], "hold": double.deliveries.hold,
                "order": double.deliveries.order, "drop": double.deliveries.dropping}


def _set_deliveries(double, body, query):
    """`{"drop": ["charge.*"]}` keeps such events from ever being sent, until `{"drop": []}`."""
    given = only(body, "order", "duplicates", "twins", "hold", "drop")
    if given.get("order") not in (None, "created", "reverse", "shuffle"):
        raise bad("The order is created, reverse or shuffle.", "order")
    double.deliveries.set(**given)
    return _deliveries(double, body, query)


def _resend(double, body, query, id):
    event = double.world.find("event", id)
    double.deliveries.resend(event)
    return shown(event)


def _advance(double, body, query):
    """Moves the clock ahead by whole seconds. Signatures keep to the real time."""
    with double.world.change():
        double.world.state["ahead"] += int(body.get("advance", 0))
        for id in list(double.world.table("checkout.session")):
            checkout.find(double.world, id)
    return {"now": double.world.now()}


def _put(double, body, query):
    """Keeps an object as it is given, whether or not Stripe could have made it; it stands in for one that it had."""
    with double.world.change():
        return shown(double.world.add(body))


def _save(double, body, query):
    """Writes the state now rather than within the next moments."""
    double.world.save()
    return {}


def _meter_events(double, body, query):
    """Every meter event; `error` says why Stripe would not have counted it."""
    with double.world.lock:
        return {"meter_events": [{**shown(event), "meter": event["_meter"], "error": event["_error"]}
                                 for event in double.world.table("billing.meter_event").values()]}


_CONTROLS = [
    ("GET", r"/_sandbox", _about),
    ("GET", r"/_sandbox/violations", _violations),
    ("GET", r"/_sandbox/requests", _requests),
    ("DELETE", r"/_sandbox/requests", _forget),
    ("GET", r"/_sandbox/faults", _faults),
    ("POST", r"/_sandbox/faults", _plan_fault),
    ("DELETE", r"/_sandbox/faults", _clear_faults),
    ("GET", r"/_sandbox/deliveries", _deliveries),
    ("POST", r"/_sandbox/deliveries", _set_deliveries),
    ("POST", r"/_sandbox/events/([^/]+)/resend", _resend),
    ("POST", r"/_sandbox/clock", _advance),
    ("POST", r"/_sandbox/objects", _put),
    ("POST", r"/_sandbox/save", _save),
    ("GET", r"/_sandbox/meter_events", _meter_events),
    *ACTS,
]
