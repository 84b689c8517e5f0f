"""The lock of a state folder: who holds it may write the folder, or delete it. The kernel frees it however they die."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.base import causes
from harness.base.errors import HarnessError

_NAME = "lock"


@contextmanager
def writing(state_dir: Path) -> Iterator[None]:
    """Turn an error of the system inside the block into one that names the state folder.

    Raises:
        HarnessError: there was one.
    """
    try:
        yield
    except OSError as error:
        raise HarnessError(
            f"the local AWS cannot write its state folder {state_dir}: {error.strerror}",
            causes.remedy_of(str(error)) or "make it writable or choose another one",
        ) from error


@contextmanager
def held(state_dir: Path) -> Iterator[None]:
    """Hold the folder.

    Raises:
        HarnessError: it cannot be written, or a local AWS that lives holds it.
    """
    with writing(state_dir):
        state_dir.mkdir(parents=True, exist_ok=True)
        lock = (state_dir / _NAME).open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise HarnessError(
                f"another local AWS already serves {state_dir}", "use that one, or stop it first: make down"
            ) from None
        yield


def try_room(state_dir: Path) -> None:
    """Write a small file, and delete it.

    Raises:
        OSError: it cannot be written.
    """
    file = state_dir / f"room.{os.getpid()}"
    try:
        file.write_bytes(b"room")
    finally:
        file.unlink(missing_ok=True)


def remove(state_dir: Path) -> None:
    """Delete the folder with all it holds; nothing happens when there is none.

    Raises:
        HarnessError: a local AWS that lives holds it.
    """
    if not state_dir.exists():
        return
    gone = state_dir.with_name(f"{state_dir.name}.gone-{os.getpid()}")
    with held(state_dir):
        state_dir.rename(gone)  # from here on a new one can be started in its place
    shutil.rmtree(gone, ignore_errors=True)
