"""Read the text of a file that people write, or say what keeps it from being read."""

from pathlib import Path

from harness.base.errors import HarnessError
from harness.base.paths import shown


def text_of(file: Path, name: str = "", error: type[HarnessError] = HarnessError) -> str:
    """Read a file as UTF-8.

    Args:
        name: how messages name it; by default its path below the repository.
        error: class of what is raised.

    Raises:
        HarnessError: it is missing, cannot be read, or is no UTF-8.
    """
    name = name or shown(file)
    try:
        if not file.is_file() and file.exists():  # of a pipe nobody may ever write the end
            raise error(f"{name} is no file", "put the file back in its place")
        return file.read_text(encoding="utf-8")
    except OSError as cause:
        raise error(f"{name} cannot be read: {cause.strerror}", "restore the file or write it") from cause
    except UnicodeDecodeError as cause:
        raise error(f"{name} is no UTF-8", "save it as UTF-8") from cause
