"""Rule over the environment variables by which a function finds what it uses."""

from collections.abc import Iterator

from harness.plan import ResourceChange
from harness.rules.relations import FUNCTION
from harness.rules.rule import Context, Violation, names, stands

_NAMESPACE = "POWERTOOLS_METRICS_NAMESPACE"


def table_wiring(context: Context) -> Iterator[Violation]:
    """A function finds its tables and other resources by names in its environment, and its metrics are looked for in
    one namespace: a wrong name is found out by the first request, a wrong namespace by nobody."""
    for function in context.plan.of_type(FUNCTION) if stands(context.plan) else ():
        environment = _variable(function, "ENVIRONMENT")
        if environment != context.name:
            yield Violation(function.address, f"ENVIRONMENT is {environment}, not {context.name}")
        service = context.service(function)
        if service is None:
            continue
        for variable, symbol in service.environment.items():
            yield from _holds(function, variable, symbol, context)
        namespace, project = _variable(function, _NAMESPACE), context.sources.blueprint.project
        if service.metrics and namespace != project:
            yield Violation(function.address, f"{_NAMESPACE} is {namespace}, not the project, {project}")


def _variable(function: ResourceChange, name: str) -> object:
    return function.find(f"environment[0].variables.{name}")


def _holds(function: ResourceChange, variable: str, symbol: str, context: Context) -> Iterator[Violation]:
    """Judge one variable that service.yaml maps to a resource."""
    kind, _, thing = symbol.partition(":")
    value, wanted = _variable(function, variable), context.named(thing)
    if kind == "table":
        tables = names(context.plan, "aws_dynamodb_table", "name")
        if value != wanted:
            yield Violation(function.address, f"{variable} is {value}, not {wanted}, the name of {symbol}")
        elif wanted not in tables:
            listed = ", ".join(sorted(tables)) or "none"
            yield Violation(
                function.address, f"{variable} is {value}, which is no table of this plan; there is {listed}"
            )
    elif not isinstance(value, str) or not (value == wanted or value.endswith((f"/{wanted}", f":{wanted}"))):
        # An address or ARN that ends in the name tells which resource it is as well.
        yield Violation(
            function.address, f"{variable} is {value}, which does not name {symbol}, {wanted}; build it from the name"
        )
