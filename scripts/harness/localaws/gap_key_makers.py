"""Gap: who may not change a key's policy can make a key.

Upstream: ``CreateKey`` asks for itself alone.

AWS: "The CreateKey caller must have kms:PutKeyPolicy permission" ("Allow a user to create KMS keys", IAM policy
examples, AWS KMS Developer Guide); "the key policy must allow the calling principal to make a subsequent PutKeyPolicy
request", unless ``BypassPolicyLockoutSafetyCheck`` says otherwise ("CreateKey", AWS KMS API Reference). A policy that
names the account lets IAM decide.

Fill: the permission, from IAM or from the policy that the key is made with. AWS's answer to its lack is
``MalformedPolicyDocumentException``, "The new key policy will not allow you to update the key policy in the future";
here it is the refusal of ``kms:PutKeyPolicy``, which says what is missing.
"""

from collections.abc import Iterator

from harness.localaws.authorisation import Call, Check, arn, asks_also
from harness.localaws.service_policy import names

_PUT = "kms:PutKeyPolicy"
_NEW = "key/yet-to-be-made"


def install() -> None:
    """Let who makes a key need the permission to change its policy."""

    @asks_also
    def _change_policy(call: Call) -> Iterator[Check]:
        if call.action != "kms:CreateKey" or call.data.get("BypassPolicyLockoutSafetyCheck"):
            return
        key = arn("kms", _NEW)
        if not names(call.data.get("Policy"), call.principal, _PUT, key):
            yield Check(_PUT, key)
