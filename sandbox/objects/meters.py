"""Billing meters and the sums they keep: https://docs.stripe.com/api/billing/meter"""

from decimal import Decimal

from lists import page
from refusal import bad
from values import table, text, whole


def create(call):
    world, params = call.world, call.params
    name = text(params, "event_name")
    if active(world, name):
        raise bad(f"There is already an active meter with the event name {name}.", "event_name")
    now = world.now()
    meter = world.add({
        "id": world.new_id("mtr_test_"), "object": "billing.meter", "created": now,
        "customer_mapping": {
            "event_payload_key": text(table(params, "customer_mapping"), "event_payload_key") or "stripe_customer_id",
            "type": "by_id"},
        "default_aggregation": {"formula": text(table(params, "default_aggregation"), "formula")},
        "display_name": text(params, "display_name"), "event_name": name,
        "event_time_window": text(params, "event_time_window"), "livemode": False, "status": "active",
        "status_transitions": {"deactivated_at": None}, "updated": now,
        "value_settings": {
            "event_payload_key": text(table(params, "value_settings"), "event_payload_key") or "value"}})
    world.emit("billing.meter.created", meter)
    return meter


def active(world, event_name):
    """The active meter that counts events of this name, or None."""
    return next((meter for meter in world.table("billing.meter").values()
                 if meter["event_name"] == event_name and meter["status"] == "active"), None)


def retrieve(call):
    return call.world.find("billing.meter", call.path["id"])


def update(call):
    meter = retrieve(call)
    if text(call.params, "display_name"):
        before = {"display_name": meter["display_name"]}
        meter.update(display_name=text(call.params, "display_name"), updated=call.world.now())
        call.world.emit("billing.meter.updated", meter, before)
    return meter


def deactivate(call):
    return _turn(call, "inactive", "billing.meter.deactivated")


def reactivate(call):
    meter = retrieve(call)
    if meter["status"] == "inactive" and active(call.world, meter["event_name"]):
        raise bad(f"There is already an active meter with the event name {meter['event_name']}.", "event_name")
    return _turn(call, "active", "billing.meter.reactivated")


def _turn(call, status, event):
    meter = retrieve(call)
    if meter["status"] == status:
        raise bad(f"This meter is already {status}.")
    now = call.world.now()
    meter.update(status=status, updated=now,
                 status_transitions={"deactivated_at": now if status == "inactive" else None})
    call.world.emit(event, meter)
    return meter


def list_all(call):
    status = text(call.params, "status")
    things = [meter for meter in call.world.table("billing.meter").values() if status in (None, meter["status"])]
    return page(call, things, "/v1/billing/meters")


def summaries(call):
    """What one customer used between two times, seconds, `end_time` not included: one summary for the whole span."""
    world, params = call.world, call.params
    meter = retrieve(call)
    start, end = whole(params, "start_time", 0), whole(params, "end_time", 0)
    if start % 60 or end % 60:
        raise bad("Start and end time must lie on whole minutes.", "start_time" if start % 60 else "end_time")
    if end <= start:
        raise bad("The end time must be later than the start time.", "end_time")
    total = usage(world, meter, text(params, "customer"), start, end)
    found = [] if total is None else [{
        "id": f"mtrusg_test_{meter['id'][-8:]}{start}", "object": "billing.meter_event_summary",
        "aggregated_value": float(total), "end_time": end, "livemode": False, "meter": meter["id"],
        "start_time": start}]
    return page(call, found, f"/v1/billing/meters/{meter['id']}/event_summaries")


def usage(world, meter, customer, start=0, end=10**12):
    """The aggregate as a Decimal, or None without any event."""
    values = [Decimal(event["payload"][meter["value_settings"]["event_payload_key"]])
              for event in world.table("billing.meter_event").values()
              if event["_meter"] == meter["id"] and not event["_error"] and start <= event["timestamp"] < end
              and event["payload"][meter["customer_mapping"]["event_payload_key"]] == customer]
    if not values:
        return None
    formula = meter["default_aggregation"]["formula"]
    return {"sum": sum(values), "count": Decimal(len(values)), "last": values[-1]}[formula]
