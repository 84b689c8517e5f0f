"""Alarms that a release watches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.aws.clients import Aws
from harness.aws.missing import refusing
from harness.base.errors import HarnessError

_METRIC, _COMPOSITE = "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"
_SUM = "service"  # key of the alarm that sums up all that page
_AT_ONCE = 50  # as many as one answer of CloudWatch holds


@dataclass(frozen=True, slots=True)
class Watch:
    """Alarms that stop a release."""

    aws: Aws
    names: tuple[str, ...]

    def firing(self) -> str:
        """Return ``name: reason`` of the first alarm that is on, ``""`` when none is.

        Raises:
            HarnessError: an alarm does not exist any more, or CloudWatch does not answer: nobody would watch.
        """
        alarms = [alarm for at in range(0, len(self.names), _AT_ONCE) for alarm in self._read(at)]
        missing = set(self.names) - {alarm["AlarmName"] for alarm in alarms}
        if missing:
            raise HarnessError(f"the alarm {min(missing)} is gone: nothing would watch", "make plan, make apply")
        on = sorted((alarm["AlarmName"], alarm) for alarm in alarms if alarm["StateValue"] == "ALARM")
        return f"{on[0][0]}: {on[0][1].get('StateReason') or 'no reason given'}" if on else ""

    def _read(self, at: int) -> list[Mapping[str, Any]]:
        with refusing("cannot read the alarms", "run the same command again"):
            answer = self.aws.client("cloudwatch").describe_alarms(
                AlarmNames=list(self.names[at : at + _AT_ONCE]), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        return [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]


def watch_of(aws: Aws, resources: Iterable[tuple[str, Mapping[str, Any]]], suffix: str) -> Watch:
    """Choose the alarm that sums up all that page, where there is one; else every metric alarm.

    Raises:
        HarnessError: the stack has no alarm.
    """
    named = [(kind, str(values["alarm_name"])) for kind, values in resources if kind in (_METRIC, _COMPOSITE)]
    composite = [name for kind, name in named if kind == _COMPOSITE]
    sums = [name for name in composite if name.removesuffix(f"-{suffix}").rpartition("-")[2] == _SUM]
    names = sums or [name for kind, name in named if kind == _METRIC]
    if not names:
        raise HarnessError("the stack has no alarm: nothing would watch a release", "enable one in its locals.tf")
    return Watch(aws, tuple(names))
