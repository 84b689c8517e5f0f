"""Answers to the provider's checks of a configuration, remembered, also from one run to the next.

A check (``PrepareProviderConfig``, ``Validate…Config``) comes before ``Configure``: its answer depends on nothing but
the request, the provider's binary and its environment. What is kept is sealed with both
(:mod:`harness.base.sealed`); a torn or foreign file is none. Only clean answers get here: what is wrong with a
configuration the provider itself says, every time.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from harness.base import sealed
from harness.base.errors import HarnessError
from harness.typed.known_types import known

HELD = 10_000
"""Answers held at a time; a root has about a hundred checks of about 1 KB, a mutant a few new ones."""

KEPT = 1_500
"""Answers kept for the next run, those used last: twice what two environments and an account's root ask for."""

_Answers = list[tuple[str, bytes, bytes]]


class Memory:
    """Answers by method and request."""

    def __init__(self, answers: Iterable[tuple[str, bytes, bytes]] = ()) -> None:
        self._answers = {(method, request): answer for method, request, answer in answers}
        self._learned = False

    def recall(self, method: str, request: bytes) -> bytes | None:
        """Return the answer, if it is remembered; it then counts as used last."""
        answer = self._answers.pop((method, request), None)
        if answer is not None:
            self._answers[method, request] = answer
        return answer

    def learn(self, method: str, request: bytes, answer: bytes) -> None:
        """Remember ``answer``."""
        if len(self._answers) >= HELD:
            self._answers.clear()
        self._answers[method, request] = answer
        self._learned = True

    def keep(self, file: Path, key: str) -> None:
        """Keep the answers used last beside those in ``file``, when any is new.

        Lanes of other environments keep theirs there, too. A folder that cannot be written is no trouble.
        """
        if not self._learned:
            return
        mine = self._answers.copy()  # at once: a call may still be in hand
        # Mine last, and last of all what was used last: the oldest are left out.
        every = {asked: answer for asked, answer in kept(file, key)._answers.items() if asked not in mine} | mine
        last: _Answers = [(*asked, answer) for asked, answer in list(every.items())[-KEPT:]]
        try:
            sealed.store(file, key, msgspec.msgpack.encode(last))
        except HarnessError:
            return


def kept(file: Path, key: str) -> Memory:
    """Read what :meth:`Memory.keep` kept, if it can be believed; else make an empty memory."""
    raw = sealed.load(file, key)
    try:
        return Memory(msgspec.msgpack.decode(raw, type=known(_Answers)) if raw is not None else ())
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Memory()
