"""Read records in JSON, left beside a stack or printed by a program, as what they were written as, or not at all."""

from typing import TypeVar

import msgspec

from harness.typed.known_types import known

Record = TypeVar("Record")


def read_as(data: bytes, kind: type[Record]) -> Record:
    """Read JSON as a record.

    Args:
        kind: a dataclass or msgspec structure; each field without a default has to be there, and each that is there
            of its type.

    Raises:
        ValueError: it is something else.
    """
    try:
        return msgspec.json.decode(data, type=known(kind))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error
