"""Every accepted survivor is a mutant that there is; the whole run says so too, but takes an hour."""

from __future__ import annotations

from harness.base.paths import shown
from harness.scan.exceptions import read_waivers
from harness.verbs.mutate import SURVIVORS, _derived, _files


def test_every_accepted_survivor_is_a_mutant() -> None:
    waivers, faults = read_waivers(SURVIVORS, shown(SURVIVORS))
    accepted = {resource for waiver in waivers for resource in waiver.resources}
    keys = {mutant.key for mutants in _derived(_files("", ""), "").values() for mutant in mutants}
    assert (accepted - keys, list(faults)) == (set(), [])
    assert accepted
