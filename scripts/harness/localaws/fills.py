"""Every fill of the local AWS, in the order they are installed. A new gap is one file and one line here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harness.localaws import (
    gap_access_logs,
    gap_alarm_evaluation,
    gap_alarm_publish,
    gap_alias_weights,
    gap_create_api_key,
    gap_deployment_snapshot,
    gap_describe_alarms,
    gap_embedded_metrics,
    gap_function_code,
    gap_gateway_metrics,
    gap_integration_failure,
    gap_invoke_permission,
    gap_lambda_metrics,
    gap_log_group_key,
    gap_lost_answers,
    gap_method_settings,
    gap_partition_throughput,
    gap_patched_types,
    gap_pending_subscriptions,
    gap_point_in_time,
    gap_raw_path,
    gap_read_capacity,
    gap_repeated_values,
    gap_request_limits,
    gap_reserved_concurrency,
    gap_restored_table,
    gap_saved_state,
    gap_unreserved_minimum,
)


@dataclass(frozen=True, slots=True)
class Fill:
    """One gap's fill.

    Attributes:
        name: the gap, as in ``gap_<name>.py``.
        install: patches ministack; called once, before the first request.
        background: what has to run beside the server until it stops, or None.
    """

    name: str
    install: Callable[[], None]
    background: Callable[[], Awaitable[None]] | None = None


FILLS: tuple[Fill, ...] = (
    Fill("describe_alarms", gap_describe_alarms.install),
    Fill("create_api_key", gap_create_api_key.install),
    Fill("saved_state", gap_saved_state.install, gap_saved_state.background),
    Fill("reserved_concurrency", gap_reserved_concurrency.install),
    Fill("unreserved_minimum", gap_unreserved_minimum.install),
    Fill("alias_weights", gap_alias_weights.install),
    Fill("lambda_metrics", gap_lambda_metrics.install),
    Fill("embedded_metrics", gap_embedded_metrics.install),
    Fill("access_logs", gap_access_logs.install),
    Fill("gateway_metrics", gap_gateway_metrics.install),
    Fill("integration_failure", gap_integration_failure.install),
    Fill("invoke_permission", gap_invoke_permission.install),
    Fill("alarm_evaluation", gap_alarm_evaluation.install, gap_alarm_evaluation.background),
    Fill("alarm_publish", gap_alarm_publish.install),
    Fill("pending_subscriptions", gap_pending_subscriptions.install),
    Fill("log_group_key", gap_log_group_key.install),
    Fill("lost_answers", gap_lost_answers.install),
    Fill("deployment_snapshot", gap_deployment_snapshot.install),
    Fill("point_in_time", gap_point_in_time.install),
    Fill("partition_throughput", gap_partition_throughput.install),
    Fill("restored_table", gap_restored_table.install),  # after point_in_time: a refused restore marks no table
    Fill("read_capacity", gap_read_capacity.install),
    Fill("patched_types", gap_patched_types.install),
    Fill("raw_path", gap_raw_path.install),
    Fill("repeated_values", gap_repeated_values.install),
    Fill("request_limits", gap_request_limits.install),
    Fill("function_code", gap_function_code.install),
    Fill("method_settings", gap_method_settings.install),
)
