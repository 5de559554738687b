"""Events, for catching up with what was not delivered: https://docs.stripe.com/api/events"""

from lists import page
from refusal import bad
from values import flag, rows, text


def retrieve(call):
    return call.world.find("event", call.path["id"])


def list_all(call):
    """Of the last 30 days. `delivery_success=false` gives those that some endpoint has not acknowledged."""
    type, types, delivered = text(call.params, "type"), rows(call.params, "types"), flag(call.params,
                                                                                        "delivery_success")
    if type and types:
        raise bad("You may only specify one of these parameters: type, types.", "type")
    oldest = call.world.now() - 30 * 86_400
    things = [event for event in call.world.table("event").values()
              if event["created"] >= oldest and matches(event["type"], [type] if type else types or ["*"])
              and delivered in (None, event["pending_webhooks"] == 0)]
    return page(call, things, "/v1/events")


def matches(type, wanted):
    """Whether an event type is among those wanted, of which `*` and `charge.*` stand for several."""
    return any(want in ("*", type) or (want.endswith(".*") and type.startswith(want[:-1])) for want in wanted)
