"""Releases: move aliases to versions in steps, watch the alarms, take them back (docs/adr/0010)."""

from harness.operate.release.alias import Alias, Pointer
from harness.operate.release.engine import Outcome, Release
from harness.operate.release.fleet import Fleet
from harness.operate.release.pruning import find_expendable, prune
from harness.operate.release.record import Line, Move, Record, Running, Served
from harness.operate.release.steps import Step, steps_of
from harness.operate.release.store import RecordStore, forget, record_of
from harness.operate.release.watch import Watch, watch_of

__all__ = [
    "Alias",
    "Fleet",
    "Line",
    "Move",
    "Outcome",
    "Pointer",
    "Record",
    "RecordStore",
    "Release",
    "Running",
    "Served",
    "Step",
    "Watch",
    "find_expendable",
    "forget",
    "prune",
    "record_of",
    "steps_of",
    "watch_of",
]
