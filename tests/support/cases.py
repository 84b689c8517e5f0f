"""Module cases as data: ``tests/modules/<module>/cases.yaml``, ``tests/envs/<root>/cases.yaml``.

A document::

    source: modules/table         # the module, from the repository's root
    base: {name: t-x, ...}        # variables every case starts from
    accepts:
      fixed_capacity:             # names: letters, digits and _
        vars: {capacity: ...}     # laid over base, key by key
        resources: {ADDRESS: {ATTRIBUTE: EXPECTED}}   # as in an inventory, addresses relative to the module
        absent: [ADDRESS]         # must not be in the plan
        outputs: {NAME: EXPECTED} # of the module
        given: {ADDRESS: {ATTRIBUTE: VALUE}}          # exists already, with what AWS gave it
        actions: {ADDRESS: ACTION}                    # what happens to it: harness.plan.Action
    rejects:                      # left out by what validates nothing
      no_capacity:
        vars: {capacity: {}}
        error: text the error must hold

``!text`` before a mapping hands it over as the text of a JSON document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from tests.support.planning import Call, Diagnostics

from harness.facts import read_blueprint
from harness.inventory.document import InventoryError, Loader, load, match_resource
from harness.inventory.expect import compare
from harness.plan import Plan


def _text_of(loader: Loader, node: yaml.MappingNode) -> str:
    return json.dumps(loader.construct_mapping(node, deep=True))


Loader.add_constructor("!text", _text_of)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Accept:
    """Variables a module takes, and what its part of the plan must show."""

    call: Call
    resources: Mapping[str, Mapping[str, object]]
    absent: tuple[str, ...]
    actions: Mapping[str, str]
    outputs: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reject:
    """Variables a module refuses, and the text it must say; ``own`` names those that are not the base's."""

    call: Call
    error: str
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cases:
    """All cases of one file, by name; none of a module that has no file."""

    accepts: Mapping[str, Accept] = field(default_factory=dict)
    rejects: Mapping[str, Reject] = field(default_factory=dict)


def read_cases(path: Path) -> Cases:
    """Read a file of cases; ``$FIRST`` and ``$LAST`` stand for environments. Raises as :func:`cases_of` does."""
    first, *others = read_blueprint().environments
    return cases_of(path.read_text().replace("$FIRST", first).replace("$LAST", [first, *others][-1]), path)


def cases_of(text: str, path: Path) -> Cases:
    """Read the text of a file of cases.

    Raises:
        InventoryError: a section or key is unknown or missing, there is no case, or one asserts nothing.
    """
    document = load(text, file=path.name)
    _shape(document, {"source"}, {"base", "accepts", "rejects"}, f"{path}")
    assert isinstance(document, dict)
    if not document.get("accepts") and not document.get("rejects"):
        raise InventoryError(f"{path}: no case", "write one below accepts")
    group, source, base = path.parent.name, document["source"], document.get("base", {})

    def call(name: str, case: Mapping[str, object]) -> Call:
        if not _NAME.fullmatch(name):
            raise InventoryError(f"{path}: case {name!r}", "name cases with letters, digits and _")
        variables, outputs = case.get("vars", {}), case.get("outputs", {})
        return Call(f"{group}__{name}", source, {**base, **variables}, tuple(outputs), case.get("given", {}))  # type: ignore[dict-item, arg-type]

    accepts, rejects = {}, {}
    for name, case in document.get("accepts", {}).items():
        _shape(case, {"resources"}, {"vars", "absent", "outputs", "given", "actions"}, f"{path}: {name}")
        absent, actions = tuple(case.get("absent", ())), case.get("actions", {})
        accepts[name] = Accept(call(name, case), case["resources"], absent, actions, case.get("outputs", {}))
    for name, case in document.get("rejects", {}).items():
        _shape(case, {"vars", "error"}, set(), f"{path}: {name}")
        rejects[name] = Reject(call(name, case), case["error"], frozenset(case["vars"]))
    return Cases(accepts, rejects)


def _shape(part: object, needed: set[str], allowed: set[str], where: str) -> None:
    if not isinstance(part, dict) or not needed <= part.keys() <= needed | allowed:
        found = sorted(map(str, part)) if isinstance(part, dict) else type(part).__name__
        raise InventoryError(f"{where}: needs {sorted(needed)}, may have {sorted(allowed)}, has {found}", "correct it")
    empty = [key for key in needed - {"vars", "resources"} if not part[key]]
    if empty:
        raise InventoryError(f"{where}: {empty[0]} is empty", "a case must assert something")


def accepted(plan: Plan, case: Accept) -> Iterator[str]:
    """List what differs in an accepted case."""
    prefix = f"module.{case.call.key}."
    for address, attributes in case.resources.items():
        yield from (f"{address}: {text}" for text in match_resource(plan, address, attributes, prefix))
    for address, action in case.actions.items():
        if plan.resource(prefix + address).action != action:
            yield f"{address}: got {plan.resource(prefix + address).action}, expected {action}"
    for address in case.absent:
        if prefix + address in plan.resources:
            yield f"{address}: in the plan, expected it absent"
    for name, expected in case.outputs.items():
        yield from compare(output_of(plan, case, name), expected, f"output.{name}", lambda _: frozenset())


def output_of(plan: Plan, case: Accept, name: str) -> object:
    """Return an output of a case's module."""
    return plan.outputs[f"{case.call.key}__{name}"].after


def rejected(diagnostics: Diagnostics, case: Reject) -> str | None:
    """Say why a case does not count as rejected; ``None`` when it does.

    A validation's diagnostic names the call's file, one of the provider the resource. A precondition's names neither,
    so its text alone must tell: such a case's error is unlike any other's.
    """
    key = case.call.key
    own = [
        _text(one)
        for one in diagnostics
        if one["range"]["filename"] == f"{key}.tf.json" or one.get("address", "").startswith(f"module.{key}.")
    ]
    conditions = [_text(one) for one in diagnostics if one["summary"] == "Resource precondition failed"]
    # To the end of a word: a message that goes on is another one.
    expected = re.compile(rf"{re.escape(case.error)}(?!\w)")
    if any(expected.search(text) for text in own or conditions):
        return None
    if own:
        return "Terraform refused it for another reason:\n" + "\n".join(own)
    return "Terraform accepted it; conditions that failed in the batch:\n" + "\n".join(conditions)


def _text(diagnostic: dict[str, Any]) -> str:
    return f"{diagnostic['summary']}: {diagnostic['detail']}"
