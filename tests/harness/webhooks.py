"""What a receiver checks: both signatures of a delivery."""

import hashlib
import hmac

from standardwebhooks.webhooks import Webhook


def standard_signature_holds(secret, delivery):
    """Verifies by the Standard Webhooks library; raises WebhookVerificationError where it does not hold."""
    Webhook(secret).verify(delivery.body, dict(delivery.headers), json_parse=False)
    return True


def hex_signature(secret, delivery):
    """What X-FlowCatalyst-Signature must be: the key is the secret's text as it was shown."""
    signed = delivery.header("X-FlowCatalyst-Timestamp").encode() + delivery.body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def assert_signed(secret, delivery):
    assert standard_signature_holds(secret, delivery)
    assert delivery.header("X-FlowCatalyst-Signature") == hex_signature(secret, delivery)
