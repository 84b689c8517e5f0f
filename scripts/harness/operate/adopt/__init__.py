"""After an apply that was killed: find what it made but could not write into the state, and hand it to Terraform.

Terraform writes a remote state every 20 seconds at best. What it created since is in the account and in no state: the
next apply would fail on the names and make twins of what has none. Here those resources are found by what the approved
plan says of them, and adopted by ``import`` blocks in a plan that must stay within the approved one.
"""

from harness.operate.adopt.approval import beyond, changed_files
from harness.operate.adopt.journal import (
    Journal,
    Outcome,
    begin,
    begin_recovery,
    journal_of,
    mark_path,
    outcome,
    require_settled,
    settle,
)
from harness.operate.adopt.lock import free_dead_lock
from harness.operate.adopt.lost import find_lost, forget_half_made, note_failure, remove_leftovers
from harness.operate.adopt.overlay import overlay

__all__ = [
    "Journal",
    "Outcome",
    "begin",
    "begin_recovery",
    "beyond",
    "changed_files",
    "find_lost",
    "forget_half_made",
    "free_dead_lock",
    "journal_of",
    "mark_path",
    "note_failure",
    "outcome",
    "overlay",
    "remove_leftovers",
    "require_settled",
    "settle",
]
