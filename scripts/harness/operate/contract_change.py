"""Judge the contracts of a plan against those that are served: what breaks clients is a finding (docs/adr/0025).

A break is meant when the contract's ``info.version`` has a higher major number than the served one's. A contract that
cannot be read is a finding, too: nobody knows what it breaks.
"""

import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.base.errors import HarnessError
from harness.base.findings import Finding, Severity
from harness.base.paths import BUNDLES, shown
from harness.base.stored import read_json
from harness.contract.breaking import Break, breaking, major_raised, version
from harness.operate.served_contract import Served, UnreadableError
from harness.plan import Plan, ResourceChange
from harness.rules.relations import FUNCTION, api_of, called

CHECK = "contract-change"
GUIDELINE = (
    "Clients of a served contract must get along with the one that follows it, unless its major version says no."
)

Read = Callable[[str, str], Served | None]
"""Function and alias -> what is served; raises ``UnreadableError``."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """Things that were agreed to on the command line.

    Attributes:
        destroyed: addresses that may be destroyed (``ALLOW_DESTROY``).
        uncompared: functions whose contract need not be compared (``ALLOW_UNCOMPARED``).
    """

    destroyed: Collection[str] = ()
    uncompared: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class ContractChange:
    """The verdict on all contracts of a plan.

    Attributes:
        findings: breaks, and contracts that cannot be compared; notes where they keep nobody from applying.
        lines: one for each function: what was compared with what.
    """

    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()

    def rendered(self) -> str:
        """Return lines and findings as a text that ends in a line break; empty when there is no function."""
        lines = [f"{CHECK}: {line}" for line in self.lines]
        for finding in self.findings:
            lines += [f"  {finding.severity} {finding.check} {finding.address}", f"      {finding.message}"]
        return "".join(f"{line}\n" for line in lines)


def contract_change(
    plan: Plan, read: Read, *, environment: str, guarded: bool, agreed: Agreed, bundles: Path = BUNDLES
) -> ContractChange:
    """Compare the contract of each function of a plan with the one that its alias serves.

    Args:
        guarded: whether a break keeps the plan from being applied.

    Raises:
        HarnessError: a contract of this tree is missing beside its zip.
    """
    judged = [_judged(one, plan, read, agreed, bundles) for one in plan.all_of_type(FUNCTION)]
    severity = Severity.ERROR if guarded else Severity.NOTE
    findings = tuple(
        Finding(
            CHECK,
            severity if one.blocks else Severity.NOTE,
            one.address,
            one.message,
            environment=environment,
            guideline=GUIDELINE,
        )
        for function in judged
        for one in function.findings
    )
    return ContractChange(findings, tuple(one.line for one in judged))


@dataclass(frozen=True, slots=True)
class _Found:
    address: str
    message: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    line: str
    findings: tuple[_Found, ...] = ()


def _judged(function: ResourceChange, plan: Plan, read: Read, agreed: Agreed, bundles: Path) -> _Judged:
    """Judge one function; it is known by the name that it has before the change."""
    before = function.find_before("function_name")
    name = before if isinstance(before, str) else function.address
    if before is None:
        return _Judged(f"{function.find('function_name')}: nothing serves yet, nothing is compared")
    try:
        served = _served(plan, before, read)
        wanted, elsewhere = _wanted(function, bundles), _elsewhere(before, plan, bundles)
        if wanted is not None and any(one.document is None for one in served):
            raise UnreadableError("the code that serves holds no contract", "release a version that holds one")
    except UnreadableError as error:
        meant = name in agreed.uncompared
        message = f"cannot compare with what {name} serves: {error}"
        hint = "" if meant else f"; to go on without, plan again with ALLOW_UNCOMPARED={name}"
        return _Judged(f"{name}: not compared", (_Found(function.address, message + hint, not meant),))
    if not served:
        return _Judged(f"{name}: nothing serves, nothing is compared")
    pairs = [(one.version, one.document or {}) for one in served]
    judged = [
        _compared(
            function,
            f"{name} version {number}",
            breaking(held, wanted or {}, elsewhere),
            _meant(function, held, wanted, agreed),
        )
        for number, held in pairs
    ]
    return _Judged("; ".join(one.line for one in judged), tuple(found for one in judged for found in one.findings))


def _compared(function: ResourceChange, title: str, breaks: Sequence[Break], agreement: tuple[bool, str]) -> _Judged:
    """Tell the breaks of one version, and if they are meant."""
    if not breaks:
        return _Judged(f"{title}: no client notices")
    meant, how = agreement
    count = "1 break" if len(breaks) == 1 else f"{len(breaks)} breaks"
    findings = (_Found(function.address, str(one) if meant else f"{one}; {how}", not meant) for one in breaks)
    return _Judged(f"{title}: {count}{f', meant: {how}' if meant else ''}", tuple(findings))


def _meant(
    function: ResourceChange, served: Mapping[str, Any], wanted: Mapping[str, Any] | None, agreed: Agreed
) -> tuple[bool, str]:
    """Say if breaks are meant, and by what; or what to do when they are."""
    if wanted is None:
        meant = function.address in agreed.destroyed
        hint = "" if meant else "if its routes are to go, plan again with "
        return meant, f"{hint}ALLOW_DESTROY={shlex.quote(function.address)}"
    if major_raised(served, wanted):
        return True, f"info.version {version(served)} is raised to {version(wanted)}"
    return False, f"if that is meant, raise the major number of its info.version, {version(served)}"


def _served(plan: Plan, function: object, read: Read) -> list[Served]:
    """Read what every alias of a function serves."""
    if not isinstance(function, str):
        raise UnreadableError("its name is not in the plan", "name it in the configuration")
    befores = [alias.find_before for alias in plan.all_of_type("aws_lambda_alias")]
    names = sorted(str(before("name")) for before in befores if before("function_name") == function)
    return [found for name in names if (found := read(function, name))]


def _elsewhere(name: object, plan: Plan, bundles: Path) -> tuple[dict[str, Any], ...]:
    """Read the contracts that are served afterwards behind the APIs that call a function today."""
    calls = plan.all_of_type("aws_api_gateway_integration")
    apis = {api_of(plan, one) for one in calls if f":function:{name}:" in str(one.find_before("uri"))} - {""}
    then = {called(one)[0] for one in calls if api_of(plan, one) in apis}
    found = (_wanted(one, bundles) for one in plan.of_type(FUNCTION) if one.find("function_name") in then)
    return tuple(contract for contract in found if contract is not None)


def _wanted(function: ResourceChange, bundles: Path) -> dict[str, Any] | None:
    """Read the contract beside a function's zip; ``None`` when the function goes, or has no routes."""
    if not function.stays:
        return None
    filename = function.find("filename")
    if not isinstance(filename, str):
        raise UnreadableError(f"{function.address} names no zip", "give it filename = build/bundle/SERVICE.zip")
    contract = bundles / f"{Path(filename).stem}.json"
    if not contract.exists():
        return None
    try:
        found: dict[str, Any] = read_json(contract.read_bytes())
    except ValueError as error:
        raise HarnessError(f"{shown(contract)} is no JSON", "make bundle writes it") from error
    return found
