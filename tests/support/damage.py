"""Damage a file of a tree in every way that a file is damaged, and run verbs of the harness on it.

``python damage.py`` in a tree is the worker: it imports the harness once and runs each verb in a process of its own.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

KINDS: Mapping[str, bytes] = {
    "empty": b"",
    "no text": b"\0\1\2\xff\xfe\x80",
    "no JSON, no YAML": b"nonsense: [unclosed\n",
    "a list": b"[1, 2]\n",
    "null": b"null\n",
    "a number": b"42\n",
    "an empty mapping": b"{}\n",
    "nested too deeply": b"[" * 100_000,
}
"""Contents that a damaged file has in place of its own, by name."""
TORN, MISSING, FOLDER, LOOP = "the first half", "missing", "a folder", "a link to itself"
EVERY = (*KINDS, TORN, MISSING, FOLDER, LOOP)


@dataclass(frozen=True)
class Outcome:
    """The end of a verb.

    Attributes:
        code: its exit code; negative: the signal that ended it.
        text: all that it printed.
        read: files of the tree that it opened to read, where that was asked for.
    """

    code: int
    text: str
    read: tuple[str, ...] = ()

    def complaint(self, named: str = "") -> str:
        """Say what is wrong with the way a damaged file was met; empty: nothing.

        Args:
            named: what a refusal has to name.
        """
        if self.code not in (0, 1, 2) or "Traceback" in self.text or "bug of the harness" in self.text:
            return f"ended with {self.code}: {self.text[-600:]}"
        errors = [line for line in self.text.splitlines() if line.startswith("error: ")]
        if self.code == 2 and (len(errors) != 1 or "->" not in self.text):
            return f"refused with {len(errors)} lines: {self.text[-600:]}"
        if self.code == 2 and named not in self.text:
            return f"named no {named}: {errors}"
        return ""


def damaged(content: bytes, kind: str) -> bytes:
    """Return what a file or an object of this content holds once it is damaged; of kinds that have a content."""
    return content[: len(content) // 2] if kind == TORN else KINDS[kind]


@contextlib.contextmanager
def damage(file: Path, kind: str) -> Iterator[None]:
    """Damage a file while the block runs. Of a link, what it leads to is damaged."""
    file = file.resolve()
    content, mode = file.read_bytes() if file.exists() else None, file.stat().st_mode if file.exists() else 0
    file.unlink(missing_ok=True)
    if kind == FOLDER:
        file.mkdir()
    elif kind == LOOP:
        file.symlink_to(file.name)
    elif kind != MISSING:
        file.write_bytes(damaged(content or b"", kind))
    try:
        yield
    finally:
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file)
        else:
            file.unlink(missing_ok=True)
        if content is not None:
            file.write_bytes(content)
            file.chmod(mode)


class Harness:
    """The harness of a tree, ready to run verbs."""

    def __init__(self, tree: Path, env: Mapping[str, str]) -> None:
        command = [sys.executable, str(tree / "tests" / "support" / Path(__file__).name)]
        self._worker = subprocess.Popen(
            command, cwd=tree, env=dict(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, verb: str, settings: Mapping[str, str], *, watched: bool = False) -> Outcome:
        """Run a verb to its end.

        Args:
            settings: its options, by the names of their variables.
            watched: list what it reads.
        """
        assert self._worker.stdin and self._worker.stdout
        call = {"verb": verb, "settings": dict(settings), "watched": watched}
        self._worker.stdin.write(json.dumps(call) + "\n")
        self._worker.stdin.flush()
        answer = json.loads(self._worker.stdout.readline())
        return Outcome(answer["code"], answer["text"], tuple(answer["read"]))

    def close(self) -> None:
        """End the worker."""
        assert self._worker.stdin and self._worker.stdout
        self._worker.stdin.close()
        self._worker.stdout.close()
        self._worker.wait()


def _serve() -> None:
    from harness.base.startup import prepare

    prepare()
    sys.path.insert(0, str(Path.cwd()))  # as ``python -m`` has it
    from harness.base.verb_list import VERBS

    for verb in VERBS.values():
        importlib.import_module(f"harness.verbs.{verb.module}")
    for line in sys.stdin:
        call = json.loads(line)
        with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as read:
            if (child := os.fork()) == 0:
                _become(call, printed, read)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            texts = [_content(stream) for stream in (printed, read)]
        answer = {"code": code, "text": texts[0], "read": sorted(set(texts[1].splitlines()))}
        print(json.dumps(answer), flush=True)


def _become(call: Mapping[str, Any], printed: IO[bytes], read: IO[bytes]) -> None:
    from harness.cli import main

    os.setsid()
    for descriptor, target in ((os.open(os.devnull, os.O_RDONLY), 0), (printed.fileno(), 1), (printed.fileno(), 2)):
        os.dup2(descriptor, target)
    os.environ.update(call["settings"])
    if call["watched"]:
        sys.addaudithook(lambda event, arguments: _note(read.fileno(), event, arguments))
    code = 1
    try:
        code = main([call["verb"]])
    except BaseException:  # noqa: BLE001 - as the interpreter would at its end
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _note(descriptor: int, event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not isinstance(arguments[0], str) or set(str(arguments[1])) & set("wax+"):
        return
    place = os.path.relpath(arguments[0])
    if not place.startswith(("..", "build/venv", ".git/")) and not place.endswith((".py", ".pyc")):
        os.write(descriptor, f"{place}\n".encode())


def _content(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


if __name__ == "__main__":
    _serve()
