"""Products: https://docs.stripe.com/api/products"""

from lists import page
from refusal import bad
from values import flag, metadata, rows, text


def create(call):
    id = text(call.params, "id")
    if id and id in call.world.table("product"):
        raise bad("Product already exists.", "id", "resource_already_exists")
    return new(call.world, call.params, id)


def new(world, params, id=None):
    """Makes a product from `params`, which may also be a price's or a line's product data."""
    if text(params, "name") is None:
        raise bad("Missing required param: name.", "name", "parameter_missing")
    product = world.add({
        "id": id or world.new_id("prod_", 14), "object": "product", "active": flag(params, "active", True),
        "created": world.now(), "default_price": None, "description": text(params, "description"),
        "images": rows(params, "images"), "livemode": False, "marketing_features": [],
        "metadata": metadata(params), "name": text(params, "name"), "package_dimensions": None, "shippable": None,
        "statement_descriptor": text(params, "statement_descriptor"), "tax_code": text(params, "tax_code"),
        "unit_label": text(params, "unit_label"), "updated": world.now(), "url": None})
    world.emit("product.created", product)
    return product


def retrieve(call):
    return call.world.find("product", call.path["id"])


def update(call):
    product = retrieve(call)
    changes = {key: text(call.params, key) for key in ("name", "description", "unit_label", "statement_descriptor")
               if key in call.params}
    if "active" in call.params:
        changes["active"] = flag(call.params, "active")
    changes["metadata"] = metadata(call.params, product["metadata"])
    before = {key: product[key] for key, value in changes.items() if product[key] != value}
    product.update(changes)
    if before:
        before["updated"], product["updated"] = product["updated"], call.world.now()
        call.world.emit("product.updated", product, before)
    return product


def list_all(call):
    active, ids = flag(call.params, "active"), rows(call.params, "ids")
    things = [product for product in call.world.table("product").values()
              if active in (None, product["active"]) and (not ids or product["id"] in ids)]
    return page(call, things, "/v1/products")
