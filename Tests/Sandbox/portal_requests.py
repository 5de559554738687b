"""What Purser asks of Stripe, as parameters for Stripe's library."""


def checkout(customer, amount=12_345, **more):
    """A Checkout Session over `amount` cents."""
    return {"mode": "payment", "customer": customer, "success_url": "http://127.0.0.1:9/done?payment=success",
            "cancel_url": "http://127.0.0.1:9/done?payment=cancel",
            "line_items": [{"quantity": 1, "price_data": {"currency": "usd", "unit_amount": amount, "product_data": {
                "name": "BioQL Quantum Computing Usage"}}}], **more}


def off_session(customer, card, amount=5_000, **more):
    """A charge of a card the customer left, nobody being there."""
    return {"amount": amount, "currency": "usd", "customer": customer, "payment_method": card, "off_session": True,
            "confirm": True, **more}


def meter(event_name="quantum_shot"):
    """A meter that sums `value` by customer."""
    return {"display_name": "Quantum shots", "event_name": event_name, "default_aggregation": {"formula": "sum"}}


def metered_price(product, meter, **more):
    """A price of a cent a shot, billed by the month."""
    return {"currency": "usd", "unit_amount_decimal": "1", "product": product,
            "recurring": {"interval": "month", "usage_type": "metered", "meter": meter}, **more}
