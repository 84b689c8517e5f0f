"""Gap: a policy cannot ask what an alarm does.

Upstream: the condition key ``cloudwatch:AlarmActions`` is never set, so a policy that limits what alarms do limits
nothing.

AWS: "Using condition keys to limit alarm actions", Amazon CloudWatch User Guide: alarms stop and end machines and run
functions; the key holds all that an alarm is to do in any of its states. "Actions, resources, and condition keys for
Amazon CloudWatch", Service Authorization Reference: it is a key of ``PutMetricAlarm`` and ``PutCompositeAlarm``.

Fill: the key, with the actions of every state.
"""

from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions

from harness.localaws.authorisation import body_of, members
from harness.localaws.patching import wraps

_ASKED_BY = ("cloudwatch:PutCompositeAlarm", "cloudwatch:PutMetricAlarm")
_STATES = ("AlarmActions", "InsufficientDataActions", "OKActions")


def condition_keys(action: str, data: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what CloudWatch tells policies about an alarm that is put: a key with all of its actions, or none."""
    if action not in _ASKED_BY:
        return {}
    found = [one for state in _STATES for one in (data.get(state) or members(params, state))]
    return {"cloudwatch:AlarmActions": found} if found else {}


def install() -> None:
    """Patch the condition keys of requests to CloudWatch."""

    @wraps(iam_actions, "request_tag_context")
    def request_tag_context(keys: Any, service: str, action: str, body: bytes, params: Any) -> dict[str, Any]:
        found: dict[str, Any] = keys(service, action, body, params)
        return {**found, **condition_keys(action, body_of(body), params)}
