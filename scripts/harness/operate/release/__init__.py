"""Releases: move the alias to a version in steps, watch the alarms, take it back (docs/adr/0010)."""

from harness.operate.release.alias import Alias, Pointer, alias_of
from harness.operate.release.engine import Outcome, Release
from harness.operate.release.pruning import find_expendable, prune
from harness.operate.release.record import Record, RecordStore, Running, forget, record_of
from harness.operate.release.steps import Step, steps_of
from harness.operate.release.watch import Watch, watch_of

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
