"""A deployed stack as its state tells it: functions, tables, stage and addresses, any number, found by type."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from harness.base.errors import HarnessError
from harness.base.options import wrong
from harness.base.paths import Stack, Target
from harness.facts import read_blueprint, service_names
from harness.operate.instances import Instance, read_instances
from harness.terraform.context import Context


@dataclass(frozen=True, slots=True)
class Function:
    """A function and the alias that serves.

    Attributes:
        alias: name of the alias that requests go through.
        service: folder of ``lambda/`` that it runs, by its package's name.
        package: path of its package, relative to the root that deployed it.
        handler: its entry, ``module.function``.
    """

    name: str
    alias: str
    service: str
    package: str
    handler: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its key.

    Attributes:
        key: attribute names: the hash key, and the range key where there is one.
        types: type of each key attribute (``S``, ``N``, ``B``), in the same order.
        ttl_attribute: attribute that says when an item expires; empty without time to live.
        recoverable: point-in-time recovery is on.
    """

    name: str
    key: tuple[str, ...]
    types: tuple[str, ...]
    ttl_attribute: str
    recoverable: bool


@dataclass(frozen=True, slots=True)
class Deployed:
    """Names and addresses that scripts and verbs need to use a deployed stack.

    Attributes:
        base_url: address that paths of the contract are appended to, no slash at its end.
        api_key: value for ``x-api-key``, empty where none is asked; secret.
        api_key_required: whether routes that are not open ask for it.
        stage_name: stage of it that serves ``base_url``.
    """

    base_url: str
    api_key: str = field(repr=False)
    api_key_required: bool
    functions: tuple[Function, ...]
    tables: tuple[Table, ...]
    api_id: str
    stage_name: str
    log_groups: tuple[str, ...]

    @property
    def services(self) -> tuple[str, ...]:
        """Services of this tree that are deployed, each once."""
        known = service_names()
        return tuple(dict.fromkeys(one.service for one in self.functions if one.service in known))


def read_deployed(context: Context) -> Deployed:
    """Read a stack's functions, tables, stage and outputs from its state.

    Raises:
        HarnessError: nothing is deployed, or the state does not say which stage answers.
    """
    instances, outputs = read_instances(context.state), context.state.outputs()
    stage = _stage(instances, outputs)
    if stage is None or "base_url" not in outputs:
        raise not_deployed(context.stack)
    api_id, stage_name = str(stage["rest_api_id"]), str(stage["stage_name"])
    return Deployed(
        base_url=_base_url(context, str(outputs["base_url"]), api_id, stage_name),
        api_key=str(outputs.get("api_key") or ""),
        api_key_required=bool(outputs["api_key_required"]),
        functions=functions_of(instances),
        tables=tables_of(instances),
        api_id=api_id,
        stage_name=stage_name,
        log_groups=tuple(sorted(str(one["name"]) for one in _values(instances, "aws_cloudwatch_log_group"))),
    )


def not_deployed(stack: Stack) -> HarnessError:
    """Say that nothing is deployed, and how to change that."""
    return HarnessError(f"{stack.title} is not deployed", f"make up {stack.make_words}")


def functions_of(instances: Iterable[Instance]) -> tuple[Function, ...]:
    """List functions that an alias serves, by name.

    Raises:
        HarnessError: a function has two aliases or none, so that it is not known what a release moves.
    """
    found = tuple(instances)
    made = {str(one["function_name"]): one for one in _values(found, "aws_lambda_function")}
    functions: dict[str, Function] = {}
    for alias in _values(found, "aws_lambda_alias"):
        # By its ARN, too, as the provider takes both.
        name = str(alias["function_name"]).rpartition(":")[2]
        if name in functions:
            raise HarnessError(
                f"function {name} has two aliases, {functions[name].alias} and {alias['name']}",
                "keep the one that the API calls",
            )
        package = str(made.get(name, {}).get("filename") or "")
        handler = str(made.get(name, {}).get("handler") or "")
        functions[name] = Function(name, str(alias["name"]), PurePath(package).stem, package, handler)
    if alone := sorted(made.keys() ^ functions.keys()):
        raise HarnessError(
            f"function and alias do not both stand in the state: {', '.join(alone)}",
            "make plan, make apply: both are made",
        )
    return tuple(functions[name] for name in sorted(functions))


def tables_of(instances: Iterable[Instance]) -> tuple[Table, ...]:
    """List tables with their keys, by name."""
    return tuple(sorted(map(_table, _values(instances, "aws_dynamodb_table")), key=lambda table: table.name))


def chosen_functions(functions: tuple[Function, ...], word: str) -> tuple[Function, ...]:
    """Return the function that ``FUNCTION`` names, by service or name; every one when it is empty.

    Raises:
        UsageError: no function answers to it.
    """
    found = tuple(one for one in functions if not word or word in (one.name, one.service))
    if word and not found:
        listed = ", ".join(one.service or one.name for one in functions)
        raise wrong("FUNCTION", word, "is not deployed", f"use one of: {listed}")
    return found


def chosen_tables(tables: tuple[Table, ...], word: str, stack: Stack) -> tuple[Table, ...]:
    """Return the table that ``TABLE`` names, by its name or the part between prefix and suffix; all when it is empty.

    Raises:
        UsageError: no table has this name.
    """
    names = (word, read_blueprint().name(word, stack.suffix))
    found = tuple(one for one in tables if not word or one.name in names)
    if word and not found:
        raise wrong(
            "TABLE",
            word,
            f"is no table of {stack.title}",
            f"use one of: {', '.join(one.name for one in tables) or 'none'}",
        )
    return found


def _values(instances: Iterable[Instance], kind: str) -> list[Mapping[str, Any]]:
    return [one.attributes for one in instances if one.kind == kind and not one.left_over]


def _stage(instances: Iterable[Instance], outputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
    stages = _values(instances, "aws_api_gateway_stage")
    url = str(outputs.get("base_url") or "").rstrip("/")
    serving = [one for one in stages if len(stages) == 1 or str(one.get("invoke_url")).rstrip("/") == url]
    if stages and len(serving) != 1:
        listed = ", ".join(str(one["stage_name"]) for one in stages)
        raise HarnessError(
            f"none of the stages {listed} has the address of the output base_url", "let base_url be one's invoke_url"
        )
    return serving[0] if serving else None


def _table(values: Mapping[str, Any]) -> Table:
    key = tuple(str(values[part]) for part in ("hash_key", "range_key") if values.get(part))
    types = {str(one["name"]): str(one["type"]) for one in values["attribute"]}
    ttl = [one for one in values.get("ttl") or () if one.get("enabled")]
    recovery = any(one.get("enabled") for one in values.get("point_in_time_recovery") or ())
    return Table(
        name=str(values["name"]),
        key=key,
        types=tuple(types[name] for name in key),
        ttl_attribute=str(ttl[0]["attribute_name"]) if ttl else "",
        recoverable=recovery,
    )


def _base_url(context: Context, url: str, api_id: str, stage_name: str) -> str:
    if context.stack.target is Target.AWS:
        return url.rstrip("/")
    # The local AWS serves execute-api by path: no wildcard DNS is needed.
    return f"{context.aws.endpoint}/restapis/{api_id}/{stage_name}/_user_request_"
