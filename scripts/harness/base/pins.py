"""Pins of packages: exact versions with the SHA-256 of each file that may be installed. Standard library only."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.base.errors import ToolError
from harness.base.paths import REPO, shown
from harness.base.texts import text_of

REQUIREMENTS = REPO / "requirements"
_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)(?: *; *(.+))?")
_HASH = re.compile(r"\s--hash=sha256:([0-9a-f]{64})(?=\s|$)")
_HIDING = re.compile(r"(?:^|\s)#.*\\$")
# What uv and pip print of a file with another checksum: the package, and the checksum that the file has.
_REFUSED = (
    re.compile(r"Hash mismatch for `([^`]+)`.*?Computed:\s+sha256:(\w+)", re.DOTALL),
    re.compile(r"DO NOT MATCH THE HASHES.*?^ +(\S+) from .*?Got +(\w+)", re.DOTALL | re.MULTILINE),
)


@dataclass(frozen=True, slots=True)
class Pin:
    """One package.

    Attributes:
        name: as the file writes it.
        marker: for which Pythons and systems it is; empty: for all.
        hashes: SHA-256 of each file that may be installed, in hexadecimal.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def title(self) -> str:
        """Name and version as pip writes them."""
        return f"{self.name}=={self.version}"

    @property
    def line(self) -> str:
        """The pin for pip, without its marker."""
        return " ".join([self.title, *(f"--hash=sha256:{one}" for one in self.hashes)])


def canonical(name: str) -> str:
    """Return a package's name as indexes compare names: ``Typing_Extensions`` is ``typing-extensions``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pin_files(tree: Path = REPO) -> tuple[Path, ...]:
    """List all files of pins: those below ``requirements/``, and those of services with packages of their own."""
    return tuple(sorted([*tree.glob("requirements/**/*.txt"), *tree.glob("lambda/*/requirements.txt")]))


def read_pins(file: Path) -> tuple[Pin, ...]:
    """Read the pins of a file.

    Raises:
        ToolError: as :func:`placed_pins`.
    """
    return tuple(placed_pins(file))


def placed_pins(file: Path) -> dict[Pin, int]:
    """Read the pins of a file, with the line that each begins in.

    Raises:
        ToolError: the file cannot be read; a line is no exact version, or has no checksum; names the first.
    """
    pins = dict(_placed(text_of(file, error=ToolError), shown(file)))
    if bare := next((pin for pin in pins if not pin.hashes), None):
        raise ToolError(f"{bare.title} has no checksum ({shown(file)})", "run make lock, and review what it writes")
    return pins


def parse_pins(text: str, file: str) -> tuple[Pin, ...]:
    """Return the pins of a file's text, those without a checksum, too.

    Raises:
        ToolError: a line is no exact version.
    """
    return tuple(pin for pin, _ in _placed(text, file))


def _placed(text: str, file: str) -> Iterator[tuple[Pin, int]]:
    """Join lines as pip does. A comment does not go on in the next line for pip, so one that seems to is refused."""
    parts: list[str] = []
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if _HIDING.search(line):
            raise ToolError(
                f"{file}:{number}: a comment ends with a backslash, and would hide the next line from a review",
                "take the backslash away",
            )
        parts.append(line.removesuffix("\\"))
        if line.endswith("\\"):
            continue
        whole, first, parts = " ".join(parts).strip(), number - len(parts) + 1, []
        if whole and not whole.startswith("#"):
            yield _pin(whole, file), first


def _pin(line: str, file: str) -> Pin:
    hashes = tuple(_HASH.findall(line))
    found = _PIN.fullmatch(_HASH.sub("", line).strip())
    if found is None:
        raise ToolError(f"{line} is no exact version ({file})", "write NAME==VERSION and run make lock")
    return Pin(found[1], found[2], found[3] or "", hashes)


def chosen(file: Path, names: Collection[str]) -> str:
    """Return the pins of some packages as a text that pip reads.

    Raises:
        ToolError: as :func:`read_pins`; a package is not pinned.
    """
    pins = {pin.name: pin for pin in read_pins(file)}
    if missing := [name for name in names if name not in pins]:
        raise ToolError(f"{shown(file)} pins no {', '.join(missing)}", "run make lock")
    return "".join(f"{pins[name].line}\n" for name in names)


def other_file(printed: str) -> str:
    """Say which file uv or pip refused because its checksum is not pinned; empty when they failed at something else."""
    found = next((match for pattern in _REFUSED if (match := pattern.search(printed))), None)
    return f"{found[1]}: SHA-256 {found[2]} is not pinned" if found else ""
