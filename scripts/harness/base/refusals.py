"""Refusals of Terraform, told with files as the repository has them, and what to correct: a file's line or a value."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from harness.base.causes import remedy_of
from harness.base.diagnostics import Diagnostic, read_diagnostics, tell
from harness.base.paths import REPO, SHARED

# Where Terraform itself names a file; what a message of the HCL says stays as it is written.
_FILE = re.compile(r"(?<=\bon )\S+(?= line \d)|(?<=\bat )[^\s:]+\.tf(?=:\d)")
# Messages that the HCL itself has: they say what is wrong with which value.
_CONDITION = re.compile(r"(condition failed|assertion failed)$|^Invalid value for (input )?variable$")
# The provider's refusal, which stands at its block; the account's id is a value of the root.
_ACCOUNT = re.compile(r"^AWS account ID not allowed")
# A line of the HCL that it shows.
_SOURCE = re.compile(r"\s*(\d+:|│)")
# Terraform names no file here.
_LOCK = "failed to read dependency lock file"
# Terraform shows the values that an expression was made from; those that people write come by these names.
_GIVEN_VALUE = re.compile(r"^\s*│ (local|each|var)\.\S+ is ", re.MULTILINE)

OTHER_PROVIDER = "match any of the checksums"
"""Terraform's words for a provider that the lock file does not know."""
NOT_THE_LOCKED_ONE = (
    "the provider is not the one of the lock file, its checksum differs",
    "do not use it, and find out who serves it (TF_PLUGIN_MIRROR, folders of plugins, the registry)",
)
"""Says that a provider is not the one of the lock file, and what to do about it."""


def told(tried: str, text: str, root: Path) -> str:
    """Say what Terraform printed in a root, with files as the repository has them."""
    return tell(tried, text, namer(root))


def remedy(text: str, root: Path) -> str:
    """Say what to correct, in a few words; empty when Terraform names no place."""
    found = list(dict.fromkeys(filter(None, (_correction(one, root) for one in read_diagnostics(text)))))
    return f"correct {', '.join(found)}, then run the same command again" if found else ""


def cause_in(text: str) -> str:
    """Say what to do about a cause outside the configuration that Terraform's own words give; empty for any other."""
    words = (line for one in read_diagnostics(text) for line in (one.summary, *one.lines) if not _SOURCE.match(line))
    return remedy_of("\n".join(words))


def namer(root: Path) -> Callable[[str], str]:
    """Return what names the files in a line as the repository does; a link by what it leads to."""
    return lambda line: _FILE.sub(lambda match: _named(root, match[0]), line)


def _named(root: Path, printed: str) -> str:
    # A root may be a copy elsewhere, with files where the repository has links.
    for place in (root, REPO / "envs" / root.name):
        file = Path(os.path.normpath(place / printed))
        if file.exists() and REPO in file.resolve().parents:
            return str(file.resolve().relative_to(REPO))
    return printed


def _correction(one: Diagnostic, root: Path) -> str:
    if one.summary.startswith(_LOCK):
        return f"envs/{root.name}/.terraform.lock.hcl"
    if _ACCOUNT.search(one.summary):
        return f"allowed_account_ids in envs/{root.name}/aws.tfvars"
    file, line, number = one.place.partition(" line ")
    place = _named(root, file) + line + number if file else ""
    text = "\n".join(one.lines)
    shared = place.startswith((f"envs/{SHARED}/", "modules/"))
    if _CONDITION.search(one.summary):
        # A variable of the root is given by an option or a variables file, all else by the root's values.
        return _value(root, given="variable" not in one.summary or ", in module" in text)
    return _value(root) if shared and _GIVEN_VALUE.search(text) else place


def _value(root: Path, *, given: bool = True) -> str:
    values = REPO / "envs" / root.name / "locals.tf"
    where = f" in {values.relative_to(REPO)}" if given and values.exists() else ""
    return f"the value that it names{where}"
