"""Signatures of the tokens with which jobs sign in to the local AWS."""

import base64
import hashlib
import hmac


def signature(text: str, secret: str) -> str:
    """Sign header and claims of a token as "HS256" of RFC 7518 does; returns what follows their second dot.

    Args:
        secret: of the keys of the account's root.
    """
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
