"""Rules over who calls which function: a route that of its own service, a queue or stream one that may read it."""

import re
from collections.abc import Iterator, Mapping

from harness.base.findings import Severity
from harness.facts import Grant
from harness.plan import Plan, ResourceChange
from harness.rules.relations import FUNCTION, called, proxies, referred, related
from harness.rules.rule import Context, Violation

_ROUTE = re.compile(r"[A-Z]+ /.*")
_FUNCTION_NAME = re.compile(r"(?:.*:function:)?(?P<name>[^:]+)(?::[^:]+)?")
_ARN = re.compile(r"arn:[^:]*:(?P<kind>[^:]*):[^:]*:[^:]*:(?P<name>.*)")
_SOURCES: Mapping[str, str] = {
    "aws_sqs_queue": "sqs",
    "aws_dynamodb_table": "dynamodb",
    "aws_kinesis_stream": "kinesis",
}
# AWSLambdaSQSQueueExecutionRole, AWSLambdaDynamoDBExecutionRole, AWSLambdaKinesisExecutionRole (AWS Managed Policy
# Reference); what those two let list all streams is not needed to read one.
_READING: Mapping[str, frozenset[str]] = {
    "sqs": frozenset({"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}),
    "dynamodb": frozenset({"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}),
    "kinesis": frozenset(
        {"kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"}
    ),
}


def route_owner(context: Context) -> Iterator[Violation]:
    """A route is answered by the function of the service whose contract names it: behind another one, every request of
    it fails, while the tests of each function alone stay green."""
    plan, routes = context.plan, context.sources.routes
    services = {one.find("function_name"): context.service_name(one) for one in plan.of_type(FUNCTION)}
    for integration in proxies(plan):
        service, route = services.get(called(integration)[0], ""), integration.index
        if service in routes and isinstance(route, str) and _ROUTE.fullmatch(route) and route not in routes[service]:
            owners = ", ".join(name for name, listed in routes.items() if route in listed) or "no service"
            text = f"calls the function of {service}, whose contract has no {route}; {owners} has it"
            yield Violation(integration.address, text)


def event_sources(context: Context) -> Iterator[Violation]:
    """Lambda reads queues and streams with the function's own role: without the right to, the apply is refused or
    messages wait for ever."""
    plan = context.plan
    for mapping in plan.of_type("aws_lambda_event_source_mapping"):
        functions = _functions(plan, mapping)
        if len(functions) != 1:
            yield Violation(
                mapping.address, f"calls {mapping.find('function_name')}, which is no function of this plan"
            )
            continue
        kind, name = _source(plan, mapping)
        if kind not in _READING:
            text = f"reads {mapping.find('event_source_arn')}: nothing is known of the rights that this kind takes"
            yield Violation(mapping.address, text, Severity.NOTE)
            continue
        service = context.service_name(functions[0])
        grants = context.sources.grants.get(service, ())
        granted = {action.name for one in grants if _on(one, kind, name, context) for action in one.actions}
        if lacking := sorted(_READING[kind] - granted):
            text = f"reads {name or 'a stream'} for {service}, whose permissions.yaml lacks {', '.join(lacking)} on it"
            yield Violation(mapping.address, text)


def _functions(plan: Plan, mapping: ResourceChange) -> tuple[ResourceChange, ...]:
    """Find the function that a mapping calls, by name, ARN or alias."""
    value = mapping.find("function_name")
    match = _FUNCTION_NAME.fullmatch(value) if isinstance(value, str) else None
    if match:
        return tuple(one for one in plan.of_type(FUNCTION) if one.find("function_name") == match["name"])
    aliases = referred(plan, mapping, "function_name", "aws_lambda_alias")
    through = [one for alias in aliases for one in related(plan, alias, "function_name", FUNCTION, "function_name")]
    return tuple(through) or referred(plan, mapping, "function_name", FUNCTION)


def _source(plan: Plan, mapping: ResourceChange) -> tuple[str, str]:
    """Tell service and name of a source; no name for a stream, whose ARN ends in a label that AWS makes up."""
    arn = mapping.find("event_source_arn")
    if isinstance(arn, str):
        match = _ARN.fullmatch(arn)
        kind, name = (match["kind"], match["name"]) if match else ("", "")
        return kind, name if kind == "sqs" else ""
    for kind, service in _SOURCES.items():
        for source in referred(plan, mapping, "event_source_arn", kind):
            return service, str(source.find("name")) if service == "sqs" else ""
    return "", ""


def _on(grant: Grant, kind: str, name: str, context: Context) -> bool:
    """Tell if a grant is on a queue; which stream one is on, least-privilege judges."""
    return kind != "sqs" or context.named(grant.resource.partition(":")[2]) == name
