"""Stripe's lists: newest first, a page at a time; and `expand`, which puts objects where their ids stand."""

from refusal import bad, missing
from values import table, whole
from world import shown

_PREFIXES = {"cus_": "customer", "pi_": "payment_intent", "ch_": "charge", "pm_": "payment_method", "in_": "invoice",
             "sub_": "subscription", "prod_": "product", "price_": "price", "re_": "refund", "seti_": "setup_intent",
             "cs_test_": "checkout.session", "txn_": "balance_transaction", "du_": "dispute", "po_": "payout"}


def page(call, things, url):
    """One page of `things`, which come oldest first.

    `limit` is 1 to 100, 10 unless given. `starting_after` gives what follows that id in the list (older objects);
    `ending_before` the page just before it (newer ones). `created` takes a second or gt, gte, lt, lte.
    """
    limit = whole(call.params, "limit", 10, least=1)
    if limit > 100:
        raise bad("This value must be less than or equal to 100.", "limit", "parameter_invalid_integer")
    things = list(things)
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after and before:
        raise bad("You may only specify one of these parameters: ending_before, starting_after.", "ending_before")
    found = [thing for thing in reversed(things) if _created(call, thing)]
    if before:
        found = _beside(call, found, things, before, "ending_before", 1)
        chosen, more = found[-limit:], len(found) > limit
    else:
        found = _beside(call, found, things, after, "starting_after", -1) if after else found
        chosen, more = found[:limit], len(found) > limit
    return {"object": "list", "data": [shown(thing) for thing in chosen], "has_more": more, "url": url}


def _beside(call, found, things, id, param, side):
    """What lies newer (side 1) or older (side -1) than the object `id`, which itself need not be among those found."""
    if not found:
        return found
    everything = list(call.world.table(things[0]["object"]).values()) or things
    place = {thing["id"]: number for number, thing in enumerate(everything)}
    if id not in place:
        raise missing(things[0]["object"], id, param)
    return [thing for thing in found if (place[thing["id"]] - place[id]) * side > 0]


def _created(call, thing):
    bounds = call.params.get("created")
    if not bounds or "created" not in thing:
        return True
    at = thing["created"]
    if isinstance(bounds, str):
        return at == whole(call.params, "created")
    bounds = table(call.params, "created")
    far = 10**17
    return (whole(bounds, "gt", -far) < at < whole(bounds, "lt", far)
            and whole(bounds, "gte", -far) <= at <= whole(bounds, "lte", far))


def expand(world, answer, paths):
    """Replaces ids by their objects, for paths such as `latest_charge` or `data.customer`."""
    for path in paths:
        _expand(world, answer, path.split("."), path)
    return answer


def _expand(world, node, steps, path):
    if isinstance(node, list):
        for entry in node:
            _expand(world, entry, steps, path)
        return
    name, rest = steps[0], steps[1:]
    if node.get("object") == "checkout.session" and name == "line_items":
        lines = world.table("checkout.session")[node["id"]]["_lines"]
        node[name] = {"object": "list", "data": shown(lines), "has_more": False,
                      "url": f"/v1/checkout/sessions/{node['id']}/line_items"}
    if name not in node:
        raise bad(f"This property cannot be expanded ({path}).", "expand")
    value = node[name]
    if isinstance(value, str):
        kind = next((kind for prefix, kind in _PREFIXES.items() if value.startswith(prefix)), None)
        found = world.table(kind).get(value) if kind else None
        if found is None:
            raise bad(f"This property cannot be expanded ({path}).", "expand")
        value = node[name] = shown(found)
    if rest and value is not None:
        _expand(world, value, rest, path)
