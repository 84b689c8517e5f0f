"""Every fill of the local AWS, in the order they are installed. A new gap is one file and one line here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harness.localaws import (
    gap_access_logs,
    gap_alarm_actions,
    gap_alarm_evaluation,
    gap_alarm_publish,
    gap_alias_weights,
    gap_authorised_resources,
    gap_boundary_condition,
    gap_create_api_key,
    gap_deployment_snapshot,
    gap_describe_alarms,
    gap_embedded_metrics,
    gap_function_code,
    gap_gateway_metrics,
    gap_gateway_tags,
    gap_index_caps,
    gap_integration_failure,
    gap_invoke_permission,
    gap_key_makers,
    gap_keys_of_services,
    gap_lambda_actions,
    gap_lambda_metrics,
    gap_log_group_key,
    gap_lost_answers,
    gap_method_settings,
    gap_mock_method,
    gap_partition_throughput,
    gap_passed_role,
    gap_patched_types,
    gap_pending_subscriptions,
    gap_point_in_time,
    gap_policy_signs,
    gap_raw_path,
    gap_read_capacity,
    gap_repeated_values,
    gap_request_limits,
    gap_reserved_concurrency,
    gap_resource_tags,
    gap_restore_permissions,
    gap_restored_table,
    gap_role_keys,
    gap_saved_state,
    gap_sealed_environment,
    gap_secure_transport,
    gap_tags_at_creation,
    gap_unknown_callers,
    gap_unreserved_minimum,
    gap_web_identity,
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
    Fill("mock_method", gap_mock_method.install),
    Fill("index_caps", gap_index_caps.install),
    Fill("gateway_tags", gap_gateway_tags.install),
    Fill("secure_transport", gap_secure_transport.install),
    Fill("policy_signs", gap_policy_signs.install),
    Fill("lambda_actions", gap_lambda_actions.install),
    Fill("authorised_resources", gap_authorised_resources.install),
    Fill("boundary_condition", gap_boundary_condition.install),
    Fill("resource_tags", gap_resource_tags.install),
    Fill("web_identity", gap_web_identity.install),
    Fill("passed_role", gap_passed_role.install),
    Fill("tags_at_creation", gap_tags_at_creation.install),
    Fill("alarm_actions", gap_alarm_actions.install),
    Fill("key_makers", gap_key_makers.install),
    Fill("keys_of_services", gap_keys_of_services.install),
    Fill("restore_permissions", gap_restore_permissions.install),
    Fill("sealed_environment", gap_sealed_environment.install),
    Fill("role_keys", gap_role_keys.install),
    # It gives services back what was saved, patched as they are, and holds back answers of all the others.
    Fill("saved_state", gap_saved_state.install, gap_saved_state.background),
    Fill("unknown_callers", gap_unknown_callers.install),  # the last: nothing else sees who is not let in
)
