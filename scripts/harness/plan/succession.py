"""See two plans that were made offline, of two states of the same files, as the change from one to the other."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from harness.plan.actions import Action
from harness.plan.differences import alike, unlike
from harness.plan.model import OutputChange, Plan, ResourceChange, Values
from harness.plan.moving import Moved, successors
from harness.plan.wire import NULL

_NOTHING = Values(NULL, NULL, NULL)
One = TypeVar("One", ResourceChange, OutputChange)


def since(base: Plan, head: Plan, moves: Sequence[Moved] = ()) -> Plan:
    """Return ``head`` as the change of what ``base`` would have made.

    Only what the files say is in it: what AWS can only replace is an update there.

    Args:
        moves: the ``moved`` blocks of the files of ``head``.
    """
    before, after = _managed(base), _managed(head)
    moved = successors(before, after, moves)
    former = {new: old for old, new in moved.items()}
    resources = _succeeded({moved.get(address, address): one for address, one in before.items()}, after)
    return replace(
        head,
        resources=MappingProxyType(
            {key: replace(one, previous_address=former.get(key, "")) for key, one in resources.items()}
        ),
        outputs=_succeeded(base.outputs, head.outputs),
    )


def _managed(plan: Plan) -> dict[str, ResourceChange]:
    return {address: one for address, one in plan.resources.items() if one.mode == "managed"}


def _succeeded(base: Mapping[str, One], head: Mapping[str, One]) -> Mapping[str, One]:
    found = {key: _between(base[key], one) if key in base else one for key, one in head.items()}
    gone = {key: _gone(one) for key, one in base.items() if key not in head}
    return MappingProxyType({**found, **gone})


def _between(base: One, head: One) -> One:
    both = replace(head, _before=base._after)
    return replace(both, action=Action.NO_OP if _same(both.sealed) else Action.UPDATE)


def _gone(base: One) -> One:
    return replace(base, action=Action.DELETE, _before=base._after, _after=_NOTHING)


def _same(sides: tuple[object, object]) -> bool:
    return next(unlike(*sides, same=lambda one, other: one is other or alike(one, other)), None) is None
