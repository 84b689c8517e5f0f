"""Lines of a deployment's log groups."""

from __future__ import annotations

import json
from typing import Any

from tests.support.deployed import PRODUCT, Deployed


def messages(aws: Any, group: str, since: float = 0.0) -> list[str]:
    """List what a log group holds.

    Args:
        since: seconds since the epoch; older lines are left out.
    """
    paginator = aws("logs").get_paginator("filter_log_events")
    pages = paginator.paginate(logGroupName=group, startTime=int(since * 1000))
    return [event["message"] for page in pages for event in page["events"]]


def access_group(deployed: Deployed) -> str:
    """Name the log group of a stage's access log."""
    return f"/aws/apigateway/{PRODUCT.name('', deployed.environment)}"


def torn_lines(aws: Any, deployed: Deployed, since: float) -> tuple[int, list[str]]:
    """Count a stage's access-log lines since a moment, and list those that are no JSON object."""
    lines = messages(aws, access_group(deployed), since)
    return len(lines), [line for line in lines if not _is_object(line)]


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
