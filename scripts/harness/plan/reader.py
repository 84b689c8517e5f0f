"""Bytes of ``terraform show -json`` in, :class:`Plan` out. Fails closed: refuses what it does not know."""

from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import msgspec

from harness.base.errors import PlanFormatError
from harness.base.paths import shown
from harness.plan import wire
from harness.plan.actions import action_of
from harness.plan.configuration import Configuration
from harness.plan.model import Check, CheckStatus, OutputChange, Plan, ResourceChange
from harness.plan.sides import Values
from harness.plan.values import SENSITIVE, Step, has_mark
from harness.typed.records import read_as

_MAJOR = "1"
_REMEDY = "make the plan with the pinned Terraform (.terraform-version), or teach harness.plan the new format"
_NULL = wire.NULL
Shape = TypeVar("Shape", bound=msgspec.Struct)


def read_plan(data: bytes) -> Plan:
    """Read a plan's JSON.

    Raises:
        PlanFormatError: not JSON, another major format, a missing key, a key that is not known where it may be an
            effect, an unknown action or check status, two resources of one address, an invocation of a provider's
            action, or a plan that Terraform could not finish. Names the place.
    """
    version = _decode(data, wire.Version).format_version
    if version.split(".")[0] != _MAJOR:
        raise PlanFormatError(f"plan JSON has format {version}, this harness reads {_MAJOR}.x", _REMEDY)
    document = _decode(data, wire.Document)
    if document.errored:
        raise PlanFormatError("the plan is marked errored: Terraform did not finish it", "read its error, plan again")
    _refuse_unseen(document)
    changes = [_resource(entry, entry.change) for entry in document.resource_changes]
    return Plan(
        format_version=version,
        terraform_version=document.terraform_version,
        resources=MappingProxyType(_by_address(change for change in changes if not change.deposed)),
        deposed=tuple(change for change in changes if change.deposed),
        drift=tuple(_resource(entry, entry.change) for entry in document.resource_drift),
        outputs=MappingProxyType({name: _output(name, change) for name, change in document.output_changes.items()}),
        checks=tuple(map(_check, document.checks)),
        variables=MappingProxyType(_variables(document)),
        configuration=Configuration(document.configuration.root_module),
        complete=document.complete,
        applyable=document.applyable,
        beside=(*_sensitive_variables(document), *_data_sources(document)),
    )


def read_plan_file(file: Path, remedy: str) -> Plan:
    """Read a plan's JSON that was kept in a file.

    Args:
        remedy: how to make the file anew.

    Raises:
        PlanFormatError: as for :func:`read_plan`; names the file.
    """
    try:
        return read_plan(file.read_bytes())
    except PlanFormatError as error:
        raise PlanFormatError(f"{shown(file)}: {error.tried}", remedy) from error


def _decode(data: bytes, shape: type[Shape]) -> Shape:
    try:
        return read_as(data, shape)
    except ValueError as error:
        raise PlanFormatError(f"plan JSON: {error}", _REMEDY) from error


def _refuse_unseen(document: wire.Document) -> None:
    """Refuse what a plan would do beside its changes of resources, at which no rule looks."""
    invoked = len(document.action_invocations) + len(document.deferred_action_invocations)
    if invoked:
        raise PlanFormatError(
            f"the plan invokes {invoked} action(s) of providers: nothing here knows what they do",
            "take the action_trigger blocks out, or teach harness.plan and its rules to read them",
        )
    if document.deferred_changes and document.complete:
        raise PlanFormatError("the plan puts changes off and says that it is complete", _REMEDY)
    for entry in document.resource_changes:
        if entry.index_unknown:
            raise PlanFormatError(f"{entry.address}: its instances are unknown: nothing shows how many it is", _REMEDY)


def _resource(entry: wire.Resource | wire.DriftedResource, change: wire.Change | wire.DriftChange) -> ResourceChange:
    return ResourceChange(
        address=entry.address,
        module=entry.module_address,
        mode=entry.mode,
        type=entry.type,
        name=entry.name,
        index=entry.index,
        provider=entry.provider_name,
        action=action_of(change.actions, where=entry.address),
        importing=None if change.importing is None else change.importing.id or "",
        previous_address=entry.previous_address,
        deposed=entry.deposed,
        reason=entry.action_reason,
        _before=Values(change.before, _NULL, change.before_sensitive),
        _after=Values(change.after, change.after_unknown, change.after_sensitive),
        forced_by=tuple(map(_plain_steps, change.replace_paths)),
    )


def _plain_steps(path: tuple[object, ...]) -> tuple[Step, ...]:
    """Cut a path before a step into a set: such a step is the element itself, and may be a secret."""
    return tuple(step for step in takewhile(lambda one: type(one) in (str, int), path) if isinstance(step, str | int))


def _by_address(changes: Iterable[ResourceChange]) -> dict[str, ResourceChange]:
    found: dict[str, ResourceChange] = {}
    for change in changes:
        if change.address in found:
            raise PlanFormatError(f"{change.address} stands twice in resource_changes", _REMEDY)
        found[change.address] = change
    return found


def _output(name: str, change: wire.OutputChange) -> OutputChange:
    absent = change.after is wire.ABSENT
    if absent and wire.decoded(change.after_unknown) is not True:
        raise PlanFormatError(f"output.{name} has neither a value nor an unknown one after the change", _REMEDY)
    return OutputChange(
        name=name,
        action=action_of(change.actions, where=f"output.{name}"),
        sensitive=has_mark(wire.decoded(change.after_sensitive)),
        _before=Values(change.before, _NULL, change.before_sensitive),
        _after=Values(_NULL if absent else change.after, change.after_unknown, change.after_sensitive),
    )


def _check(check: wire.Check) -> Check:
    return Check(
        address=check.address.to_display,
        kind=check.address.kind,
        status=CheckStatus(check.status),
        problems=tuple(problem.message for instance in check.instances for problem in instance.problems),
    )


def _variables(document: wire.Document) -> dict[str, object]:
    return {
        name: SENSITIVE if _is_sensitive(name, document) else wire.decoded(given.value)
        for name, given in document.variables.items()
    }


def _is_sensitive(name: str, document: wire.Document) -> bool:
    declared = document.configuration.root_module.variables
    return name in declared and declared[name].sensitive


def _sensitive_variables(document: wire.Document) -> Iterator[Values]:
    given = document.variables.items()
    return (Values(one.value, _NULL, wire.TRUE) for name, one in given if _is_sensitive(name, document))


def _data_sources(document: wire.Document) -> Iterator[Values]:
    """List data sources that were read, of which no change tells."""
    left = [] if document.prior_state is None else [document.prior_state.values.root_module]
    while left:
        module = left.pop()
        left += module.child_modules
        for one in module.resources:
            if one.mode == "data":
                yield Values(one.values, _NULL, one.sensitive_values)
