"""Let msgspec learn types one after the other.

It learns a type at its first use, and keeps the half that it knows so far where other threads find it while it resolves
the annotations of the rest: a second thread then reads what is not there, and the process ends without a word, by
SIGSEGV (msgspec 0.22.0). Types that it has learned are safe.
"""

import threading
from typing import TypeVar

import msgspec

Kind = TypeVar("Kind")

_learning = threading.Lock()
_known: set[object] = set()


def known(kind: type[Kind]) -> type[Kind]:
    """Return a type that msgspec knows, for whatever decodes or converts to it; safe in any thread.

    Args:
        kind: a msgspec structure, a dataclass, or what else msgspec takes as a type.
    """
    if kind not in _known:
        with _learning:
            msgspec.json.Decoder(kind)
            _known.add(kind)
    return kind
