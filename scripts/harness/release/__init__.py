"""Releases: move the alias to a version in steps, watch the alarms, take it back (docs/adr/0010)."""

from harness.release.alarms import Watch, watch_of
from harness.release.alias import Alias, Pointer, alias_of
from harness.release.engine import Outcome, Release
from harness.release.pruning import find_expendable, prune
from harness.release.record import Record, RecordStore, Running, forget, record_of
from harness.release.steps import Step, steps_of

__all__ = [
    "Alias",
    "Outcome",
    "Pointer",
    "Record",
    "RecordStore",
    "Release",
    "Running",
    "Step",
    "Watch",
    "alias_of",
    "find_expendable",
    "forget",
    "prune",
    "record_of",
    "steps_of",
    "watch_of",
]
