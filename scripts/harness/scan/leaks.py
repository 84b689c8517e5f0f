"""Search of text for secrets with detect-secrets' detectors. Runs in ``build/venv-checkov``.

Every detector of a known token, key or connection string reads everything, the zip's vendored packages included.
The two that guess are held where guessing pays: words beside ``password`` and the like outside tests (tests are
full of made-up ones), strings of high entropy in everything of ours but lock files (which are lists of hashes).
"""

import hashlib
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class  # type: ignore[import-not-found]

GUIDELINE = (
    "A secret in a repository or a deployment package is known to everybody who ever got a copy: replace it at its "
    "issuer, then read it from the environment or a secret store."
)
_ENTROPY = ("Base64HighEntropyString", "HexHighEntropyString")
# Names of things are long and varied too, but in them no long piece mixes digits and letters of both cases.
_RANDOM = {
    "Base64HighEntropyString": re.compile(
        r"(?<![A-Za-z0-9+])(?=[A-Za-z+]*\d)(?=[a-z0-9+]*[A-Z])(?=[A-Z0-9+]*[a-z])[A-Za-z0-9+]{12}"
    ),
    "HexHighEntropyString": re.compile(r"(?=[a-f]*\d)(?=\d*[a-f])[a-f0-9]{20}", re.IGNORECASE),
}
_GUESSES = ("KeywordDetector", *_ENTROPY)
# Made from the source beside it, which is searched.
_COMPILED = (".pyc",)
_HASHES = (".terraform.lock.hcl", ".pdf", ".png")
# The shortest string that chance, not language, may have made; also spares most lines the slow look.
_QUOTED = re.compile(r"""(["'])[A-Za-z0-9+/=_-]{20,}\1""")
# No token is shorter than 20 characters; a password in an address is told by another sign.
_LONG = re.compile(r"[\w+/=.\-]{20}|://")
# Not in one piece, or this file would be taken for a key. A key spans lines, so it is looked for in the whole text.
_ARMOUR = "PRIVATE" + " KEY"
_SUSPICIOUS = re.compile(r"pass|pwd|secret|token|api_?key|private_?key|credential", re.IGNORECASE)
# What a name, a reference or a template looks like: no secret worth its name is made of lower-case words alone.
_IDENTIFIER = re.compile(r"[a-z_.\-\[\]()]*|[A-Z_]+|.{0,7}|.*\$\{.*|\$\w+")


def search(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Search files and archives.

    Args:
        job: ``root`` (folder), ``files`` (paths relative to it), ``archives`` (zips, relative to it or absolute).

    Returns:
        results as :mod:`harness.scan.scanners` gives them; the resource is ``path#`` and eight digits of the secret's
        SHA-256, never the secret.

    Raises:
        OSError: a file cannot be read.
    """
    root = Path(job["root"])
    plugins = {kind.__name__: kind() for kind in get_mapping_from_secret_type_to_class().values()}
    exact = {name: plugin for name, plugin in plugins.items() if name not in _GUESSES}
    found: list[dict[str, Any]] = []
    for name in job["files"]:
        text = (root / name).read_bytes().decode("utf-8", "replace")
        found += _tokens(name, text, exact)
        if not name.endswith(_HASHES):
            found += _guesses(name, text, plugins)
    for name in job["archives"]:
        with zipfile.ZipFile(root / name) as archive:
            for member in archive.namelist():
                if member.endswith(_COMPILED):
                    continue
                text = archive.read(member).decode("utf-8", "replace")
                found += _tokens(f"{Path(name).name}!{member}", text, exact)
    return found


def _tokens(name: str, text: str, plugins: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if _ARMOUR in text:
        for secret in set(plugins["PrivateKeyDetector"].analyze_string(text)):
            first = text.count("\n", 0, text.find(_ARMOUR)) + 1
            yield _result(name, first, "PrivateKeyDetector", "".join(secret))
    for number, line in enumerate(text.splitlines(), start=1):
        if _LONG.search(line):
            for kind, plugin in plugins.items():
                for secret in set(plugin.analyze_string(line)):
                    yield _result(name, number, kind, secret)


def _guesses(name: str, text: str, plugins: dict[str, Any]) -> Iterator[dict[str, Any]]:
    by_word = not name.startswith("tests/")
    for number, line in enumerate(text.splitlines(), start=1):
        where = {"filename": name, "line": line, "line_number": number}
        if by_word and _SUSPICIOUS.search(line):
            for secret in plugins["KeywordDetector"].analyze_line(**where):
                if not _IDENTIFIER.fullmatch(secret.secret_value.partition(" #")[0]):
                    yield _result(name, number, "KeywordDetector", secret.secret_value)
        for kind in _ENTROPY if _QUOTED.search(line) else ():
            for secret in plugins[kind].analyze_line(**where):
                if _RANDOM[kind].search(secret.secret_value):
                    yield _result(name, number, kind, secret.secret_value)


def _result(name: str, line: int, kind: str, secret: str) -> dict[str, Any]:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", kind.removesuffix("Detector")).lower()
    return {
        "source": "secrets",
        "check": "SECRET_" + re.sub(r"\W+", "_", words).upper(),
        "title": f"What looks like a secret ({words}) stands in {name}",
        "resource": f"{name}#{hashlib.sha256(secret.encode()).hexdigest()[:8]}",
        "file": name,
        "line": line,
        "attribute": "",
        "guideline": GUIDELINE,
    }
