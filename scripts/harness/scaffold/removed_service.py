"""Take a service away: its code, contract and tests, and its values in every environment."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.base.errors import UsageError
from harness.base.paths import SHARED
from harness.scaffold.hcl_text import HclText
from harness.scaffold.new_environment import ROOTS
from harness.scaffold.new_service import TESTS
from harness.scaffold.product import BLUEPRINT, SERVICES, environments, listed_service, read_yaml, services, tables
from harness.scaffold.removed_environment import without_survivors
from harness.scaffold.tree_edits import Edits, read_text

_WIRING = ROOTS / SHARED / "resources.tf"


def remove_service(tree: Path, name: str) -> Edits:
    """Compute the tree without a service.

    Raises:
        UsageError: there is none of this name, it is the last one, or another service uses a table of it.
        ScaffoldError: a file cannot be edited.
    """
    listed_service(name, tree)
    if services(tree) == (name,):
        raise UsageError(f"SERVICE={name} is the last service", "make another one first")
    own = [table for table, owner in tables(tree).items() if owner == name]
    _refuse_shared(tree, name, own)
    places = [ROOTS / key.name / "locals.tf" for key in environments(read_yaml(tree, BLUEPRINT))]
    texts = {place: _without(HclText(place, read_text(tree, place)), name, own).text for place in places}
    wiring = HclText(_WIRING, read_text(tree, _WIRING))
    if wiring.has("event_sources") and any(entry.name == name for entry in wiring.entries("event_sources")):
        texts[_WIRING] = wiring.cut("event_sources", name).text
    lists = "|".join([rf"locals\.services\.{name}\.", *(rf"locals\.tables\.{table}\." for table in own)])
    texts |= without_survivors(tree, re.compile(rf"lambda/{name}/|{lists}"))
    texts = {place: text for place, text in texts.items() if text != read_text(tree, place)}
    gone = tuple(place for place in (SERVICES / name, TESTS / name) if (tree / place).exists())
    opened = read_yaml(tree, SERVICES / name / "service.yaml").find("open_routes")
    left = _left(tree, texts, gone, [name, *own])
    return Edits(texts, gone=gone, decide=tuple(_decide(own, places, left, opened.value if opened else "")))


def _refuse_shared(tree: Path, name: str, own: list[str]) -> None:
    used = re.compile(rf"\b(?:table|index|shards):({'|'.join(map(re.escape, own))})\b") if own else None
    for other in services(tree):
        for file in sorted((tree / SERVICES / other).glob("*.yaml")):
            found = used.search(file.read_text(encoding="utf-8")) if used and other != name else None
            if found:
                place = file.relative_to(tree)
                raise UsageError(f"{place} names {found[0]}, a table of {name}", "let that service do without it first")


def _without(text: HclText, name: str, own: list[str]) -> HclText:
    """Return an environment's values without the service's; its share of the rate goes to the largest of the others."""
    shares = text.numbers("services", "share")
    given = shares.pop(name, 0)
    text = text.cut("services", name)
    if shares and given:
        largest = max(shares, key=lambda one: shares[one])
        text = text.put("services", largest, "share", f"{shares[largest] + given:g}")
    for table in own:
        text = text.cut("tables", table) if text.has("tables") else text
    return text


def _left(tree: Path, texts: Mapping[Path, str], gone: tuple[Path, ...], names: list[str]) -> list[str]:
    """List lines of roots that still speak of what is gone: an alarm on it, a difference that is declared."""
    spoken = re.compile("|".join(rf"""["'/]{name}["'/\]]""" for name in names))
    found = []
    for file in sorted((tree / ROOTS).rglob("*")):
        place = file.relative_to(tree)
        if file.is_symlink() or file.suffix not in (".tf", ".yaml") or any(map(place.is_relative_to, gone)):
            continue
        lines = texts.get(place, file.read_text(encoding="utf-8")).splitlines()
        found += [f"{place}:{number}" for number, line in enumerate(lines, 1) if spoken.search(line)]
    return found


def _decide(own: list[str], places: list[Path], left: list[str], opened: str) -> Iterator[str]:
    roots = ", ".join(place.parent.name for place in places)
    yield f"what is deployed stays until the next apply of {roots}, which destroys function, role and logs"
    if own:
        yield f"with it go the tables {', '.join(own)} and all that they hold: bring the files back (git), make backup"
        yield (
            "a table that is protected from deletion stays, and that apply fails, until an administrator lifts it; a "
            "guarded environment asks for each address in ALLOW_DESTROY (docs/runbooks/teardown.md)"
        )
    if opened:
        yield f"routes without a key go with it, {opened}: a load balancer may ask for one (docs/adopt.md)"
    if left:
        yield f"still speaks of it: {', '.join(left)}"
    yield f"then: make inventory ENV= WRITE=1 for {roots} and account, make docs, make test-plan"
