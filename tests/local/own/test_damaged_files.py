"""Verbs go on, find something, or refuse in one line, whatever a file holds that they read; they never break.

Verbs, files and kinds of damage go round, so that each of them has its turn. ``make soak`` damages each file in each
way for each verb that reads it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.clone import Clone, clone_tree
from tests.support.damage import EVERY, FOLDER, LOOP, MISSING, Harness, damage, damaged
from tests.support.deployed import FREE, STATES, bring_up, clients_of

from harness.facts import service_names
from harness.localaws import control

_START_SECONDS = 60
_KEY = f"{FREE}/{FREE}/terraform.tfstate"
_RELEASE = f"{FREE}/{FREE}/release.json"
_STACK = f"build/local/{FREE}/{FREE}"
_ENV = {"ENV": FREE}
_OBJECTS = tuple(kind for kind in EVERY if kind not in (MISSING, FOLDER, LOOP))
# Read with what is deployed: each ends within a second or two.
_READERS: dict[str, dict[str, str]] = {
    "outputs": _ENV,
    "smoke": _ENV,
    "preflight": _ENV,
    "release": _ENV,
    "rollback": _ENV,
    "prune": _ENV,
    "backup": _ENV,
    "restore": _ENV | {"WHAT": "state"},
    "bundle": {},
}
# Change or plan what is deployed: those that believed a damaged state would do harm.
_ACTORS: dict[str, dict[str, str]] = {"plan": _ENV, "apply": _ENV, "drift": _ENV, "destroy": _ENV, "up": _ENV}
_FILES_ALONE: dict[str, dict[str, str]] = {
    "cost": _ENV,
    "parity": {},
    "plan-offline": {},
    "docs": {},
    "scan": {},
    "report": {},
    "lint": {},
    "inventory": _ENV,
}
_STEPS = {"cost": 5, "parity": 25}
"""Gives the distance between the files, of what people write, that a verb meets; a verb without one meets one file."""
_OPTIONS = {**_READERS, **_ACTORS, **_FILES_ALONE}
_RECORDS = ("plan.json", "plan.meta.json", "state.seen.json", "plan.bin", "terraform/.initialised")
_TURNS = {"plan": range(1), "apply": range(7), "drift": range(3, 4), "up": range(5, 6)}
"""Turns of each verb with these records; ``apply`` refuses at once, the others plan."""
# What no verb makes anew in an undisturbed run, but the next one would read.
_LEFT_BEHIND = tuple(f"{_STACK}/{name}" for name in ("apply.journal.json", "apply.running.json"))


@dataclass
class Scene:
    """A copy of the tree with one environment deployed and planned."""

    clone: Clone
    harness: Harness
    aws: Any


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    clone = clone_tree(tmp_path_factory.mktemp("damaged"))
    local = control.start(clone.root / "build" / "local", None, _START_SECONDS, die_with_parent=True)
    harness = None
    try:
        bring_up(clone, FREE)
        harness = Harness(clone.root, clone.environment())
        yield Scene(clone, harness, clients_of(local))
    finally:
        if harness:
            harness.close()
        control.stop(local)


@pytest.fixture(scope="module")
def thorough(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--all-damage"))


def _shown(tried: list[tuple[str, str, str, str]]) -> str:
    return "\n".join(f"{verb}, {place}, {kind}: {complaint}" for verb, place, kind, complaint in tried)


def _turns(places: Sequence[str], kinds: Sequence[str], turns: range, *, all_of_them: bool) -> list[tuple[str, str]]:
    """Pair files with kinds of damage: those whose turn it is, or all of them."""
    if all_of_them:
        return list(itertools.product(places, kinds))
    return [(places[turn % len(places)], kinds[turn % len(kinds)]) for turn in turns]


def _plan(scene: Scene) -> None:
    """Make a saved plan where an apply has spent the last one."""
    if not (scene.clone.root / _STACK / "plan.bin").exists():
        planned = scene.clone.run("plan", ENV=FREE)
        assert planned.returncode == 0, planned.stderr


@pytest.mark.parametrize("verb", _READERS)
def test_a_verb_meets_damaged_files_in_order(scene: Scene, thorough: bool, verb: str) -> None:
    clean = scene.harness.run(verb, _READERS[verb], watched=True)
    assert clean.read, clean.text
    places = sorted({*(place for place in clean.read if (scene.clone.root / place).is_file()), *_LEFT_BEHIND})
    first = 5 * list(_READERS).index(verb)
    found = _damage_and_run(scene, verb, _turns(places, EVERY, range(first, first + 5), all_of_them=thorough))
    assert not found, _shown(found)


def _damage_and_run(scene: Scene, verb: str, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str, str, str]]:
    """Run a verb on each damaged file; list complaints."""
    found = []
    for place, kind in pairs:
        with damage(scene.clone.root / place, kind):
            complaint = scene.harness.run(verb, _OPTIONS[verb]).complaint()
        found += [(verb, place, kind, complaint)] if complaint else []
    return found


@pytest.mark.parametrize("verb", sorted(_ACTORS.keys() - {"destroy"}))  # which does without a saved plan
def test_a_verb_that_acts_meets_damaged_records_in_order(scene: Scene, thorough: bool, verb: str) -> None:
    places, found = [*(f"{_STACK}/{name}" for name in _RECORDS), *_LEFT_BEHIND], []
    for place, kind in _turns(places, EVERY, _TURNS[verb], all_of_them=thorough):
        _plan(scene)
        kept = {name: file.read_bytes() for name in places if (file := scene.clone.root / name).exists()}
        found += _damage_and_run(scene, verb, [(place, kind)])
        # An apply that went to its end has spent the plan.
        for name, content in kept.items() if (scene.clone.root / _STACK / "plan.bin").exists() else ():
            (scene.clone.root / name).write_bytes(content)
    assert not found, _shown(found)


@pytest.mark.parametrize("verb", sorted({*_READERS, *_ACTORS} - {"bundle"}))
def test_a_damaged_state_is_refused_by_its_name(scene: Scene, thorough: bool, verb: str) -> None:
    """``make restore`` lists versions, the damaged one among them: it is how a state comes back."""
    _plan(scene)
    store, settings = scene.aws("s3"), _OPTIONS[verb]
    whole = store.get_object(Bucket=STATES, Key=_KEY)["Body"].read()
    start = sorted([*_READERS, *_ACTORS]).index(verb)
    found = []
    for _, kind in _turns([_KEY], _OBJECTS, range(start, start + 1), all_of_them=thorough):
        store.put_object(Bucket=STATES, Key=_KEY, Body=damaged(whole, kind))
        outcome = scene.harness.run(verb, settings)
        complaint = outcome.complaint(named=_KEY if verb != "restore" else "")
        if not complaint and (outcome.code == 2) is (verb == "restore"):
            complaint = f"ended with {outcome.code}: {outcome.text[-300:]}"
        found += [(verb, _KEY, kind, complaint)] if complaint else []
        store.put_object(Bucket=STATES, Key=_KEY, Body=whole)
    assert not found, _shown(found)


def test_a_damaged_record_of_a_release_is_refused_by_its_name(scene: Scene) -> None:
    store, found = scene.aws("s3"), []
    for kind, verb in zip(_OBJECTS, itertools.cycle(("release", "rollback")), strict=False):
        store.put_object(Bucket=STATES, Key=_RELEASE, Body=damaged(b'{"steps": [1, 2, 3]}', kind))
        outcome = scene.harness.run(verb, _ENV)
        complaint = outcome.complaint(named=_RELEASE) or ("" if outcome.code == 2 else outcome.text[-300:])
        found += [(verb, _RELEASE, kind, complaint)] if complaint else []
    store.delete_object(Bucket=STATES, Key=_RELEASE)
    assert not found, _shown(found)


@pytest.fixture(scope="module")
def written(scene: Scene) -> list[str]:
    """List files that people write and a plan without AWS reads; of Terraform's own, two: it names them itself."""
    clean = scene.harness.run("plan-offline", {}, watched=True)
    assert clean.code == 0, clean.text
    found = sorted(place for place in clean.read if _is_written(scene.clone.root / place))
    assert {"blueprint.yaml", *(f"lambda/{name}/service.yaml" for name in service_names())} <= set(found)
    return found


@pytest.mark.parametrize("verb", _FILES_ALONE)
def test_what_people_write_is_met_in_order(scene: Scene, written: list[str], thorough: bool, verb: str) -> None:
    first = list(_FILES_ALONE).index(verb)
    turns = range(first, first + len(written), _STEPS.get(verb, len(written)))
    found = _damage_and_run(scene, verb, _turns(written, EVERY, turns, all_of_them=thorough))
    assert not found, _shown(found)


@pytest.mark.parametrize("kind", EVERY)
def test_a_damaged_fact_is_refused_and_never_taken_from_memory(scene: Scene, kind: str) -> None:
    with damage(scene.clone.root / "blueprint.yaml", kind):
        outcome = scene.harness.run("cost", _ENV)
    assert (outcome.code, outcome.complaint(named="blueprint.yaml")) == (2, "")


def _is_written(file: Path) -> bool:
    terraform = file.suffix == ".tf" and (file.name != "main.tf" or file.parent.name not in (FREE, "table"))
    return file.is_file() and not terraform and file.name != "README.md"


def test_what_is_left_of_the_stack_is_whole_after_all_of_this(scene: Scene) -> None:
    state = json.loads(scene.aws("s3").get_object(Bucket=STATES, Key=_KEY)["Body"].read())
    assert state["resources"]
    plan = scene.clone.run("plan", ENV=FREE)
    assert plan.returncode == 0, plan.stderr
    assert "no changes" in plan.stdout
