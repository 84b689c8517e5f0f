"""Gap: alarms over CloudWatch's Query protocol, the one Terraform's AWS provider 5.100 speaks.

Upstream: ``DescribeAlarms`` over Query answers with a handful of fields and without XML escaping, and
``PutMetricAlarm`` over Query drops ``InsufficientDataActions``; every protocol drops metric queries and
``EvaluateLowSampleCountPercentile``. So each plan after the first shows changes on every alarm.

AWS: "DescribeAlarms" and the types "MetricAlarm" and "CompositeAlarm", Amazon CloudWatch API Reference: every
field that was put is described; an alarm with an extended statistic has no ``Statistic``, an alarm on metric
queries has no metric, statistic or period of its own.

Fill: the Query request is translated to the JSON one, whose answer is complete, and that is rendered as Query
by botocore's model of the service; the dropped fields are kept with the alarm.
"""

import json
from typing import Any

from ministack.services import cloudwatch

from harness.localaws import query_protocol
from harness.localaws.patching import wraps

_KEPT = ("InsufficientDataActions", "EvaluateLowSampleCountPercentile", "Metrics", "ThresholdMetricId")
_OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "Period", "Dimensions", "Unit")
_SUPPRESSION = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


def _request(operation: str, params: Any, data: Any, binary: bool) -> Any:
    return data if binary else query_protocol.parse("cloudwatch", operation, params)


def install() -> None:
    """Patch the describe and put operations of ministack's CloudWatch."""
    _patch_describe()
    _patch_put_metric_alarm()
    _patch_put_composite_alarm()


def _patch_describe() -> None:
    @wraps(cloudwatch, "_describe_alarms")
    def _describe_alarms(describe: Any, params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        if is_cbor or is_json:
            return describe(params, data, is_cbor, is_json)
        request = query_protocol.parse("cloudwatch", "DescribeAlarms", params)
        status, _, body = describe({}, request, False, True)
        if status != 200:
            return describe(params, data, is_cbor, is_json)
        return query_protocol.render("cloudwatch", "DescribeAlarms", json.loads(body))


def _patch_put_metric_alarm() -> None:
    @wraps(cloudwatch, "_put_metric_alarm")
    def _put_metric_alarm(put: Any, params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        answer = put(params, data, is_cbor, is_json)
        if answer[0] != 200:
            return answer
        request = _request("PutMetricAlarm", params, data, is_cbor or is_json)
        alarm = cloudwatch._alarms[request["AlarmName"]]
        alarm.update({name: request[name] for name in _KEPT if name in request})
        # None is "absent" to every serialiser of the service, while other readers expect the key to exist.
        if alarm.get("ExtendedStatistic"):
            alarm["Statistic"] = None
        if alarm.get("Metrics"):
            alarm.update({name: None for name in _OF_ONE_METRIC})
        return answer


def _patch_put_composite_alarm() -> None:
    @wraps(cloudwatch, "_put_composite_alarm")
    def _put_composite_alarm(put: Any, params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        answer = put(params, data, is_cbor, is_json)
        if answer[0] == 200:
            request = _request("PutCompositeAlarm", params, data, is_cbor or is_json)
            alarm = cloudwatch._composite_alarms[request["AlarmName"]]
            alarm.update({name: request[name] for name in _SUPPRESSION if name in request})
        return answer
