"""The `Stripe-Signature` header: https://docs.stripe.com/webhooks/signatures"""

import hashlib
import hmac


def sign(body, secrets, at):
    """`t=…,v1=…` with one v1 for each secret. The key is the whole secret as it stands, `whsec_` included.

    `body` is the exact bytes sent, `at` seconds since 1970.
    """
    signed = str(at).encode() + b"." + body
    stamps = [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={at}", *stamps])
