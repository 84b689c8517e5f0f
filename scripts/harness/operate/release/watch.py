"""The alarms a release watches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import botocore.exceptions

from harness.aws.clients import Aws
from harness.base.errors import HarnessError

_METRIC, _COMPOSITE = "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"


@dataclass(frozen=True, slots=True)
class Watch:
    """The alarms of one service.

    Attributes:
        names: what is watched.
    """

    aws: Aws
    names: tuple[str, ...]

    def firing(self) -> str:
        """``name: reason`` of the first alarm that is on, ``""`` when none is.

        Raises:
            HarnessError: an alarm does not exist any more, or CloudWatch does not answer: nobody would watch.
        """
        try:
            answer = self.aws.client("cloudwatch").describe_alarms(
                AlarmNames=list(self.names), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            raise HarnessError(f"cannot read the alarms: {error}", "run the same command again") from error
        alarms = [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]
        missing = set(self.names) - {alarm["AlarmName"] for alarm in alarms}
        if missing:
            raise HarnessError(f"the alarm {min(missing)} is gone: nothing would watch", "make plan, make apply")
        on = sorted((alarm["AlarmName"], alarm) for alarm in alarms if alarm["StateValue"] == "ALARM")
        return f"{on[0][0]}: {on[0][1].get('StateReason') or 'no reason given'}" if on else ""


def watch_of(aws: Aws, resources: Iterable[tuple[str, Mapping[str, Any]]]) -> Watch:
    """The alarm ``service``, which sums up all that page, where there is one; else every metric alarm.

    Args:
        aws: where they are.
        resources: (type, attributes) pairs of the stack's state.

    Raises:
        HarnessError: the stack has no alarm.
    """
    named = [(kind, str(values["alarm_name"])) for kind, values in resources if kind in (_METRIC, _COMPOSITE)]
    service = [name for kind, name in named if kind == _COMPOSITE and name.startswith("service-")]
    names = service or [name for kind, name in named if kind == _METRIC]
    if not names:
        raise HarnessError("the stack has no alarm: nothing would watch a release", "enable one in its locals.tf")
    return Watch(aws, tuple(names))
