"""Rename the product: ``project``, ``prefix`` and ``region`` of blueprint.yaml, and nothing else."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.base.errors import UsageError
from harness.base.names import product_fault
from harness.scaffold.product import BLUEPRINT, environments, read_yaml, require_room
from harness.scaffold.tree_edits import Edits
from harness.scaffold.yaml_text import YamlText, scalar

_STAYS = "what stands there now stays and costs, unless it is destroyed first"
_MEANS = {
    "project": "the tag Project of everything is changed in place; the services' own metrics go on under the new name, "
    "and alarms and graphs on those under the old one see nothing any more",
    "prefix": "every name changes, so everything with a name is made anew: tables (empty), functions, roles, API, "
    f"topic, state bucket; {_STAYS}",
    "region": f"everything is made anew in the other region; {_STAYS}",
}
_ANEW = ("prefix", "region")


def rename(tree: Path, wanted: Mapping[str, str]) -> Edits:
    """Compute ``blueprint.yaml`` under other names.

    Args:
        wanted: new value by field; an empty one is left as it is.

    Raises:
        UsageError: no value is given, one cannot be taken, or all are those that it has.
        ScaffoldError: the file is not laid out as the edit needs it.
    """
    given = {field: value for field, value in wanted.items() if value}
    if not given:
        asked = ", ".join(f"{field.upper()}=" for field in wanted)
        raise UsageError("nothing to rename is given", f"give one or more of {asked}")
    for field, value in given.items():
        if fault := product_fault(field, value):
            raise UsageError(f"{field.upper()}={value}: {fault.said}", fault.remedy)
    if "prefix" in given:
        require_room(tree, given["prefix"])
    before = read_yaml(tree, BLUEPRINT)
    after, changed = before, []
    for field, value in given.items():
        key = after.need(field)
        if key.value.strip("\"'") != value:
            after = after.put(key, scalar(value))
            changed.append(field)
    if not changed:
        raise UsageError(f"{BLUEPRINT} has these names already", "give another value")
    return Edits({BLUEPRINT: after.text}, decide=tuple(_decide(changed, before)))


def _decide(changed: list[str], blueprint: YamlText) -> Iterator[str]:
    yield from (f"{field}: {_MEANS[field]}" for field in changed)
    if any(field in _ANEW for field in changed):
        names = ", ".join(key.name for key in environments(blueprint))
        yield (
            f"where something is deployed ({names}, copies with a SUFFIX, the account's root): bring the old names "
            "back (git), make backup, make destroy, and rename again"
        )
        yield "data that is to be kept: export it first; a backup of a table stands under the old name, too"
