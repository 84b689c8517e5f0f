"""Gap: an API key created without a value of its own.

Upstream: ``CreateApiKey`` refuses the empty ``value`` that Terraform's AWS provider sends when the
configuration gives none ("API Key value should be at least 20 characters").

AWS: "CreateApiKey", Amazon API Gateway API Reference, and "Set up API keys", Developer Guide: a key created
without a value gets a generated one, 40 letters and digits.

Fill: an empty value counts as none, and a value of AWS's length is generated.
"""

import secrets
import string
from typing import Any

from ministack.services import apigateway_v1

from harness.localaws.patching import wraps

_LENGTH = 40  # "Set up API keys": the generated value has 40 alphanumeric characters
_ALPHABET = string.ascii_letters + string.digits


def install() -> None:
    """Patch ``CreateApiKey`` of ministack's API Gateway (REST)."""

    @wraps(apigateway_v1, "_create_api_key")
    def _create_api_key(create: Any, data: dict[str, Any]) -> Any:
        generated = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        return create({**data, "value": data.get("value") or generated})
