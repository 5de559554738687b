"""Meter events, each counted once by its identifier: https://docs.stripe.com/api/billing/meter-event"""

import re

from objects import meters
from refusal import bad
from values import table, text, whole

_DAY = 86_400
_NUMBER = re.compile(r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$")


def create(call):
    """Counts an event. Its time lies at most 35 days back and 5 minutes ahead.

    An identifier that was used within 24 hours is refused with 400 and, as Stripe does it, without a code: clients
    have only the message to go by. An unknown customer is accepted: Stripe finds out later and reports it in an event
    of its own; here the error is kept with the event, for `GET /_sandbox/meter_events`.
    """
    world, params = call.world, call.params
    name, now = text(params, "event_name"), world.now()
    identifier = text(params, "identifier") or world.new_id("mevt_")
    kept = world.table("billing.meter_event")
    if identifier in kept and kept[identifier]["created"] > now - _DAY:
        raise bad(f"An event already exists with identifier {identifier}.")
    meter = meters.active(world, name)
    if meter is None:
        raise bad(f"No active meter found for the event name {name}.", "event_name")
    payload = table(params, "payload")
    who = meter["customer_mapping"]["event_payload_key"]
    value = meter["value_settings"]["event_payload_key"]
    for key in (who, value):
        if not payload.get(key) and not (key == value and meter["default_aggregation"]["formula"] == "count"):
            raise bad(f"The payload must have the key {key}.", f"payload[{key}]", "parameter_missing")
    if value in payload and not _NUMBER.match(payload[value]):
        raise bad(f"The payload's value must be a number: {payload[value]}", f"payload[{value}]")
    at = whole(params, "timestamp", now)
    if at < now - 35 * _DAY:
        raise bad("The timestamp must lie within the past 35 days.", "timestamp", "timestamp_too_far_in_past")
    if at > now + 300:
        raise bad("The timestamp must be at most 5 minutes in the future.", "timestamp", "timestamp_in_future")
    known = payload[who] in world.table("customer")
    event = {"object": "billing.meter_event", "created": now, "event_name": name, "identifier": identifier,
             "livemode": False, "payload": {**payload, value: payload.get(value, "1")}, "timestamp": at,
             "_meter": meter["id"], "_error": None if known else "meter_event_customer_not_found"}
    if identifier in kept:
        old = kept.pop(identifier)
        kept[f"{identifier}/{old['created']}"] = old
    kept[identifier] = event
    return event
