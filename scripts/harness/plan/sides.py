"""One side of a change, kept as Terraform wrote it and decoded when asked."""

from dataclasses import dataclass, field

import msgspec

from harness.plan.sealing import Masked
from harness.plan.values import copied, dig, mask
from harness.plan.wire import decoded

_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Values:
    """Holds one side of a change, and hands out copies, so that no caller can alter the plan."""

    raw: msgspec.Raw = field(repr=False)
    unknown: msgspec.Raw = field(repr=False)
    sensitive: msgspec.Raw = field(repr=False)

    def tree(self) -> object:
        """Return the value with ``UNKNOWN`` and ``SENSITIVE`` in place; ``None`` when this side does not exist."""
        return copied(self._decoded())

    def at(self, path: str, *, where: str) -> object:
        """Return what stands at a path of the tree; raises as :func:`harness.plan.values.dig` does."""
        return copied(dig(self._decoded(), path, where=where))

    @property
    def exists(self) -> bool:
        """Tell whether there is such a side."""
        return self._decoded() is not None

    def _decoded(self) -> object:
        kept = _recent.get(id(self))
        if kept is not None and kept[0] is self:
            return kept[1]
        tree = mask(*map(decoded, (self.raw, self.unknown, self.sensitive)))
        if len(_recent) >= _KEPT:
            _recent.clear()
        _recent[id(self)] = (self, tree)
        return tree

    def masked(self) -> Masked:
        """Return the value beside its masks. It may hold secrets: for what seals them, and for nobody else."""
        return Masked(*map(decoded, (self.raw, self.sensitive, self.unknown)))

    @property
    def hides(self) -> bool:
        """True when a part may be sensitive; nothing is decoded for that."""
        return b"true" in bytes(self.sensitive)


# Rules ask for one attribute of a resource after the other: those of few resources are kept, whatever a plan's size.
_recent: dict[int, tuple[Values, object]] = {}
