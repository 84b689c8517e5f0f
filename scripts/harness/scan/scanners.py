"""checkov itself: the only module that imports it. Runs in ``build/venv-checkov``."""

import dataclasses
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from checkov.common.bridgecrew.check_type import CheckType
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.models.enums import CheckResult
from checkov.common.output.record import Record
from checkov.common.output.report import Report
from checkov.runner_filter import RunnerFilter
from checkov.terraform.plan_runner import Runner as PlanRunner
from checkov.terraform.runner import Runner as HclRunner
from checkov.version import version

from harness.scan import iam, leaks, policies, problems

_SOURCE = "https://github.com/bridgecrewio/checkov/blob/{version}/{path}.py"
_INDEX = "https://www.checkov.io/5.Policy%20Index/terraform.html"


def scan(job: dict[str, Any]) -> dict[str, Any]:
    """Scan everything a job names.

    Args:
        job: ``plans`` (name -> plan JSON file), ``suffixes`` (name -> environment suffix), ``hcl`` (folders with
            roots), ``policies`` (folder), ``documents`` (for :mod:`harness.scan.iam`), ``secrets`` (for
            :mod:`harness.scan.leaks`).

    Returns:
        ``results`` (failed checks), ``passed`` (source, house policy, resource), ``evaluated`` (check -> how often),
        ``policies`` (what was loaded), ``seconds``.

    Raises:
        ValueError: a plan, an HCL file or a policy cannot be read.
    """
    seconds: dict[str, float] = {}
    registry = get_graph_checks_registry(CheckType.TERRAFORM)
    # Only the AWS provider is used here; reading the YAML checks of the other clouds takes as long as a plan's scan.
    registry.checks_dir = str(Path(registry.checks_dir) / "aws")
    registry.load_checks()
    house = policies.load(Path(job["policies"]), registry, job["suffixes"])
    scanned, results = _everything(job, house, seconds)
    evaluated: Counter[str] = Counter()
    for one in scanned:
        evaluated.update(one.evaluated)
    evaluated |= dict.fromkeys(iam.GUIDELINES, len(job["documents"]))
    evaluated["SECRETS"] = len(job["secrets"]["files"]) + len(job["secrets"]["archives"])
    known = {name: dataclasses.asdict(policy) for name, policy in house.items()}
    return {
        "results": [result for one in scanned for result in one.results] + results,
        "passed": [entry for one in scanned for entry in one.passed],
        "evaluated": evaluated,
        "policies": known,
        "version": version,
        "seconds": seconds,
    }


@dataclasses.dataclass(frozen=True, slots=True)
class _Scanned:
    """Verdicts of checkov on one plan or folder; see :func:`scan`."""

    results: list[dict[str, Any]]
    passed: list[tuple[str, str, str]]
    evaluated: dict[str, int]


def _everything(
    job: dict[str, Any], house: dict[str, policies.Policy], seconds: dict[str, float]
) -> tuple[list[_Scanned], list[dict[str, Any]]]:
    """Collect checkov's verdicts on every plan and every HCL folder, and what the other scanners found.

    Plans, and the search for secrets, run in copies of this process, which has loaded everything: starting another one
    takes longer than scanning.
    """
    apart = min(os.cpu_count() or 1, len(job["plans"]) + 1)
    with ProcessPoolExecutor(apart, multiprocessing.get_context("fork")) as copies:
        plans = [copies.submit(_scanned, _scan_plan, name, file, house) for name, file in job["plans"].items()]
        secrets = copies.submit(leaks.search, job["secrets"])
        with _timed(seconds, "hcl"):
            folders = [_scanned(_scan_hcl, "hcl", folder, house) for folder in job["hcl"]]
        with _timed(seconds, "iam"):
            found = iam.lint(job["documents"])
        with _timed(seconds, "wait for plans"):
            scanned = [*(plan.result() for plan in plans), *folders]
        with _timed(seconds, "wait for secrets"):
            found += secrets.result()
    return scanned, found


def _scanned(
    runner: Callable[[Path, dict[str, policies.Policy]], Report],
    source: str,
    place: str,
    house: dict[str, policies.Policy],
) -> _Scanned:
    """Run checkov on one plan or folder; whatever it logs as an error ends the scan."""
    report = runner(Path(place), house)
    problems.require_none()
    evaluated: dict[str, int] = {}
    passed: list[tuple[str, str, str]] = []
    _count(report, source, house, evaluated, passed)
    return _Scanned(_failures(report, source, house), passed, evaluated)


def _elsewhere(house: dict[str, policies.Policy], framework: str) -> list[str]:
    """List house policies that can tell nothing in this framework."""
    return [policy.id for policy in house.values() if framework not in policy.frameworks]


def _scan_plan(file: Path, house: dict[str, policies.Policy]) -> Report:
    """Scan a plan on its own: in one graph, a resource of one environment would satisfy what another lacks."""
    report = PlanRunner().run(
        files=[str(file)],
        runner_filter=RunnerFilter(
            framework=["terraform_plan"], skip_checks=_elsewhere(house, "terraform_plan"), show_progress_bar=False
        ),
    )
    if report.parsing_errors or not report.resources:
        raise ValueError(f"{file.name} is no plan JSON that checkov can read")
    return report


def _scan_hcl(folder: Path, house: dict[str, policies.Policy]) -> Report:
    # Skips written into the code would be exceptions without owner, reason and expiry: they are not collected.
    report = HclRunner().run(
        root_folder=str(folder),
        runner_filter=RunnerFilter(
            framework=["terraform"],
            skip_checks=_elsewhere(house, "terraform"),
            show_progress_bar=False,
            download_external_modules=False,
            excluded_paths=[".terraform"],
        ),
        collect_skip_comments=False,
    )
    if report.parsing_errors:
        raise ValueError(f"checkov cannot parse {', '.join(sorted(report.parsing_errors))}")
    return report


def _failures(report: Report, source: str, house: dict[str, policies.Policy]) -> list[dict[str, Any]]:
    # Skipped is failed here: no skip but those of the exceptions file counts.
    return [
        _result(record, source, house.get(record.check_id))
        for record in (*report.failed_checks, *report.skipped_checks)
    ]


def _count(
    report: Report,
    source: str,
    house: dict[str, policies.Policy],
    evaluated: dict[str, int],
    passed: list[tuple[str, str, str]],
) -> None:
    for record in (*report.failed_checks, *report.skipped_checks, *report.passed_checks):
        evaluated[record.check_id] = evaluated.get(record.check_id, 0) + 1
        if record.check_id in house and record.check_result["result"] == CheckResult.PASSED:
            passed.append((source, record.check_id, record.resource_address or record.resource))


def _result(record: Record, source: str, policy: policies.Policy | None) -> dict[str, Any]:
    keys = [key for key in record.check_result.get("evaluated_keys") or [] if isinstance(key, str)]
    return {
        "source": source,
        "check": record.check_id,
        "title": record.check_name or "",
        "resource": record.resource_address or record.resource,
        "file": record.file_abs_path if source == "hcl" else "",
        "line": record.file_line_range[0] if source == "hcl" else 0,
        "attribute": keys[0].split("/")[0] if keys else "",
        "guideline": policy.guideline if policy else _guideline(record),
    }


def _guideline(record: Record) -> str:
    """Link the check's own source at the pinned version: checkov gets its guideline pages over the network only."""
    module = record.check_class or ""
    if module.startswith("checkov.terraform.checks"):
        return _SOURCE.format(version=version, path=module.replace(".", "/"))
    return _INDEX


class _timed:
    """Stop-watch that adds the seconds of a block to ``seconds``."""

    def __init__(self, seconds: dict[str, float], name: str) -> None:
        self._seconds, self._name = seconds, name

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = time.perf_counter() - self._started
        self._seconds[self._name] = round(self._seconds.get(self._name, 0.0) + spent, 3)
