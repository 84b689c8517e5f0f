"""Resources that carry our tags and are in no state: made by hand, or left behind.

The Resource Groups Tagging API lists what is tagged and of a service it supports; what was made without our tags is
not found, nor what it does not list (on the local AWS: API Gateway, CloudWatch, Logs).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import botocore.exceptions

from harness.aws.clients import Aws
from harness.aws.missing import refusing
from harness.terraform.state import State

# Their ARNs end in an id that AWS hands out, not in a name.
_UNNAMED = ("apigateway", "kms")


def known_arns(state: State) -> frozenset[str]:
    """Collect every ARN in the states of an environment, copies with other suffixes included.

    Those of other environments are not asked for: who plans one may not read them.

    Raises:
        HarnessError: the bucket cannot be listed or read.
    """
    with refusing(f"cannot list {state.bucket}", "check the permissions on the bucket"):
        lister = state.aws.client("s3").get_paginator("list_objects_v2")
        pages = lister.paginate(Bucket=state.bucket, Prefix=f"{state.key.partition('/')[0]}/")
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    states = [state.beside(key) for key in keys if key.endswith("/terraform.tfstate")]
    return frozenset(_bare(str(values["arn"])) for one in states for _, values in one.resources() if values.get("arn"))


def unknown_extras(aws: Aws, tags: Mapping[str, str], suffix: str, known: Iterable[str]) -> tuple[str, ...]:
    """List ARNs tagged with ``tags`` that are ours by their name, or have none, and are not among ``known``.

    Raises:
        HarnessError: the tagging API refuses.
    """
    found = {_bare(arn) for arn in _tagged(aws, tags)} - set(known)
    return tuple(sorted(arn for arn in found if _ours(arn, suffix) and not _dying(aws, arn)))


def _tagged(aws: Aws, tags: Mapping[str, str]) -> Iterator[str]:
    filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    with refusing("the tagging API refuses", "allow tag:GetResources"):
        pages = aws.client("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters)
        for page in pages:
            yield from (item["ResourceARN"] for item in page["ResourceTagMappingList"])


def _ours(arn: str, suffix: str) -> bool:
    name = re.split(r"[:/]", arn)[-1]
    return arn.split(":")[2] in _UNNAMED or name == suffix or name.endswith(f"-{suffix}")


def _dying(aws: Aws, arn: str) -> bool:
    """Tell whether a destroy has scheduled a key for deletion: it stays listed for weeks."""
    if arn.split(":")[2] != "kms":
        return False
    try:
        answer: Any = aws.client("kms").describe_key(KeyId=arn)
    except botocore.exceptions.ClientError:
        return False
    return bool(answer["KeyMetadata"]["KeyState"] == "PendingDeletion")


def _bare(arn: str) -> str:
    return arn.removesuffix(":*")
