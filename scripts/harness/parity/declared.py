"""One environment against another: every difference of their plans is declared with a reason, every declaration used.

``envs/ENVIRONMENT/parity.yaml``, of the environment that ``blueprint.yaml`` compares with another::

    differences:
      - address: module.api.aws_api_gateway_stage.this      # * stands for any text
        attribute: xray_tracing_enabled                     # as in an inventory; [*] for any element
        reason: a trace costs by the request
      - address: module.key[0].*
        only_in: ENVIRONMENT
        reason: one key of our own

Names end in the environment's suffix and tags name the environment: those differences are no differences.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.findings import Finding, Severity
from harness.base.paths import PARITY, REPO
from harness.base.texts import text_of
from harness.facts.reading import plain_yaml
from harness.plan import Plan
from harness.plan.differences import alike as leaves_alike
from harness.plan.differences import unlike
from harness.plan.values import NOTHING, SENSITIVE, ValueMissingError, dig

CHECK = "parity"
Alike = Callable[[object, object], bool]
_CHARACTERS_SHOWN = 120


class ParityError(HarnessError):
    """The declarations are not written as this module's docstring says."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two plans, and the words that may differ in it."""

    environment: str
    suffix: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not alike; ``attribute`` is empty when the resource stands on one side only.

    Attributes:
        only_in: the environment that has the resource, else ``""``.
        left: the value in the first plan, as shown in messages.
    """

    address: str
    attribute: str = ""
    only_in: str = ""
    left: str = ""
    right: str = ""

    def __str__(self) -> str:
        if self.only_in:
            return f"only in {self.only_in}"
        return f"{self.attribute}: {self.left} against {self.right}"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A difference that is meant, and why. Patterns may hold ``*``."""

    address: str
    reason: str
    attribute: str = ""
    only_in: str = ""

    def covers(self, difference: Difference) -> bool:
        """Tell whether this declares ``difference``."""
        return (
            self.only_in == difference.only_in
            and _fits(self.address, difference.address)
            and _fits(self.attribute, difference.attribute)
        )


def declarations_file(environment: str) -> str:
    """Return the place of an environment's declarations, as messages show it."""
    return f"envs/{environment}/{PARITY}"


def declarations_of(environment: str, other: str, tree: Path = REPO) -> tuple[Declaration, ...]:
    """Read the declarations of an environment that is compared with another.

    Raises:
        ParityError: there is no file, or it is not as the module's docstring says.
    """
    place = declarations_file(environment)
    if not (tree / place).is_file():
        raise ParityError(
            f"{place} does not exist, and {environment} is compared with {other}",
            f"write it, first with the line differences: [], then make parity ENV={environment} says what to declare",
        )
    return read_declarations(text_of(tree / place, place), place)


def read_declarations(text: str, place: str) -> tuple[Declaration, ...]:
    """Read the text of a parity.yaml; ``place`` is where it stands, as messages show it.

    Raises:
        ParityError: not as the module's docstring says, or without a reason.
    """
    document = plain_yaml(text, place, ParityError)
    try:
        found = tuple(Declaration(**entry) for entry in document["differences"])
    except (KeyError, TypeError) as error:
        raise ParityError(f"{place}: {error}", "write it as harness/parity/declared.py says") from error
    for one in found:
        if odd := [name for name, value in asdict(one).items() if not isinstance(value, str)]:
            raise ParityError(f"{place}: {one.address}: {odd[0]} is no text", "put it in quotes")
        if not str(one.reason).strip() or bool(one.attribute) == bool(one.only_in):
            raise ParityError(f"{place}: {one.address}", "give a reason, and either attribute or only_in")
    return found


def parity(left: Side, right: Side, declared: Sequence[Declaration]) -> tuple[Finding, ...]:
    """Find differences that nobody declared, and declarations of what does not differ.

    Args:
        left: the environment that the other is compared with.
        right: the environment whose declarations they are.
    """
    found = differences(left, right)
    undeclared = [one for one in found if not any(declaration.covers(one) for declaration in declared)]
    idle = (one for one in declared if not any(one.covers(difference) for difference in found))
    told = [(one.address, _undeclared(one, left, right)) for one in undeclared]
    told += [(one.address, f"{_idle(one, left, right)}{_perhaps(one, undeclared)}") for one in idle]
    why = f"{left.environment} proves {right.environment} only where they are alike; what differs is meant and says why"
    file, name = declarations_file(right.environment), right.environment
    return tuple(Finding(CHECK, Severity.ERROR, address, said, name, file, guideline=why) for address, said in told)


def _undeclared(one: Difference, left: Side, right: Side) -> str:
    said, alike = f"{left.environment} and {right.environment} differ in {one}", "make them alike"
    if one.only_in:
        other = (right if one.only_in == left.environment else left).environment
        said, alike = f"stands in {one.only_in} alone", f"make it stand in {other} too"
    return f"{said}; {alike}, or declare it in {declarations_file(right.environment)} with a reason"


def _idle(one: Declaration, left: Side, right: Side) -> str:
    """Say of a declaration that nothing is as it says, with the value that both sides have where there is one."""
    said = f"{declarations_file(right.environment)} declares that"
    if one.only_in:
        return f"{said} it stands in {one.only_in} alone ({one.reason}), but it does not: delete that, or make it so"
    both = _both(one, left, right) or "both are alike"
    return f"{said} {one.attribute} differs ({one.reason}), but {both}: delete that declaration, or make them differ"


def _both(one: Declaration, left: Side, right: Side) -> str:
    """Tell the one value that stands on both sides; empty where a pattern or a secret is declared, or several stand."""
    if "*" in one.address + one.attribute:
        return ""
    values = [_at(one, _values(side)) for side in (left, right)]
    shown = {"neither has it" if value is NOTHING else f"both are {_shown(value)}" for value in values}
    return shown.pop() if len(shown) == 1 and SENSITIVE not in values else ""


def _at(one: Declaration, values: dict[str, object]) -> object:
    try:
        return dig(values.get(one.address), one.attribute, where=one.address)
    except ValueMissingError:
        return NOTHING


def _perhaps(one: Declaration, undeclared: Sequence[Difference]) -> str:
    """Point to an undeclared difference of the same resource, which may be why the declaration is idle."""
    near = next((other.address for other in undeclared if _fits(one.address, other.address)), "")
    return f"; it may come from what else differs at {near}: mend that first" if near else ""


def differences(left: Side, right: Side) -> tuple[Difference, ...]:
    """List every value in which the managed resources of two plans differ."""
    mine, theirs = _values(left), _values(right)
    alike = _alike(left, right)

    def same(one: object, other: object) -> bool:
        # Two unknown values count as alike: what makes them is the wiring rules' matter.
        return one is other or alike(one, other)

    found: list[Difference] = []
    for address in sorted(mine.keys() | theirs.keys()):
        if address not in theirs or address not in mine:
            found.append(Difference(address, only_in=(right if address in theirs else left).environment))
        else:
            found += [
                Difference(address, one.path, left=_shown(one.one), right=_shown(one.other))
                for one in unlike(mine[address], theirs[address], same=same, whole_lists=True)
            ]
    return tuple(found)


def _values(side: Side) -> dict[str, object]:
    return {
        change.address: _opened(change.after)
        for change in side.plan.resources.values()
        if change.mode == "managed" and change.stays
    }


def _opened(value: object) -> object:
    """Return a value with JSON texts as what they say, and statements by Sid."""
    if isinstance(value, dict):
        return {key: _opened(part) for key, part in value.items()}
    if isinstance(value, list):
        parts = [_opened(part) for part in value]
        named = {part["Sid"]: part for part in parts if isinstance(part, dict) and "Sid" in part}
        return named if named and len(named) == len(parts) else parts
    document = _json(value) if isinstance(value, str) else None
    return value if document is None else _opened(document)


def _json(text: str) -> object:
    """Return what a JSON object or list says; ``None`` for any other text."""
    try:
        return json.loads(text) if text.startswith(("{", "[")) else None
    except ValueError:
        return None


def _alike(left: Side, right: Side) -> Alike:
    """Return the test of two leaves: equal, or texts in which each side's own names stand at the same places."""
    mine, theirs = {left.environment, left.suffix}, {right.environment, right.suffix}
    longest_first = sorted(mine | theirs, key=len, reverse=True)
    names = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9])")

    def alike(one: object, other: object) -> bool:
        if not (isinstance(one, str) and isinstance(other, str)):
            return leaves_alike(one, other)
        parts, others = names.split(one), names.split(other)
        # Names stand at the odd places. Equal ones count as alike, too: an alias may be called as an environment is.
        return len(parts) == len(others) and all(
            part == more or (at % 2 == 1 and part in mine and more in theirs)
            for at, (part, more) in enumerate(zip(parts, others, strict=True))
        )

    return alike


def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def _shown(value: object) -> str:
    text = "absent" if value is NOTHING else json.dumps(value, default=repr, ensure_ascii=False)
    return text if len(text) <= _CHARACTERS_SHOWN else f"{text[:_CHARACTERS_SHOWN]}…"
