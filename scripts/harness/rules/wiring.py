"""Rules over wiring: calls go through the alias, with a permission; the stage serves what was deployed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.rules.rule import Context, Violation, names, stands, traced

OPEN_ROUTES = frozenset({"GET /health"})
"""Routes that ask for no key where a usage plan is: a health check has none."""
# Lists of one: an unknown value is in none, whereas it is neither equal to anything nor unequal.
_CALLERS = ("apigateway.amazonaws.com",)
_ACTIONS = ("lambda:InvokeFunction",)

_URI = re.compile(r".*:function:(?P<function>[^:/]+)(:(?P<alias>[^:/]+))?/invocations")


def alias_wiring(context: Context) -> Iterator[Violation]:
    """Everything calls the alias: a release or rollback is then one pointer. A call that goes past it, or a permission
    without the alias as qualifier, works in no test of the function alone and fails every request."""
    plan = context.plan
    functions = names(plan, "aws_lambda_function", "function_name")
    aliases = names(plan, "aws_lambda_alias", "name")
    yield from _published(plan)
    for integration in _proxies(plan):
        function, alias = _called(integration)
        if function not in functions or alias not in aliases:
            uri = integration.find("uri")
            yield Violation(integration.address, f"calls {uri}, which is no alias of a function of this plan")
    for permission in plan.of_type("aws_lambda_permission"):
        if permission.find("qualifier") not in aliases:
            yield Violation(permission.address, "its qualifier is no alias: every call through the alias would fail")
        if permission.find("function_name") not in functions:
            yield Violation(permission.address, "its function_name is no function of this plan")


def _published(plan: Plan) -> Iterator[Violation]:
    """Versions are published, and the alias points at one of them."""
    for function in plan.of_type("aws_lambda_function"):
        if function.find("publish") is not True:
            yield Violation(function.address, "publish is not true: the alias could only point at $LATEST")
    for alias in plan.of_type("aws_lambda_alias"):
        version = alias.find("function_version")
        from_function = any(
            re.search(r"aws_lambda_function\.\w+\.version$", one)
            for one in traced(plan, alias.address, "function_version")
        )
        if version == "$LATEST" or (version is UNKNOWN and not from_function):
            yield Violation(alias.address, f"points at {version}, not at a version this plan publishes")


def permission_scope(context: Context) -> Iterator[Violation]:
    """Only this API's stage may call the function, and through it every route may: without a source, any API of any
    account may. The API has no methods but the contract's, so one permission for all of them grants no more; a method
    or a path that takes everything would."""
    plan = context.plan
    yield from _unnamed(plan)
    permissions = plan.of_type("aws_lambda_permission")
    permitted = {(one.find("function_name"), one.find("qualifier")) for one in permissions}
    called = {integration.address: _called(integration) for integration in _proxies(plan)}
    for address, (function, alias) in called.items():
        if function is None or (function, alias) not in permitted:
            yield Violation(address, f"no Lambda permission for {function} with qualifier {alias}, which it calls")
    functions = {function for function, _ in called.values()}
    for permission in permissions:
        if permission.find("function_name") not in functions:
            continue
        if permission.find("principal") not in _CALLERS:
            yield Violation(permission.address, f"lets {permission.find('principal')} call the function")
        elif permission.find("action") not in _ACTIONS:
            yield Violation(permission.address, f"permits {permission.find('action')}, not {_ACTIONS[0]} alone")
        else:
            yield from _scope(permission, plan)


def _unnamed(plan: Plan) -> Iterator[Violation]:
    for method in plan.of_type("aws_api_gateway_method"):
        if method.find("http_method") == "ANY":
            yield Violation(method.address, "is ANY: methods that no contract names would call the function")
    for resource in plan.of_type("aws_api_gateway_resource"):
        if str(resource.find("path_part")).endswith("+}"):
            yield Violation(resource.address, "takes every path below it, which no contract names")


def _called(integration: ResourceChange) -> tuple[str | None, str | None]:
    """Name function and alias that an integration calls; ``None`` for what cannot be read."""
    uri = integration.find("uri")
    match = _URI.fullmatch(uri) if isinstance(uri, str) else None
    return (match["function"], match["alias"]) if match else (None, None)


def _scope(permission: ResourceChange, plan: Plan) -> Iterator[Violation]:
    source = permission.find("source_arn")
    if source is UNKNOWN:
        made_from = traced(plan, permission.address, "source_arn")
        if not any(re.search(r"aws_api_gateway_rest_api\.\w+\.execution_arn$", one) for one in made_from):
            yield Violation(permission.address, "source_arn is not made from this API's execution_arn")
        return
    stages = sorted(names(plan, "aws_api_gateway_stage", "stage_name"))
    apis = "|".join(map(re.escape, sorted(names(plan, "aws_api_gateway_rest_api", "id")))) or "[^*/]+"
    wanted = (rf"arn:[^:*]+:execute-api:[^:*]+:[^:*]+:({apis})/{re.escape(stage)}/\*/\*" for stage in stages)
    if not isinstance(source, str) or not any(re.fullmatch(pattern, source) for pattern in wanted):
        ends = " or ".join(f"{stage}/*/*" for stage in stages)
        yield Violation(permission.address, f"source_arn {source} is wider, narrower or other than this API's {ends}")


def redeploy(context: Context) -> Iterator[Violation]:
    """A REST API serves the deployment its stage points at, not what Terraform changed since: without a trigger a new
    route is applied and answers 404, and without waiting for the routes an empty deployment goes live."""
    plan = context.plan
    for deployment in plan.of_type("aws_api_gateway_deployment"):
        triggers = deployment.find("triggers")
        if not isinstance(triggers, dict) or not triggers or any(not isinstance(one, str) for one in triggers.values()):
            yield Violation(deployment.address, "triggers are not set or unknown: it would never, or always, redeploy")
        waits = plan.configuration.depends_on(deployment.module, deployment.type, deployment.name)
        for kind in ("aws_api_gateway_integration", "aws_api_gateway_gateway_response"):
            if plan.of_type(kind) and not any(one.startswith(f"{kind}.") for one in waits):
                yield Violation(deployment.address, f"does not depend on {kind}: it may go live without them")
    for stage in plan.of_type("aws_api_gateway_stage"):
        if stage.find("deployment_id") is UNKNOWN and not any(
            "aws_api_gateway_deployment." in one for one in traced(plan, stage.address, "deployment_id")
        ):
            yield Violation(stage.address, "its deployment_id is not this plan's deployment")
        waits = plan.configuration.depends_on(stage.module, stage.type, stage.name)
        if not any(one.startswith("aws_cloudwatch_log_group.") for one in waits):
            yield Violation(stage.address, "does not depend on the execution log group: the gateway would make its own")


def key_required(context: Context) -> Iterator[Violation]:
    """A usage plan limits only requests that carry its key: a route that asks for none is unlimited, and a route that
    asks for one where no plan is answers 403 to everybody."""
    plan = context.plan
    limited = bool(plan.of_type("aws_api_gateway_usage_plan"))
    if context.environment == "prod" and not limited and plan.of_type("aws_api_gateway_rest_api"):
        yield Violation("", "prod has no usage plan")
    if limited and not plan.of_type("aws_api_gateway_usage_plan_key"):
        yield Violation("", "the usage plan has no key")
    for method in plan.of_type("aws_api_gateway_method"):
        if method.find("http_method") == "OPTIONS":
            continue
        asked = method.find("api_key_required") is True
        if asked != (limited and method.index not in OPEN_ROUTES):
            yield Violation(method.address, f"api_key_required is {str(asked).lower()}, usage plan: {limited}")


def table_wiring(context: Context) -> Iterator[Violation]:
    """The function finds its table by name in its environment: a wrong one is found out by the first request."""
    plan = context.plan
    tables = names(plan, "aws_dynamodb_table", "name")
    for function in plan.of_type("aws_lambda_function") if stands(plan) else ():
        name = function.find("environment[0].variables.TABLE_NAME")
        if name not in tables:
            yield Violation(function.address, f"TABLE_NAME is {name}; the plan's table is {', '.join(sorted(tables))}")
        environment = function.find("environment[0].variables.ENVIRONMENT")
        if environment != context.environment:
            yield Violation(function.address, f"ENVIRONMENT is {environment}, not {context.environment}")


def _proxies(plan: Plan) -> tuple[ResourceChange, ...]:
    return tuple(one for one in plan.of_type("aws_api_gateway_integration") if one.find("type") in ("AWS_PROXY", "AWS"))
