"""Comparisons of ``make bench``, and the ratios that are promised."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.base.errors import ToolError
from harness.base.paths import REPO, bundle_contract, bundle_zip
from harness.base.pythons import runtime_version
from harness.base.toolset import find_python, install_runtime
from harness.changes import changes
from harness.facts import read_blueprint, read_service
from harness.fastlane.equality import unequal
from harness.fastlane.lane import Lane
from harness.fastlane.pool import LanePool
from harness.lab.bench.first_call import first_call
from harness.lab.bench.pairs import Comparison, Work
from harness.lab.bench.stage import Stage, module_roots
from harness.plan import read_plan
from harness.rules import evaluate
from harness.scan.launch import Scanner
from harness.scan.plans import make_plans

STOCK = "stock CLI"
GATE_ROUNDS = 2
BIG_PLAN = 50_000


def chain(stage: Stage, lane: Lane, name: str) -> Comparison:
    """Compare validate, plan and show of one environment by the stock CLI and on a lane."""

    def stock() -> None:
        stage.stock(name, "validate", "-no-color")
        stage.plan(name)
        stage.show(name)

    def fast() -> None:
        lane.validate(stage.root(name))
        lane.plan(stage.root(name))

    fast()  # the first command on a lane starts its provider
    return Comparison(f"validate + plan + show, {name}", STOCK, stock, "fast lane, warm", fast, most=0.12)


def require_equal(stage: Stage, names: Sequence[str], scratch: Path) -> None:
    """Refuse to measure quick plans that are not the stock ones: they are worth nothing.

    Raises:
        ToolError: the plans differ; names the paths.
    """
    roots = [stage.root(name) for name in names]
    found = unequal(roots, stage.terraform, stage.provider, stage.cache_dir, stage.env, scratch)
    if found:
        raise ToolError("; ".join(f"{one.environment}: {one.message}" for one in found), "see docs/performance.md")


def operators_plan(stage: Stage, name: str) -> Comparison:
    """Compare what ``make plan`` does, its gates included, with a plan and its JSON by commands typed by hand.

    Of the environments that parity compares nothing is kept: the first plan after an edit of what they share.
    """
    compared = tuple(filter(None, (read_blueprint().compared_with(name), name)))

    def bare() -> None:
        stage.plan(name)
        stage.show(name)

    def ours() -> None:
        with ThreadPoolExecutor(1) as thread:
            beside = thread.submit(make_plans, stage.tree, compared, made_up_key=False) if len(compared) > 1 else None
            stage.plan(name, GOGC="off")  # as the harness runs it
            plan = read_plan(stage.show(name, GOGC="off"))
            if beside is not None:
                beside.result()
        evaluate(plan, environment=name, suffix=name)
        changes(plan)

    words = "GOGC=off, plan, show, typed, changes, rules, plans for parity"
    return Comparison("make plan", "terraform plan, show -json", bare, words, ours, most=1.15)


def one_shot(stage: Stage, name: str) -> Comparison:
    """Compare a stock plan with and without Go's garbage collector."""
    return Comparison(
        "one stock plan",
        "GOGC=100 (default)",
        lambda: stage.plan(name),
        "GOGC=off",
        lambda: stage.plan(name, GOGC="off"),
    )


def side_by_side(stage: Stage, pool: LanePool) -> Comparison:
    """Compare all environments on a pool of warm lanes with the same one after the other."""
    roots = [stage.root(name) for name in stage.names]

    def one_by_one() -> None:
        with pool.lane() as lane:
            for root in roots:
                lane.plan(root)

    def together() -> None:
        pool.map(lambda lane, root: lane.plan(root), roots)

    together()
    return Comparison("every environment, fast lane", "one after the other", one_by_one, "at once", together)


def gate(stage: Stage) -> Comparison:
    """Compare everything a pull request is checked for, providers started inside, with the naive pipeline."""
    modules = module_roots(stage.tree)

    def naive() -> None:
        for name in stage.names:  # the pipeline
            stage.stock(name, "fmt", "-check")
            stage.init(name)
            stage.stock(name, "validate", "-no-color")
            stage.plan(name)
            stage.json_file(name).write_bytes(stage.show(name))
            stage.checkov(name)
        for name in (*stage.names, *modules):  # and its tests, which plan every module and environment
            stage.init(name)
            stage.plan(name)
            stage.show(name)

    def fast() -> None:
        require_clean(child("harness.lab.bench.gate"))

    return Comparison(
        "the gate, every environment",
        "naive: stock commands in turn, a plan a test, checkov each",
        naive,
        "fast: fmt, validate, plan, assertions, rules, policies",
        fast,
        most=0.05,
        rounds=GATE_ROUNDS,
    )


def require_clean(told: str) -> None:
    """Refuse to measure a gate that has something to say: it would not be the one that everybody waits for.

    Raises:
        ToolError: a step of the gate has findings, or it looked at nothing; holds what it printed.
    """
    answer = json.loads(told)
    if any(answer["findings"].values()) or not all(answer["looked"].values()):
        raise ToolError(f"the gate is not clean: {told.strip()}", "run make check and mend what it finds")


def policy_scan(stage: Stage) -> Comparison:
    """Compare checkov's command on each plan with scanners loaded once for plans, HCL, IAM and secrets."""
    names, plans = stage.names, make_plans(stage.tree)

    def commands() -> None:
        for name in names:
            stage.checkov(name)

    def one_process() -> None:
        with Scanner() as scanner:
            scanner.scan(plans, stage.tree, tree=REPO, suffixes={name: name for name in names})

    for name in names:
        stage.plan(name)
        stage.json_file(name).write_bytes(stage.show(name))
    return Comparison(
        "policy scan, every environment",
        "checkov's command, plans only",
        commands,
        "loaded once, more scans",
        one_process,
    )


def big_plan(stage: Stage, name: str) -> Comparison:
    """Compare readers of a plan of 50,000 resources: an environment's own, over and over."""
    stage.plan(name)
    document = json.loads(stage.show(name))
    changes = document["resource_changes"]
    document["resource_changes"] = [
        changes[number % len(changes)] | {"address": f"{changes[number % len(changes)]['address']}_{number}"}
        for number in range(BIG_PLAN)
    ]
    document["resource_drift"] = []
    data = json.dumps(document).encode()
    return Comparison(
        f"plan JSON of {BIG_PLAN:,} resources ({len(data) // 1_000_000} MB)",
        "json.loads",
        lambda: json.loads(data),
        "typed plan model",
        lambda: read_plan(data),
        rounds=3,
    )


def cold_start(folder: Path, endpoint: str, name: str) -> list[Comparison]:
    """Compare a function's import and first call with a bare boto3 client's, and source with byte-code.

    On the function's own Python, with the bytes that are shipped.
    """
    python = install_runtime(find_python(runtime_version()))
    with zipfile.ZipFile(bundle_zip(name)) as bundle:
        bundle.extractall(folder / name)
        sources = [member for member in bundle.namelist() if not member.endswith(".pyc")]
        bundle.extractall(folder / f"{name}-source", sources)
    contract = json.loads(bundle_contract(name).read_bytes())
    call = json.dumps(first_call(name, read_service(name), contract, read_blueprint().region))

    def started(what: str, place: str = "", *, writes: bool = False) -> Work:
        paths = [str(folder / place)] if place else []
        # Byte-code stands beside its source, as on Lambda, where nothing can be written.
        options = {"PYTHONPYCACHEPREFIX": ""} | ({} if writes else {"PYTHONDONTWRITEBYTECODE": "1"})
        return lambda: float(child("harness.lab.bench.cold", what, endpoint, call, *paths, python=python, **options))

    shutil.copytree(folder / name, folder / f"{name}-warm")
    started("handler", f"{name}-warm", writes=True)()  # writes byte-code of boto3, which Lambda has
    client = ("bare boto3 client + GetItem", started("client"))
    shipped = started("handler", name)
    source = ("our handler, source only", started("handler", f"{name}-source"))
    return [
        Comparison(f"cold start of {name}: import + first call", *client, "our handler, as shipped", shipped),
        Comparison(f"cold start of {name}, byte-code", *source, "as shipped", shipped),
    ]


def child(module: str, *arguments: str, python: Path = Path(sys.executable), **env: str) -> str:
    """Run one of this package's programs and return what it printed.

    Args:
        python: interpreter that has the packages that it imports.

    Raises:
        ToolError: it failed.
    """
    settings = {
        **os.environ,
        "PYTHONPATH": str(REPO / "scripts"),
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    done = subprocess.run(
        [str(python), "-m", module, *arguments],
        cwd=REPO,
        env={**settings, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ToolError(f"{module} failed: {done.stderr.strip()[-500:]}", "run it on its own")
    return done.stdout
