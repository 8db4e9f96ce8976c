import hashlib
import hmac
import time


def is_from_flowcatalyst(secret, headers, body):
    """Whether X-FlowCatalyst-Signature holds for the raw body, and is at most five minutes off."""
    timestamp = headers.get("X-FlowCatalyst-Timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > 300:
        return False
    expected = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), headers.get("X-FlowCatalyst-Signature", "").encode())
