"""Rules over calls, through the alias and from the API's stage alone, and over variables that name resources."""

import re
from collections.abc import Iterator

from harness.facts.tables import SHARDS
from harness.plan import UNKNOWN, Plan, ResourceChange
from harness.rules.relations import (
    FUNCTION,
    NEVER,
    REST_API,
    aliases,
    api_of,
    called,
    index_names,
    proxies,
    referred,
    related,
)
from harness.rules.rule import Context, Violation, names, stands, traced
from harness.rules.shards import wrong_shards

_NAMESPACE = "POWERTOOLS_METRICS_NAMESPACE"
PERMISSION = "aws_lambda_permission"
# Lists of one, here and below: an unknown value is in none, whereas it is neither equal to anything nor unequal.
_CALLERS = ("apigateway.amazonaws.com",)
_ACTIONS = ("lambda:InvokeFunction",)


def table_wiring(context: Context) -> Iterator[Violation]:
    """A function finds its tables and other resources by names in its environment, and its metrics are looked for in
    one namespace: a wrong name is found out by the first request, a wrong namespace by nobody."""
    for function in context.plan.of_type(FUNCTION) if stands(context.plan) else ():
        environment = _variable(function, "ENVIRONMENT")
        if environment not in (context.name,):
            yield Violation(function.address, f"ENVIRONMENT is {environment}, not {context.name}")
        service = context.service(function)
        if service is None:
            continue
        if function.find("handler") not in (service.handler,):
            yield Violation(function.address, f"its handler is {function.find('handler')}, not {service.handler}")
        for variable, symbol in service.environment.items():
            yield from _holds(function, variable, symbol, context)
        namespace, project = _variable(function, _NAMESPACE), context.sources.blueprint.project
        if service.metrics and namespace not in (project,):
            yield Violation(function.address, f"{_NAMESPACE} is {namespace}, not the project, {project}")


def _variable(function: ResourceChange, name: str) -> object:
    return function.find(f"environment[0].variables.{name}")


def _holds(function: ResourceChange, variable: str, symbol: str, context: Context) -> Iterator[Violation]:
    """Judge one variable that service.yaml maps to something."""
    kind, _, thing = symbol.partition(":")
    if kind == "index":
        yield from _names_index(function, variable, thing, context)
    elif kind == SHARDS:
        yield from wrong_shards(function, variable, symbol, context)
    else:
        yield from _names_resource(function, variable, symbol, context)


def _names_resource(function: ResourceChange, variable: str, symbol: str, context: Context) -> Iterator[Violation]:
    """Judge a variable that holds the name of a table or of a resource of the environment's own."""
    kind, _, thing = symbol.partition(":")
    if not _granted(function, kind, thing, context):
        yield Violation(
            function.address, f"{variable} names {symbol}, on which no permissions.yaml lets it do anything"
        )
    value, wanted = _variable(function, variable), context.named(thing)
    if kind == "table":
        tables = names(context.plan, "aws_dynamodb_table", "name")
        if value not in (wanted,):
            yield Violation(function.address, f"{variable} is {value}, not {wanted}, the name of {symbol}")
        elif wanted not in tables:
            listed = ", ".join(sorted(tables)) or "none"
            yield Violation(
                function.address, f"{variable} is {value}, which is no table of this plan; there is {listed}"
            )
    elif wanted not in _own_names(context.plan):
        yield Violation(function.address, f"{variable} names {symbol}: no resource of this plan is called {wanted}")
    elif not isinstance(value, str) or not (value == wanted or value.endswith((f"/{wanted}", f":{wanted}"))):
        # An address or ARN that ends in the name tells which resource it is as well.
        yield Violation(
            function.address, f"{variable} is {value}, which does not name {symbol}, {wanted}; build it from the name"
        )


def _names_index(function: ResourceChange, variable: str, thing: str, context: Context) -> Iterator[Violation]:
    """Judge a variable that holds the name of a table's index."""
    table, _, index = thing.partition("/")
    tables = [one for one in context.plan.of_type("aws_dynamodb_table") if one.find("name") == context.named(table)]
    value = _variable(function, variable)
    if value not in (index,) or not any(index in index_names(one) for one in tables):
        yield Violation(function.address, f"{variable} is {value}, which is no index {thing} of this plan")


def _granted(function: ResourceChange, kind: str, thing: str, context: Context) -> bool:
    """Tell whether the function's service is permitted anything on a resource, or on an index of it."""
    grants = context.sources.grants.get(context.service_name(function), ())
    wanted = {f"{kind}:{thing}"}
    return any(one.resource in wanted or one.resource.startswith(f"index:{thing}/") for one in grants)


def _own_names(plan: Plan) -> frozenset[str]:
    """List every text that a resource of the plan has as an attribute: its name is among them."""
    afters = (change.after for change in plan.resources.values() if change.mode == "managed" and change.stays)
    return frozenset(
        value for after in afters if isinstance(after, dict) for value in after.values() if isinstance(value, str)
    )


def alias_wiring(context: Context) -> Iterator[Violation]:
    """Everything calls the alias: a release or rollback is then one pointer. A call that goes past it, or a permission
    without the alias as qualifier, works in no test of the function alone and fails every request."""
    plan = context.plan
    known = aliases(plan)
    yield from _published(plan)
    for integration in proxies(plan):
        if called(integration) not in known:
            uri = integration.find("uri")
            yield Violation(integration.address, f"calls {uri}, which is no alias of a function of this plan")
    functions = names(plan, FUNCTION, "function_name")
    for permission in plan.of_type(PERMISSION):
        function, qualifier = permission.find("function_name"), permission.find("qualifier")
        if function not in functions:
            yield Violation(permission.address, "its function_name is no function of this plan")
        elif (function, qualifier) not in known:
            text = f"its qualifier is no alias of {function}: every call through the alias would fail"
            yield Violation(permission.address, text)


def _published(plan: Plan) -> Iterator[Violation]:
    """Versions are published, and each alias points at one of its own function."""
    for function in plan.of_type(FUNCTION):
        if function.find("publish") is not True:
            yield Violation(function.address, "publish is not true: the alias could only point at $LATEST")
    for alias in plan.of_type("aws_lambda_alias"):
        version = alias.find("function_version")
        own = related(plan, alias, "function_name", FUNCTION, "function_name", "arn")
        made_from = referred(plan, alias, "function_version", FUNCTION, "version")
        from_own = bool(made_from) and {one.address for one in made_from} == {one.address for one in own}
        if version == "$LATEST" or not (isinstance(version, str) or (version is UNKNOWN and from_own)):
            yield Violation(alias.address, f"points at {version}, not at a version this plan publishes of its function")


def permission_scope(context: Context) -> Iterator[Violation]:
    """Only this API's stage may call the function, and through it every route may: without a source, any API of any
    account may. The API has no methods but the contract's, so one permission for all of them grants no more; a method
    or a path that takes everything would."""
    plan = context.plan
    yield from _unnamed(plan)
    permissions = plan.of_type(PERMISSION)
    callers: dict[tuple[object, object], set[str]] = {}
    for integration in proxies(plan):
        pair, api = called(integration), api_of(plan, integration)
        callers.setdefault(pair, set()).add(api)
        yield from _permitted(integration, pair, api, permissions, plan)
    for permission in permissions:
        function, qualifier = permission.find("function_name"), permission.find("qualifier")
        flaws = [_flaw(permission, api, plan) for api in sorted(callers.get((function, qualifier), ()))]
        if not flaws:
            who = f"lets {permission.find('principal')} call {function} with qualifier {qualifier}"
            yield Violation(permission.address, f"{who}, which no integration of this plan calls")
        elif all(flaws):
            yield Violation(permission.address, flaws[0])


def _permitted(
    integration: ResourceChange,
    pair: tuple[str | None, str | None],
    api: str,
    permissions: tuple[ResourceChange, ...],
    plan: Plan,
) -> Iterator[Violation]:
    """The function of an integration may be called by the API of the integration."""
    own = [one for one in permissions if (one.find("function_name"), one.find("qualifier")) == pair]
    if pair[0] is None or not own:
        text = f"no Lambda permission for {pair[0]} with qualifier {pair[1]}, which it calls"
        yield Violation(integration.address, text)
    elif not api:
        yield Violation(integration.address, "its rest_api_id is no API of this plan: nothing shows who may call")
    elif all(_flaw(one, api, plan) for one in own):
        yield Violation(integration.address, f"no Lambda permission lets its API, {api}, call {pair[0]}:{pair[1]}")


def _unnamed(plan: Plan) -> Iterator[Violation]:
    for method in plan.of_type("aws_api_gateway_method"):
        verb = method.find("http_method")
        if not isinstance(verb, str) or verb == "ANY":
            yield Violation(method.address, f"is {verb}: methods that no contract names would call the function")
    for resource in plan.of_type("aws_api_gateway_resource"):
        part = resource.find("path_part")
        if not isinstance(part, str) or part.endswith("+}"):
            yield Violation(resource.address, f"takes every path below it, which no contract names: {part}")


def _flaw(permission: ResourceChange, api: str, plan: Plan) -> str:
    """Say what keeps a permission from being the one of an API; empty when it is."""
    if permission.find("principal") not in _CALLERS:
        return f"lets {permission.find('principal')} call the function"
    if permission.find("action") not in _ACTIONS:
        return f"permits {permission.find('action')}, not {_ACTIONS[0]} alone"
    source = permission.find("source_arn")
    if source is UNKNOWN:
        return _unknown_flaw(permission, api, plan)
    stages = _stages(plan, api)
    known = sorted(str(one.find("stage_name")) for one in stages)
    identity = next((one.find("id") for one in plan.of_type(REST_API) if one.address == api), None)
    # While the API's id is unknown, a source that is known is another's.
    own = re.escape(identity) if isinstance(identity, str) else NEVER
    wanted = (rf"arn:[^:*]+:execute-api:[^:*]+:[^:*]+:{own}/{re.escape(stage)}/\*/\*" for stage in known)
    if isinstance(source, str) and any(re.fullmatch(pattern, source) for pattern in wanted):
        return ""
    ends = " or ".join(f"{stage}/*/*" for stage in known)
    return f"source_arn {source} is wider, narrower or other than this API's {ends}"


def _stages(plan: Plan, api: str) -> list[ResourceChange]:
    return [one for one in plan.of_type("aws_api_gateway_stage") if api_of(plan, one) == api]


def _unknown_flaw(permission: ResourceChange, api: str, plan: Plan) -> str:
    """Judge a source by what it is made from; a plan shows nothing of the text between the parts."""
    made_from = {one.address for one in referred(plan, permission, "source_arn", REST_API, "execution_arn")}
    if made_from != {api}:
        return "source_arn is not made from this API's execution_arn"
    stages, leaves = _stages(plan, api), traced(plan, permission.address, "source_arn")
    if not stages or any(
        stage in referred(plan, permission, "source_arn", stage.type) or (named and named <= leaves)
        for stage in stages
        for named in [traced(plan, stage.address, "stage_name")]
    ):
        return ""
    return "source_arn is not made from the name of its API's stage, so it may be any; build it from both"
