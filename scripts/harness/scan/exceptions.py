"""Exceptions to policies, read strictly and applied to Findings: the product's, a root's and a service's.

Each is about named resources or one module, has reason, owner and last day. One that is over, matches nothing or is
not complete is itself a finding, so that the list cannot rot.
"""

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.base.errors import HarnessError
from harness.base.findings import Finding, Severity
from harness.base.paths import EXCEPTIONS, REPO
from harness.base.texts import text_of
from harness.facts.reading import plain_yaml
from harness.facts.service import SERVICES
from harness.plan.addresses import EVERY_INSTANCE, matches

EXPIRED, UNUSED, INCOMPLETE = "exception-expired", "exception-unused", "exception-incomplete"
HCL = "hcl"
"""Environment name of findings that concern the code, not a plan."""

_NEEDED = ("check", "reason", "owner", "expires")
_SCOPES = ("resources", "module")
_FIELDS = frozenset((*_NEEDED, *_SCOPES, "environments"))
_REASON_MINIMUM = 20
_GUIDELINE = "An exception that nobody looks at again hides the next fault behind the one that was accepted."


@dataclass(frozen=True, slots=True)
class Waiver:
    """One exception.

    Attributes:
        environments: where it holds: roots below envs/, or ``hcl``; empty: everywhere.
        resources: full addresses, in which ``[*]`` stands for any instance key or none.
        module: name of a module that is called by a root; all below it is meant, and ``resources`` is empty.
        owner: on whose word.
        expires: the last day it holds.
        file: where it stands, relative to the tree.
        line: where it stands in the file.
    """

    check: str
    environments: tuple[str, ...]
    resources: tuple[str, ...]
    module: str
    reason: str
    owner: str
    expires: datetime.date
    file: str
    line: int

    @property
    def places(self) -> tuple[str, ...]:
        """The scope as findings name it."""
        return self.resources or (f"module.{self.module}",)

    def place_of(self, finding: Finding) -> str:
        """Return the place of this exception that covers a finding; empty when none does."""
        here = not self.environments or (finding.environment or HCL) in self.environments
        if finding.check != self.check or not here:
            return ""
        return next((place for place in self.places if self._covers(place, finding.address)), "")

    def _covers(self, place: str, address: str) -> bool:
        if not self.module:
            return matches(place, address)
        # A key may hold a point: of the pieces up to each point, one is the module's own address.
        points = (position for position, letter in enumerate(address) if letter == ".")
        return any(matches(place + EVERY_INSTANCE, address[:point]) for point in points)


@dataclass(frozen=True, slots=True)
class Applied:
    """Findings after exceptions.

    Attributes:
        findings: those that stand, faults of the exceptions included.
        waived: those that an exception covers, with it.
    """

    findings: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]


def exceptions_of(tree: Path = REPO) -> tuple[list[Waiver], list[Finding]]:
    """Read the exceptions of a tree: ``envs/exceptions.yaml``, those beside a root, which hold in it alone, and those
    beside a service.

    Returns:
        as :func:`read_waivers`.

    Raises:
        HarnessError: as :func:`read_waivers`.
    """
    places = [(tree / "envs" / EXCEPTIONS, "")] if (tree / "envs" / EXCEPTIONS).exists() else []
    places += [(file, file.parent.name) for file in sorted(tree.glob(f"envs/*/{EXCEPTIONS}"))]
    places += [(file, "") for file in sorted(tree.glob(f"{SERVICES}/*/{EXCEPTIONS}"))]
    read = [read_waivers(file, file.relative_to(tree).as_posix(), root) for file, root in places]
    return [one for waivers, _ in read for one in waivers], [one for _, faults in read for one in faults]


def read_waivers(file: Path, shown: str, root: str = "") -> tuple[list[Waiver], list[Finding]]:
    """Read a file of exceptions.

    Args:
        root: the folder below ``envs/`` that the file stands in, where its exceptions hold; empty: where they say.

    Returns:
        the complete exceptions, and a finding for each that is not.

    Raises:
        HarnessError: the file cannot be read, or is not a list.
    """
    text = text_of(file, shown)
    try:
        node = yaml.compose(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise HarnessError(f"{shown} cannot be read: {' '.join(str(error).split())}", "correct the file") from error
    entries = plain_yaml(text, shown)
    if entries is None:
        return [], []
    if not isinstance(entries, list) or not isinstance(node, yaml.SequenceNode):
        raise HarnessError(f"{shown} is not a list of exceptions", "see the comment at its top")
    waivers: list[Waiver] = []
    faults: list[Finding] = []
    for entry, place in zip(entries, node.value, strict=True):
        line = place.start_mark.line + 1
        problem = _problem(entry, root)
        if problem:
            faults.append(_fault(INCOMPLETE, f"exception {_name(entry)}: {problem}", shown, line))
        else:
            waivers.append(_waiver(entry, root, shown, line))
    return waivers, faults


def apply(
    findings: Iterable[Finding],
    waivers: Iterable[Waiver],
    day: datetime.date | None,
    only: Collection[str] | None = None,
) -> Applied:
    """Take out the findings that exceptions cover. An expired exception covers nothing and is a finding.

    Args:
        day: the day to judge by, see :func:`harness.scan.dates.day_of`; by none, nothing has expired.
        only: environments that were looked at, where not all were: of the others nothing can be said.
    """
    concerned = [one for one in waivers if only is None or not one.environments or set(one.environments) & set(only)]
    expired = [waiver for waiver in concerned if day and waiver.expires < day]
    valid = [waiver for waiver in concerned if waiver not in expired]
    standing: list[Finding] = []
    waived: list[tuple[Finding, Waiver]] = []
    used: set[tuple[str, int, str, str]] = set()
    for finding in findings:
        covering = next((waiver for waiver in valid if waiver.place_of(finding)), None)
        if covering is None:
            standing.append(finding)
        else:
            waived.append((finding, covering))
            used.add((covering.file, covering.line, covering.place_of(finding), finding.environment or HCL))
    for waiver in concerned:
        place = waiver.file, waiver.line
        if waiver in expired:
            over = f"{waiver.check} of {waiver.owner} held until {waiver.expires}, the latest commit is of {day}"
            standing.append(_fault(EXPIRED, f"exception {over}: mend it or decide anew", *place))
        else:
            standing += [
                _fault(UNUSED, f"exception {waiver.check} matches nothing for {idle}: remove it", *place)
                for idle in _idle(waiver, used, only)
            ]
    return Applied(tuple(standing), tuple(waived))


def _idle(waiver: Waiver, used: Collection[tuple[str, int, str, str]], only: Collection[str] | None) -> Iterator[str]:
    """Name the places of an exception, in each environment that it names, where it covers nothing."""
    for place in waiver.places:
        here = (waiver.file, waiver.line, place)
        where = {environment for *covered, environment in used if tuple(covered) == here}
        if not waiver.environments and not where:
            yield place
        for environment in waiver.environments:
            if environment not in where and (only is None or environment in only):
                yield f"{place} in {environment}"


def _problem(entry: object, root: str) -> str:
    if not isinstance(entry, dict):
        return "it is no mapping"
    missing = [field for field in _NEEDED if not entry.get(field)]
    unknown = sorted(str(field) for field in entry if field not in _FIELDS)
    if missing or unknown:
        return f"missing {', '.join(missing)}" if missing else f"unknown field {', '.join(unknown)}"
    if len(str(entry["reason"]).strip()) < _REASON_MINIMUM:
        return "the reason says nothing"
    if type(entry["expires"]) is not datetime.date:
        return "expires must be a day such as 2030-01-31"
    if root and "environments" in entry:
        return f"it holds in {root}, beside which it stands: leave environments out"
    return _problem_of_scope(entry)


def _problem_of_scope(entry: Mapping[str, object]) -> str:
    if sum(field in entry for field in _SCOPES) != 1:
        return "resources or module is wanted, one of the two: an exception is about something named"
    lists = [field for field in ("environments", "resources") if field in entry]
    if malformed := [field for field in lists if not _names(entry[field])]:
        return f"{malformed[0]} must be a list of names without patterns but {EVERY_INSTANCE} for instances"
    if "module" in entry and not re.fullmatch(r"[\w-]+", str(entry["module"])):
        return "module must be the name of a module that a root calls"
    return ""


def _names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_name, value))


def _is_name(value: object) -> bool:
    rest = str(value).replace(EVERY_INSTANCE, "")
    return bool(rest) and not any(sign in rest for sign in "*?")


def _waiver(entry: dict[str, object], root: str, file: str, line: int) -> Waiver:
    expires = entry["expires"]
    assert isinstance(expires, datetime.date)  # noqa: S101 - _problem has seen to it
    return Waiver(
        check=str(entry["check"]),
        environments=(root,) if root else _texts(entry.get("environments")),
        resources=_texts(entry.get("resources")),
        module=str(entry.get("module", "")),
        reason=" ".join(str(entry["reason"]).split()),
        owner=str(entry["owner"]),
        expires=expires,
        file=file,
        line=line,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _fault(check: str, message: str, file: str, line: int) -> Finding:
    return Finding(check, Severity.ERROR, "", message, "", file, line, _GUIDELINE)


def _name(entry: object) -> str:
    return str(entry.get("check", "without check")) if isinstance(entry, dict) else "without check"
