"""The oracle: roots planned by the stock CLI, lock verified, and on lanes, must give the same JSON, path by path."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness.base.errors import PlanFormatError
from harness.base.findings import Finding, Severity
from harness.fastlane.command import run
from harness.fastlane.lane import Lane
from harness.plan.differences import unlike

#: The moment of planning: differs between any two runs of the same command.
VOLATILE = "timestamp"
#: A set that Terraform prints in no particular order.
UNORDERED = "relevant_attributes"
CHECK = "fast-lane-equality"
#: Paths named in a finding; one cause tends to show in many.
_NAMED = 8


def normalise(plan_json: bytes) -> dict[str, Any]:
    """Take out of a plan what differs between two identical runs of the stock CLI, and nothing else.

    Raises:
        PlanFormatError: it is not the JSON of a plan.
    """
    try:
        plan = json.loads(plan_json)
    except ValueError as error:
        raise PlanFormatError(f"not the JSON of a plan: {error}", "make the plan again") from error
    if not isinstance(plan, dict) or "format_version" not in plan:
        raise PlanFormatError("JSON, but not of a plan: no format_version", "make the plan again")
    plan.pop(VOLATILE, None)
    if UNORDERED in plan:
        plan[UNORDERED] = sorted(plan[UNORDERED], key=lambda item: json.dumps(item, sort_keys=True))
    return plan


def differences(a: object, b: object) -> list[str]:
    """List the JSON paths at which ``a`` and ``b`` differ, sorted; none when they are equal. Values are not named."""
    return sorted({one.path for one in unlike(a, b, same=_identical)})


def _identical(one: object, other: object) -> bool:
    # Stricter than JSON: the same command never prints 10 once and 10.0 another time.
    return type(one) is type(other) and one == other


def unequal(
    roots: Sequence[Path], terraform: Path | str, provider: Path, cache_dir: Path, env: Mapping[str, str], scratch: Path
) -> list[Finding]:
    """Plan every root both ways, on a lane of its own each, and report those whose plans differ.

    Args:
        roots: root modules on a sandbox copy, with a local backend or none, lock file included.
        env: Terraform's environment, with the offline stub.
        scratch: an empty folder for the stock CLI's data and plans.

    Raises:
        ToolError: a root cannot be planned, in one way or the other.
    """

    def compare(root: Path) -> list[str]:
        folder = scratch / root.name
        stock = normalise(stock_plan(root, terraform, env, folder))
        with Lane(terraform, provider, cache_dir, env) as lane:
            first = differences(stock, normalise(lane.plan(root)))
            # Once more: what the lane remembers from the first time must not show.
            return first or differences(stock, normalise(lane.plan(root)))

    with ThreadPoolExecutor(len(roots)) as threads:
        found = dict(zip(roots, threads.map(compare, roots), strict=True))
    return [_finding(root, paths) for root, paths in found.items() if paths]


def stock_plan(root: Path, terraform: Path | str, env: Mapping[str, str], folder: Path) -> bytes:
    """Run ``init`` with the lock file verified, ``plan`` and ``show -json``, all by the stock CLI.

    Raises:
        ToolError: one of them failed.
    """
    folder.mkdir(parents=True)
    out = folder / "plan.bin"
    settings = {**env, "TF_DATA_DIR": str(folder / "data")}
    for command in (["init", "-lockfile=readonly"], ["plan", "-lock=false", "-input=false", f"-out={out}"]):
        run(str(terraform), [command[0], "-no-color", *command[1:]], root, settings)
    return run(str(terraform), ["show", "-json", str(out)], root, settings)


def _finding(root: Path, paths: Sequence[str]) -> Finding:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    message = f"the fast lane's plan differs from the stock CLI's at {', '.join(paths[:_NAMED])}{more}"
    return Finding(CHECK, Severity.ERROR, "", message, environment=root.name, guideline="docs/performance.md")
