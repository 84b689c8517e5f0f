"""Conditions that need a whole plan: each broken in a copy, and told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.growth.growing import add_entry
from tests.support.planning import Plans

from harness.base.paths import REPO, SHARED
from harness.facts import read_blueprint
from harness.fastlane.command import PlanRejected

FIRST, *REST = read_blueprint().environments
OTHERS = ", ".join(sorted(["another", *REST]))


def rename_in_blueprint(tree: Path) -> None:
    file = tree / "blueprint.yaml"
    file.write_text(re.sub(rf"^  {FIRST}:", "  another:", file.read_text(), flags=re.MULTILINE))


def give_values_for_no_table(tree: Path) -> None:
    file = tree / "envs" / FIRST / "locals.tf"
    file.write_text(file.read_text().replace("  tables = {", "  tables = {\n    ghosts = {}\n    spirits = {}", 1))


LOCALS = (REPO / "envs" / FIRST / "locals.tf").read_text()
# Place in locals.tf -> the key that nothing reads there.
MISSPELT = {
    r"^  api = \{": "corss",
    r"^  alarms = \{": "queuse",
    r"^  services = \{\n    (\w+) += \{": "reserved_concurency",
    r"^  tables = \{\n    (\w+) += \{": "recovery",
}
PLACES = {wrong: re.search(place, LOCALS, re.MULTILINE) for place, wrong in MISSPELT.items()}


def misspell_keys(tree: Path) -> None:
    file = tree / "envs" / FIRST / "locals.tf"
    text = file.read_text()
    for wrong, place in PLACES.items():
        if place:
            text = text.replace(place[0], f"{place[0]}\n      {wrong} = 1\n", 1)
    file.write_text(text)
    add_entry(tree / "envs" / SHARED / "resources.tf", "event_sources", "ordres = {}")


def unread() -> str:
    """List the misspelt keys as the condition does: by the part of the values that they stand in."""
    of_service, of_table = PLACES["reserved_concurency"], PLACES["recovery"]
    assert of_service, f"envs/{FIRST}/locals.tf has no values for a service"
    told = ["api.corss", "alarms.queuse", "event_sources.ordres", f"services.{of_service[1]}.reserved_concurency"]
    return ", ".join([*told, *([f"tables.{of_table[1]}.recovery"] if of_table else [])]) + "."


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "unlisted": (rename_in_blueprint, f"blueprint.yaml must list the environment {FIRST}; it lists {OTHERS}."),
    "misspelt": (
        misspell_keys,
        f"Nothing reads these keys of locals.tf and resources.tf; correct their names: {unread()}",
    ),
    "ghosts": (
        give_values_for_no_table,
        "locals.tf has values for tables that no service of this environment declares (service.yaml): ghosts, spirits.",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_it_is_refused(case: str, plans: Plans) -> None:
    change, said = BROKEN[case]
    with pytest.raises(PlanRejected, match=rf"{re.escape(said)}(?!\S)"), plans.changed(FIRST, change):
        pass


def subscribe_somebody(tree: Path) -> None:
    """Give a value where aws.tfvars or TF_VAR_subscribers would."""
    file = tree / "envs" / SHARED / "variables.tf"
    head, found, tail = file.read_text().partition('variable "subscribers" {')
    assert found
    file.write_text(head + found + tail.replace("= {}", '= { on-call = "on-call@example.com" }', 1))


def test_subscribers_reach_the_alarms_and_are_refused_where_these_tell_nobody(plans: Plans) -> None:
    said = 'subscribers need a topic to subscribe to; received ["on-call"] and topic_name null.'
    with pytest.raises(PlanRejected, match=re.escape(said)), plans.changed(FIRST, subscribe_somebody):
        pass


def test_every_condition_of_an_output_is_broken_here(tree: Path) -> None:
    written = (tree / "envs" / SHARED / "outputs.tf").read_text()
    assert written.count("precondition {") == len(BROKEN)
