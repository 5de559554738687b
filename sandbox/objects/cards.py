"""Test cards and why an issuer turns them down: https://docs.stripe.com/testing, https://docs.stripe.com/declines/codes

Stripe's test ids stand for cards nobody has: `pm_card_visa` can be attached any number of times and becomes a new
payment method each time.
"""

from refusal import bad, declined
from world import shown

# reason: (code, decline code, sentence)
REASONS = {
    "generic_decline": ("card_declined", "generic_decline", "Your card was declined."),
    "do_not_honor": ("card_declined", "do_not_honor", "Your card was declined."),
    "insufficient_funds": ("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "lost_card", "Your card was declined."),
    "stolen_card": ("card_declined", "stolen_card", "Your card was declined."),
    "card_velocity_exceeded": ("card_declined", "card_velocity_exceeded", "Your card was declined for making repeated "
                               "attempts too frequently or exceeding its amount limit."),
    "expired_card": ("expired_card", None, "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", None, "Your card's security code is incorrect."),
    "processing_error": ("processing_error", None, "An error occurred while processing your card. Try again in a "
                         "little bit."),
    "authentication_required": ("authentication_required", "authentication_required", "Your card was declined. This "
                                "transaction requires authentication."),
}

# name: (brand, last four digits, reason, declined already on attaching)
TEST_CARDS = {
    "pm_card_visa": ("visa", "4242", None, False),
    "pm_card_mastercard": ("mastercard", "4444", None, False),
    "pm_card_amex": ("amex", "8431", None, False),
    "pm_card_chargeDeclined": ("visa", "0002", "generic_decline", True),
    "pm_card_visa_chargeDeclined": ("visa", "0002", "generic_decline", True),
    "pm_card_chargeDeclinedInsufficientFunds": ("visa", "9995", "insufficient_funds", True),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("visa", "9995", "insufficient_funds", True),
    "pm_card_visa_chargeDeclinedLostCard": ("visa", "9987", "lost_card", True),
    "pm_card_visa_chargeDeclinedStolenCard": ("visa", "9979", "stolen_card", True),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": ("visa", "6975", "card_velocity_exceeded", True),
    "pm_card_chargeDeclinedExpiredCard": ("visa", "0069", "expired_card", True),
    "pm_card_chargeDeclinedIncorrectCvc": ("visa", "0127", "incorrect_cvc", True),
    "pm_card_chargeDeclinedProcessingError": ("visa", "0119", "processing_error", True),
    "pm_card_chargeCustomerFail": ("visa", "0341", "generic_decline", False),
    "pm_card_authenticationRequired": ("visa", "3184", "authentication_required", False),
}


def new(world, test_card="pm_card_visa"):
    """A card in nobody's hands. It is not kept until it is given to a customer or used."""
    if test_card not in TEST_CARDS:
        raise bad(f"Unknown test card: {test_card}. There are {', '.join(TEST_CARDS)}.", "card")
    brand, last4, reason, on_attaching = TEST_CARDS[test_card]
    nobody = {"address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None,
                          "state": None}, "email": None, "name": None, "phone": None, "tax_id": None}
    return {
        "id": world.new_id("pm_"), "object": "payment_method", "allow_redisplay": "unspecified",
        "billing_details": nobody,
        "card": {"brand": brand, "checks": {"address_line1_check": None, "address_postal_code_check": None,
                                            "cvc_check": "pass"},
                 "country": "US", "display_brand": brand, "exp_month": 12, "exp_year": 2034,
                 "fingerprint": world.new_id("", 16), "funding": "credit", "generated_from": None, "last4": last4,
                 "networks": {"available": [brand], "preferred": None}, "regulated_status": "unregulated",
                 "three_d_secure_usage": {"supported": True}, "wallet": None},
        "created": world.now(), "customer": None, "customer_account": None, "livemode": False, "metadata": {},
        "type": "card", "_declines": reason, "_declines_attaching": on_attaching}


def reason_named(name):
    """The reason a test asks for: a key of REASONS, or `card_declined` for the commonest."""
    reason = "generic_decline" if name == "card_declined" else name
    if reason not in REASONS:
        raise bad(f"Unknown code: {name}. There are card_declined, {', '.join(REASONS)}.", "code")
    return reason


def fail_next(customer, reason, times):
    """The next `times` charges of this customer's cards fail, or all from now on with None; `reason` None ends it."""
    customer["_failing"] = {"reason": reason, "left": times} if reason and times != 0 else None


def reason_now(world, card, customer):
    """Why charging this card would fail at this moment, or None. Counts as one of the failures asked for."""
    owner = world.table("customer").get(customer) or {}
    failing = owner.get("_failing")
    if not failing:
        return card["_declines"]
    if failing["left"] is not None:
        fail_next(owner, failing["reason"], failing["left"] - 1)
    return failing["reason"]


def refusal(reason, **about):
    """The 402 for a reason; `about` are further members of the error, such as payment_intent."""
    code, decline_code, message = REASONS[reason]
    return declined(code, decline_code, message, **about)


def error(reason, card, **about):
    """The same as an intent keeps it, in last_payment_error or last_setup_error."""
    return {**refusal(reason, **about).body["error"], "payment_method": shown(card)}


def as_charged(card):
    """The `payment_method_details` of a charge."""
    face = shown(card["card"])
    return {"card": {key: face[key] for key in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint",
                                                "funding", "last4", "regulated_status", "wallet")}, "type": "card"}
