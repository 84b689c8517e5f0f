"""One side of a change, kept as Terraform wrote it and decoded when asked."""

from dataclasses import dataclass, field

import msgspec

from harness.plan.sealing import Masked
from harness.plan.values import mask
from harness.plan.wire import decoded


@dataclass(frozen=True, slots=True)
class Values:
    """One side of a change, decoded anew on every call, so that no caller can alter the plan."""

    raw: msgspec.Raw = field(repr=False)
    unknown: msgspec.Raw = field(repr=False)
    sensitive: msgspec.Raw = field(repr=False)

    def tree(self) -> object:
        """Return the value with ``UNKNOWN`` and ``SENSITIVE`` in place; ``None`` when this side does not exist."""
        return mask(*map(decoded, (self.raw, self.unknown, self.sensitive)))

    def masked(self) -> Masked:
        """Return the value beside its masks. It may hold secrets: for what seals them, and for nobody else."""
        return Masked(*map(decoded, (self.raw, self.sensitive, self.unknown)))

    @property
    def hides(self) -> bool:
        """True when a part may be sensitive; nothing is decoded for that."""
        return b"true" in bytes(self.sensitive)
