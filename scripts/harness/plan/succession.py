"""See two plans that were made offline, of two states of the same files, as the change from one to the other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from harness.plan.actions import Action
from harness.plan.addresses import plain_address
from harness.plan.differences import unlike
from harness.plan.model import OutputChange, Plan, ResourceChange
from harness.plan.moving import Moved, successors
from harness.plan.secrets import NO_SECRETS
from harness.plan.sides import Values
from harness.plan.values import UNKNOWN
from harness.plan.wire import NULL

_NOTHING = Values(NULL, NULL, NULL)
One = TypeVar("One", ResourceChange, OutputChange)


@dataclass(frozen=True, slots=True)
class _Sources:
    """The configurations that both plans are made from."""

    base: Plan
    head: Plan
    moves: tuple[Moved, ...]

    def alike(self, base: One, head: One, path: str) -> bool:
        """Tell whether an attribute is made from the same in both, what moved counted as the same."""
        return frozenset(map(self._today, _made_from(self.base, base, path))) == _made_from(self.head, head, path)

    def _today(self, expression: str) -> str:
        for move in self.moves:
            source, target = plain_address(move.source), plain_address(move.target)
            expression = re.sub(rf"(?<![\w.-]){re.escape(source)}(?![\w-])", target, expression)
        return expression


def since(base: Plan, head: Plan, moves: Sequence[Moved] = ()) -> Plan:
    """Return ``head`` as the change of what ``base`` would have made.

    Only what the files say is in it: what AWS can only replace is an update there.
    Values that both leave unknown are equal where the configuration makes them from the same, and untold elsewhere.

    Args:
        moves: the ``moved`` blocks of the files of ``head``.
    """
    before, after = _managed(base), _managed(head)
    moved = successors(before, after, moves)
    former = {new: old for old, new in moved.items()}
    sources = _Sources(base, head, tuple(moves))
    resources = _succeeded({moved.get(address, address): one for address, one in before.items()}, after, sources)
    return replace(
        head,
        resources=MappingProxyType(
            {key: replace(one, previous_address=former.get(key, "")) for key, one in resources.items()}
        ),
        outputs=_succeeded(base.outputs, head.outputs, sources),
        beside=(*base.beside, *head.beside),
    )


def _managed(plan: Plan) -> dict[str, ResourceChange]:
    return {address: one for address, one in plan.resources.items() if one.mode == "managed"}


def _succeeded(base: Mapping[str, One], head: Mapping[str, One], sources: _Sources) -> Mapping[str, One]:
    found = {key: _between(base[key], one, sources) if key in base else one for key, one in head.items()}
    gone = {key: _gone(one) for key, one in base.items() if key not in head}
    return MappingProxyType({**found, **gone})


def _between(base: One, head: One, sources: _Sources) -> One:
    both = replace(head, _before=base._after)
    found = tuple(unlike(*both.sealed(NO_SECRETS)))
    unknown = {one.path for one in found if one.one is UNKNOWN and one.other is UNKNOWN}
    untold = tuple(path for path in sorted(unknown) if not sources.alike(base, head, path))
    same = len(unknown) == len(found) and not untold
    return replace(both, action=Action.NO_OP if same else Action.UPDATE, untold=untold)


def _made_from(plan: Plan, change: ResourceChange | OutputChange, path: str) -> frozenset[str]:
    if isinstance(change, OutputChange):
        return plan.configuration.output_expressions(change.name)
    return plan.configuration.expressions(change.module, change.type, change.name, path)


def _gone(base: One) -> One:
    return replace(base, action=Action.DELETE, _before=base._after, _after=_NOTHING)
