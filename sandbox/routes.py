"""Every call the double answers, one a line. The templates are those of Stripe's own document."""

import re

from objects import (balance_transactions, charges, checkout, customers, disputes, events, invoices, meter_events,
                     meters, payment_intents, payment_methods, payouts, portal, prices, products, refunds,
                     setup_intents, subscriptions, webhook_endpoints)

ROUTES = [
    ("POST", "/v1/customers", customers.create),
    ("GET", "/v1/customers", customers.list_all),
    ("GET", "/v1/customers/{customer}", customers.retrieve),
    ("POST", "/v1/customers/{customer}", customers.update),
    ("DELETE", "/v1/customers/{customer}", customers.delete),
    ("GET", "/v1/customers/{customer}/payment_methods", payment_methods.list_of_customer),
    ("GET", "/v1/customers/{customer}/payment_methods/{payment_method}", payment_methods.retrieve_of_customer),
    ("GET", "/v1/payment_methods", payment_methods.list_all),
    ("GET", "/v1/payment_methods/{payment_method}", payment_methods.retrieve),
    ("POST", "/v1/payment_methods/{payment_method}", payment_methods.update),
    ("POST", "/v1/payment_methods/{payment_method}/attach", payment_methods.attach),
    ("POST", "/v1/payment_methods/{payment_method}/detach", payment_methods.detach),
    ("POST", "/v1/products", products.create),
    ("GET", "/v1/products", products.list_all),
    ("GET", "/v1/products/{id}", products.retrieve),
    ("POST", "/v1/products/{id}", products.update),
    ("POST", "/v1/prices", prices.create),
    ("GET", "/v1/prices", prices.list_all),
    ("GET", "/v1/prices/{price}", prices.retrieve),
    ("POST", "/v1/prices/{price}", prices.update),
    ("POST", "/v1/checkout/sessions", checkout.create),
    ("GET", "/v1/checkout/sessions", checkout.list_all),
    ("GET", "/v1/checkout/sessions/{session}", checkout.retrieve),
    ("POST", "/v1/checkout/sessions/{session}", checkout.update),
    ("POST", "/v1/checkout/sessions/{session}/expire", checkout.expire),
    ("GET", "/v1/checkout/sessions/{session}/line_items", checkout.line_items),
    ("POST", "/v1/payment_intents", payment_intents.create),
    ("GET", "/v1/payment_intents", payment_intents.list_all),
    ("GET", "/v1/payment_intents/{intent}", payment_intents.retrieve),
    ("POST", "/v1/payment_intents/{intent}", payment_intents.update),
    ("POST", "/v1/payment_intents/{intent}/confirm", payment_intents.confirm),
    ("POST", "/v1/payment_intents/{intent}/cancel", payment_intents.cancel),
    ("GET", "/v1/setup_intents", setup_intents.list_all),
    ("GET", "/v1/setup_intents/{intent}", setup_intents.retrieve),
    ("GET", "/v1/charges", charges.list_all),
    ("GET", "/v1/charges/{charge}", charges.retrieve),
    ("POST", "/v1/refunds", refunds.create),
    ("GET", "/v1/refunds", refunds.list_all),
    ("GET", "/v1/refunds/{refund}", refunds.retrieve),
    ("POST", "/v1/refunds/{refund}", refunds.update),
    ("GET", "/v1/disputes", disputes.list_all),
    ("GET", "/v1/disputes/{dispute}", disputes.retrieve),
    ("POST", "/v1/disputes/{dispute}", disputes.update),
    ("POST", "/v1/disputes/{dispute}/close", disputes.accept),
    ("GET", "/v1/balance_transactions", balance_transactions.list_all),
    ("GET", "/v1/balance_transactions/{id}", balance_transactions.retrieve),
    ("GET", "/v1/payouts", payouts.list_all),
    ("GET", "/v1/payouts/{payout}", payouts.retrieve),
    ("POST", "/v1/billing/meters", meters.create),
    ("GET", "/v1/billing/meters", meters.list_all),
    ("GET", "/v1/billing/meters/{id}", meters.retrieve),
    ("POST", "/v1/billing/meters/{id}", meters.update),
    ("POST", "/v1/billing/meters/{id}/deactivate", meters.deactivate),
    ("POST", "/v1/billing/meters/{id}/reactivate", meters.reactivate),
    ("GET", "/v1/billing/meters/{id}/event_summaries", meters.summaries),
    ("POST", "/v1/billing/meter_events", meter_events.create),
    ("POST", "/v1/subscriptions", subscriptions.create),
    ("GET", "/v1/subscriptions", subscriptions.list_all),
    ("GET", "/v1/subscriptions/{subscription}", subscriptions.retrieve),
    ("POST", "/v1/subscriptions/{subscription}", subscriptions.update),
    ("DELETE", "/v1/subscriptions/{subscription}", subscriptions.cancel),
    ("POST", "/v1/invoiceitems", invoices.add_item),
    ("POST", "/v1/invoices", invoices.create),
    ("GET", "/v1/invoices", invoices.list_all),
    ("GET", "/v1/invoices/{invoice}", invoices.retrieve),
    ("POST", "/v1/invoices/{invoice}/finalize", invoices.finalize),
    ("POST", "/v1/invoices/{invoice}/pay", invoices.pay),
    ("POST", "/v1/invoices/{invoice}/void", invoices.void),
    ("POST", "/v1/invoices/{invoice}/mark_uncollectible", invoices.mark_uncollectible),
    ("POST", "/v1/billing_portal/sessions", portal.create),
    ("GET", "/v1/events", events.list_all),
    ("GET", "/v1/events/{id}", events.retrieve),
    ("POST", "/v1/webhook_endpoints", webhook_endpoints.create),
    ("GET", "/v1/webhook_endpoints", webhook_endpoints.list_all),
    ("GET", "/v1/webhook_endpoints/{webhook_endpoint}", webhook_endpoints.retrieve),
    ("POST", "/v1/webhook_endpoints/{webhook_endpoint}", webhook_endpoints.update),
    ("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}", webhook_endpoints.delete),
]

_PATTERNS = [(method, template, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + "$"), answer)
             for method, template, answer in ROUTES]


def find(method, path):
    """The template, the names in the path and the function for a call; None where there is no such call."""
    for known, template, pattern, answer in _PATTERNS:
        match = pattern.match(path) if known == method else None
        if match:
            return template, match.groupdict(), answer
    return None
