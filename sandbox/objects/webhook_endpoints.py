"""Webhook endpoints, each with a secret of its own: https://docs.stripe.com/api/webhook_endpoints"""

from lists import page
from refusal import bad
from values import address, flag, metadata, rows, text
from world import shown

CONFIGURED = "we_configured"


def create(call):
    """Makes an endpoint. Its secret is in this answer and in no later one."""
    params = call.params
    if not rows(params, "enabled_events"):
        raise bad("Missing required param: enabled_events.", "enabled_events", "parameter_missing")
    endpoint = new(call.world, call.world.new_id("we_"), address(params, "url"), call.world.new_id("whsec_", 32),
                   rows(params, "enabled_events"), text(params, "api_version"), text(params, "description"),
                   metadata(params))
    return {**shown(endpoint), "secret": endpoint["_secrets"][0]}


def new(world, id, url, secret, types, version=None, description=None, kept=None):
    return world.add({
        "id": id, "object": "webhook_endpoint", "api_version": version, "application": None,
        "created": world.now(), "description": description, "enabled_events": types, "livemode": False,
        "metadata": kept or {}, "status": "enabled", "url": url, "_secrets": [secret]})


def configure(world, url, secrets):
    """The endpoint given at the start, for all events; `secrets` may be several while one replaces another."""
    if url:
        new(world, CONFIGURED, url, secrets[0], ["*"], description="given at the start")["_secrets"] = secrets
    else:
        world.table("webhook_endpoint").pop(CONFIGURED, None)


def retrieve(call):
    return call.world.find("webhook_endpoint", call.path["webhook_endpoint"])


def update(call):
    endpoint = retrieve(call)
    if rows(call.params, "enabled_events"):
        endpoint["enabled_events"] = rows(call.params, "enabled_events")
    endpoint["url"] = address(call.params, "url") or endpoint["url"]
    if "disabled" in call.params:
        endpoint["status"] = "disabled" if flag(call.params, "disabled") else "enabled"
    endpoint["metadata"] = metadata(call.params, endpoint["metadata"])
    return endpoint


def delete(call):
    endpoint = retrieve(call)
    del call.world.table("webhook_endpoint")[endpoint["id"]]
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def list_all(call):
    return page(call, call.world.table("webhook_endpoint").values(), "/v1/webhook_endpoints")
