"""Read JSON that was left on disk or in a bucket: one kind of error, whatever it holds by now."""

import json
from typing import Any


def read_json(data: bytes | str) -> Any:
    """Parse JSON.

    Raises:
        ValueError: it is no UTF-8, no JSON, or nested deeper than can be read.
    """
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("it is nested too deeply to be read") from error
