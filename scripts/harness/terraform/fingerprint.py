"""What a saved plan was made from, as hashes, so that ``apply`` can refuse a stale one and say what changed."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from harness.base.errors import PlanFormatError, StaleError
from harness.base.paths import BUNDLES, PARITY, REPO, Stack, bundle_contract, bundle_zip, shown, write_atomically
from harness.facts import service_names
from harness.facts.blueprint import BLUEPRINT
from harness.facts.service import SERVICES

_HCL = ("*.tf", "*.yaml", "*.hcl", "*.tfvars", "*.json")


@dataclass(frozen=True, slots=True)
class PlanMeta:
    """Fingerprints kept beside a saved plan.

    Attributes:
        files: repository-relative path -> SHA-256 of every file the plan depends on.
        plan: SHA-256 of ``plan.bin``.
        refusals: findings that keep it from being applied, a line each.
    """

    files: dict[str, str]
    plan: str
    owner: str
    refusals: list[str]


def inputs(stack: Stack) -> dict[str, str]:
    """Hash every file that a plan of ``stack`` depends on: its root, the modules, the facts, every service's zip.

    The contract twice: as Terraform reads it and as it is written, so that an edit counts before the next bundle.
    """
    paths = {REPO / BLUEPRINT}
    for service in service_names(REPO):
        paths |= {bundle_zip(service, BUNDLES), bundle_contract(service, BUNDLES)}
        paths.update((REPO / SERVICES / service).glob("*.yaml"))
    for folder in (stack.root, *sorted((REPO / "modules").glob("*"))):
        for pattern in _HCL:
            paths.update(folder.rglob(pattern))
    # The declarations of what differs are for the comparison alone.
    paths.discard(stack.root / PARITY)
    return {shown(path): _sha256(path.read_bytes()) for path in sorted(paths) if path.is_file()}


def save_meta(stack: Stack, owner: str, refusals: Sequence[str]) -> None:
    """Write the fingerprints of the plan just made beside it."""
    meta = PlanMeta(inputs(stack), _sha256(stack.plan_bin.read_bytes()), owner, list(refusals))
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
        return PlanMeta(**json.loads(stack.plan_meta.read_bytes()))
    except (ValueError, TypeError) as error:
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
    if meta.plan != _sha256(stack.plan_bin.read_bytes()):
        raise StaleError(f"{shown(stack.plan_bin)} is not the plan that was reviewed", f"make plan {stack.make_words}")
    return meta


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
