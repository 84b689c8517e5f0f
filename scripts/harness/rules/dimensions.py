"""Metrics and dimension values that exist in a plan: what an alarm can be put on."""

from collections.abc import Callable, Iterator, Mapping

from harness.facts import Service
from harness.plan import Plan, ResourceChange
from harness.rules.metrics_catalogue import CATALOGUE, COUNTS, TABLE_OPERATIONS, TIMES, Metric
from harness.rules.relations import FUNCTION, REST_API, aliases, api_of, index_names
from harness.rules.rule import Context, names

_TABLE = "aws_dynamodb_table"


def catalogue(context: Context) -> Mapping[tuple[str, str], Metric]:
    """Metrics that AWS emits, and those that the plan's services emit themselves."""
    own: dict[tuple[str, str], set[frozenset[str]]] = {}
    for _, service in _running(context):
        for name, metric in service.metrics.items():
            own.setdefault((context.sources.blueprint.project, name), set()).add(frozenset(metric.dimensions))
    statistics = COUNTS | TIMES | {"SampleCount"}
    return {**CATALOGUE, **{key: Metric(tuple(sorted(sets, key=sorted)), statistics) for key, sets in own.items()}}


def unreal(namespace: object, metric: object, dimensions: Mapping[str, object], context: Context) -> Iterator[str]:
    """Say which dimension's value is none that this stack has.

    The values of one metric belong together: an index is one of its table, an alias one of its function.
    """
    if namespace == context.sources.blueprint.project:
        real = _own_values(str(metric), context)
    else:
        real = _values(context.plan, str(namespace), dimensions)
    for name, value in dimensions.items():
        # A dimension that a service adds by itself can have any value that is known.
        known = real[name]() if name in real else frozenset({value} if isinstance(value, str) and value else ())
        if value not in known:
            yield f"dimension {name} is {value}, which is not in this plan: {', '.join(sorted(known)) or 'none is'}"


def _running(context: Context) -> Iterator[tuple[ResourceChange, Service]]:
    for function in context.plan.of_type(FUNCTION):
        service = context.service(function)
        if service is not None:
            yield function, service


Values = Mapping[str, Callable[[], frozenset[str]]]


def _own_values(metric: str, context: Context) -> Values:
    """Values of the dimensions that Powertools sets for each service that emits a metric."""
    named = (
        function.find("environment[0].variables.POWERTOOLS_SERVICE_NAME")
        for function, service in _running(context)
        if metric in service.metrics
    )
    services = frozenset(name for name in named if isinstance(name, str))
    return {"environment": lambda: frozenset({context.name}), "service": lambda: services}


def _values(plan: Plan, namespace: str, dimensions: Mapping[str, object]) -> Values:
    """Values of AWS's dimensions, each looked up when it is asked for."""
    function, table, api = (dimensions.get(name) for name in ("FunctionName", "TableName", "ApiName"))
    lambdas = namespace == "AWS/Lambda"
    return {
        "ApiName": lambda: names(plan, REST_API, "name"),
        "Stage": lambda: _of_api(plan, api, "aws_api_gateway_stage", "stage_name"),
        "Method": lambda: _of_api(plan, api, "aws_api_gateway_method", "http_method"),
        "FunctionName": lambda: names(plan, FUNCTION, "function_name"),
        "Resource": lambda: _qualified(plan, function) if lambdas else _paths(plan, api),
        "TableName": lambda: names(plan, _TABLE, "name"),
        "GlobalSecondaryIndexName": lambda: _indexes(plan, table),
        "Operation": lambda: TABLE_OPERATIONS,
        "QueueName": lambda: names(plan, "aws_sqs_queue", "name"),
    }


def _qualified(plan: Plan, function: object) -> frozenset[str]:
    return frozenset(f"{name}:{alias}" for name, alias in aliases(plan) if name == function)


def _indexes(plan: Plan, table: object) -> frozenset[str]:
    return frozenset(name for one in plan.of_type(_TABLE) if one.find("name") == table for name in index_names(one))


def _parts(plan: Plan, api: object, kind: str) -> Iterator[ResourceChange]:
    addresses = {one.address for one in plan.of_type(REST_API) if one.find("name") == api}
    yield from (one for one in plan.of_type(kind) if api_of(plan, one) in addresses)


def _of_api(plan: Plan, api: object, kind: str, attribute: str) -> frozenset[str]:
    found = (one.find(attribute) for one in _parts(plan, api, kind))
    return frozenset(value for value in found if isinstance(value, str))


def _paths(plan: Plan, api: object) -> frozenset[str]:
    """Paths of an API's methods, whose keys are method and path."""
    return frozenset(str(one.index).partition(" ")[2] for one in _parts(plan, api, "aws_api_gateway_method"))
