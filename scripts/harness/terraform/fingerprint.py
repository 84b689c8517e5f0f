"""What a saved plan was made from, as hashes, so that ``apply`` can refuse a stale one and say what changed."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from harness.base.errors import PlanFormatError, StaleError
from harness.base.paths import REPO, Stack, shown, write_atomically
from harness.facts.plan_inputs import plan_inputs
from harness.typed.records import read_as


@dataclass(frozen=True, slots=True)
class PlanMeta:
    """Fingerprints kept beside a saved plan.

    Attributes:
        files: repository-relative path -> SHA-256 of every file the plan depends on.
        plan: SHA-256 of ``plan.bin``.
        shown: SHA-256 of ``plan.json``, which rules, journal and preflight read; empty where a plan has none.
        refusals: findings that keep it from being applied, a line each.
    """

    files: dict[str, str]
    plan: str
    shown: str
    owner: str
    refusals: list[str]


def inputs(stack: Stack) -> dict[str, str]:
    """Hash every file that a plan of ``stack`` depends on.

    The contract twice: as Terraform reads it and as it is written, so that an edit counts before the next bundle.
    """
    return {shown(path): _sha256(path.read_bytes()) for path in sorted(plan_inputs(stack.environment, REPO))}


def save_meta(stack: Stack, owner: str, refusals: Sequence[str]) -> None:
    """Write the fingerprints of the plan just made beside it."""
    told = _sha256(stack.plan_json.read_bytes()) if stack.plan_json.exists() else ""
    meta = PlanMeta(inputs(stack), _sha256(stack.plan_bin.read_bytes()), told, owner, list(refusals))
    write_atomically(stack.plan_meta, json.dumps(asdict(meta), indent=1).encode())


def load_meta(stack: Stack) -> PlanMeta:
    """Return the fingerprints of the saved plan.

    Raises:
        StaleError: there is no saved plan.
        PlanFormatError: the file beside the plan is damaged.
    """
    again = f"make plan {stack.make_words}"
    if not (stack.plan_bin.exists() and stack.plan_meta.exists()):
        raise StaleError(f"there is no saved plan of {stack.title}", again)
    try:
        return read_as(stack.plan_meta.read_bytes(), PlanMeta)
    except ValueError as error:
        raise PlanFormatError(f"{shown(stack.plan_meta)} is damaged", again) from error


def require_fresh(stack: Stack) -> PlanMeta:
    """Return the saved plan's fingerprints, after comparing them with the files as they are now.

    Raises:
        StaleError: a file changed, appeared or went since the plan was made; names the first few.
    """
    meta = load_meta(stack)
    now = inputs(stack)
    changed = sorted(name for name in meta.files.keys() | now.keys() if meta.files.get(name) != now.get(name))
    if changed:
        listed = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
        raise StaleError(
            f"the saved plan of {stack.title} is stale: {listed} changed since", f"make plan {stack.make_words}"
        )
    for file, made in ((stack.plan_bin, meta.plan), (stack.plan_json, meta.shown)):
        if not file.exists() or made != _sha256(file.read_bytes()):
            raise StaleError(f"{shown(file)} is not the plan that was reviewed", f"make plan {stack.make_words}")
    return meta


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
