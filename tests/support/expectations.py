"""Expectations as ``make inventory`` writes them: suggested from a plan, or rewritten where they no longer hold."""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.support.cases import Accept, Cases, accepted, cases_of, output_of, read_cases
from tests.support.planning import Plans
from tests.support.trees import roots

from harness.base.errors import HarnessError, UsageError
from harness.base.options import wrong
from harness.base.paths import REPO, shown, write_atomically
from harness.facts import read_blueprint
from harness.inventory.document import Inventory, load, match, read_inventory
from harness.inventory.editing import edited
from harness.inventory.expect import Operator
from harness.inventory.placeholders import Placeholders
from harness.inventory.revising import Revised, revised, revised_inventory, revised_resources
from harness.inventory.suggest import Decides, dump, suggest, suggest_resources
from harness.plan import Plan

#: A hash of the package: no setting that a reader could judge.
_NEVER = "source_code_hash"
_IN_A_MODULE = re.compile(r'module\.([\w-]+)(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.(.*)', re.DOTALL)
_INSTANCE = re.compile(r"\[.*\]$", re.DOTALL)


def suggest_environment(name: str, tree: Path = REPO) -> str:
    """Suggest an inventory: what the plan of a root shows, but for what its modules decide alone.

    Raises:
        HarnessError: there is no such root, or it cannot be planned.
    """
    _known(name, roots(tree), "ENV")
    groups = {path.parent.name: read_cases(path) for path in sorted((tree / "tests" / "modules").glob("*/cases.yaml"))}
    file = _inventory_file(name, tree)
    words = Placeholders(read_blueprint(tree), name)
    inventory = read_inventory(words.fill(file.read_text()), file=shown(file)) if file.exists() else Inventory()
    with _plans(tree) as plans:
        return words.blank(suggest(plans.environment(name, inventory).result(), decided_by_environment(groups)))


def suggest_module(name: str, tree: Path = REPO) -> str:
    """Suggest the resources of every accepted case of a module.

    Raises:
        HarnessError: it has no cases, or they cannot be planned.
    """
    cases = read_cases(_cases_file(name, tree))
    with _plans(tree) as plans:
        plan = plans.accepted(name, [case.call for case in cases.accepts.values()]).result()
    return dump(
        {key: {"resources": suggest_resources(plan, f"module.{case.call.key}.")} for key, case in cases.accepts.items()}
    )


def rewrite_environment(name: str, tree: Path = REPO) -> tuple[str, ...]:
    """Rewrite what no longer holds of ``tests/envs/<name>.yaml``; returns what was red, nothing written where nothing.

    Raises:
        HarnessError: there is no such root or inventory, or the root cannot be planned; nothing is written.
    """
    _known(name, roots(tree), "ENV")
    path = _inventory_file(name, tree)
    if not path.exists():
        raise UsageError(
            f"{shown(path)} is not there",
            f"make -s inventory ENV={name} > {shown(path)}, and keep of it what you would defend",
        )
    words = Placeholders(read_blueprint(tree), name)

    def filled(text: str) -> Inventory:
        return read_inventory(words.fill(text), file=shown(path))

    with _plans(tree) as plans:
        plan = plans.environment(name, filled(path.read_text())).result()

    def revise(text: str) -> Revised:
        document = load(words.fill(text), file=shown(path))
        assert isinstance(document, dict)
        new = revised_inventory(plan, filled(text), document)
        expected = words.restored(load(text, file=shown(path)), new.expected)
        assert isinstance(expected, dict)
        return replace(new, expected=expected)

    def red(text: str) -> list[str]:
        return [f"{one.address}: {one.message}" for one in match(plan, filled(text))]

    return _rewrite(path, revise, red)


def rewrite_module(name: str, tree: Path = REPO) -> tuple[str, ...]:
    """Rewrite what no longer holds of the accepted cases of a module; what must be refused is written by hand.

    Raises:
        HarnessError: it has no cases, or they cannot be planned; nothing is written.
    """
    path = _cases_file(name, tree)
    cases = read_cases(path)
    with _plans(tree) as plans:
        plan = plans.accepted(name, [case.call for case in cases.accepts.values()]).result()

    def revise(text: str) -> Revised:
        document = load(text, file=shown(path))
        assert isinstance(document, dict)
        parts = {key: revised_case(plan, case, document["accepts"][key]) for key, case in cases.accepts.items()}
        notes = tuple(f"{key}: {note}" for key, part in parts.items() for note in part.notes)
        return Revised({**document, "accepts": {key: part.expected for key, part in parts.items()}}, notes)

    def red(text: str) -> list[str]:
        return [one for case in cases_of(text, path).accepts.values() for one in accepted(plan, case)]

    return _rewrite(path, revise, red)


def revised_case(plan: Plan, case: Accept, document: Mapping[str, object]) -> Revised:
    """Revise an accepted case; ``document`` is what it was read from."""
    prefix = f"module.{case.call.key}."
    resources = revised_resources(plan, case.resources, prefix)
    actions = {address: action for address, action in case.actions.items() if prefix + address in plan.resources}
    sections = {
        "absent": [address for address in case.absent if prefix + address not in plan.resources],
        "actions": {address: str(plan.resource(prefix + address).action) for address in actions},
        "outputs": {name: revised(part, output_of(plan, case, name), name, lambda _: frozenset())
                    for name, part in case.outputs.items()},
    }  # fmt: skip
    others = accepted(plan, replace(case, resources={}, actions=actions))
    gone = (f"{address}: not in the plan: removed" for address in case.actions if address not in actions)
    kept = {name: part for name, part in {**document, **sections}.items() if part or name not in sections}
    return Revised({**kept, "resources": resources.expected}, (*resources.notes, *others, *gone))


def decided_by_environment(groups: Mapping[str, Cases]) -> Decides:
    """Return what leaves out an attribute that the module decides alone.

    That is one for which the module's cases assert this value and no other, at the instance or at all of the resource,
    or that is made from resources of the same module. What differs among the cases, or from them, or is asserted by
    none, is the caller's to decide.
    """
    asserted = _asserted(groups)

    def decides(address: str, name: str, value: object) -> bool:
        within = _IN_A_MODULE.fullmatch(address)
        if name == _NEVER or not within:
            return name != _NEVER
        if isinstance(value, Operator) and value.tag == "from" and _all_inside(value.argument, f"module.{within[1]}."):
            return False
        seen = dump([value]).replace(f"module.{within[1]}.", "")  # as what is behind !from stands in the cases
        places = (within[2], _INSTANCE.sub("", within[2]))
        return all(asserted.get((within[1], place, name)) != {seen} for place in places)

    return decides


def _asserted(groups: Mapping[str, Cases]) -> Mapping[tuple[str, str, str], set[str]]:
    """Collect every value that cases assert, by module, resource (with and without its key) and attribute."""
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    cases = ((group, case) for group, each in groups.items() for case in each.accepts.values())
    for group, case in cases:
        for address, attributes in case.resources.items():
            for name, value in attributes.items():
                for place in {address, _INSTANCE.sub("", address)}:
                    found[group, place, name].add(dump([value]))
    return found


def _all_inside(sources: object, module: str) -> bool:
    return all(str(one).startswith(module) for one in (sources if isinstance(sources, list) else [sources]))


def _rewrite(path: Path, revise: Callable[[str], Revised], red: Callable[[str], list[str]]) -> tuple[str, ...]:
    text = path.read_bytes().decode()
    new = revise(text)
    if new.notes:
        after = edited(text, new.expected, file=shown(path))
        left = red(after)
        if left:
            raise HarnessError(f"{shown(path)}: {left[0]}", "write this one by hand; nothing was written")
        write_atomically(path, after.encode())
    return new.notes


@contextmanager
def _plans(tree: Path) -> Iterator[Plans]:
    with tempfile.TemporaryDirectory(prefix="expectations-") as folder:
        plans = Plans(Path(folder), tree)
        try:
            yield plans
        finally:
            plans.close()


def _inventory_file(name: str, tree: Path) -> Path:
    return tree / "tests" / "envs" / f"{name}.yaml"


def _cases_file(name: str, tree: Path) -> Path:
    files = {path.parent.name: path for path in (tree / "tests" / "modules").glob("*/cases.yaml")}
    return files[_known(name, tuple(sorted(files)), "MODULE")]


def _known(name: str, known: tuple[str, ...], option: str) -> str:
    if name not in known:
        raise wrong(option, name, "is not known here", f"use one of: {', '.join(known)}")
    return name
