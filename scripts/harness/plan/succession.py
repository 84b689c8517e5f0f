"""See two plans that were made offline, of two states of the same files, as the change from one to the other."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from harness.plan.actions import Action
from harness.plan.differences import alike, unlike
from harness.plan.model import OutputChange, Plan, ResourceChange, Values
from harness.plan.secrets import NO_SECRETS
from harness.plan.wire import NULL

_NOTHING = Values(NULL, NULL, NULL)
One = TypeVar("One", ResourceChange, OutputChange)


def since(base: Plan, head: Plan) -> Plan:
    """Return ``head`` as the change of what ``base`` would have made.

    Only what the files say is in it: what AWS can only replace is an update there, what is moved a delete and a create.
    """
    return replace(
        head,
        resources=_succeeded(_managed(base), _managed(head)),
        outputs=_succeeded(base.outputs, head.outputs),
        beside=(*base.beside, *head.beside),
    )


def _managed(plan: Plan) -> dict[str, ResourceChange]:
    return {address: one for address, one in plan.resources.items() if one.mode == "managed"}


def _succeeded(base: Mapping[str, One], head: Mapping[str, One]) -> Mapping[str, One]:
    found = {key: _between(base[key], one) if key in base else one for key, one in head.items()}
    gone = {key: _gone(one) for key, one in base.items() if key not in head}
    return MappingProxyType({**found, **gone})


def _between(base: One, head: One) -> One:
    both = replace(head, _before=base._after)
    return replace(both, action=Action.NO_OP if _same(both.sealed(NO_SECRETS)) else Action.UPDATE)


def _gone(base: One) -> One:
    return replace(base, action=Action.DELETE, _before=base._after, _after=_NOTHING)


def _same(sides: tuple[object, object]) -> bool:
    return next(unlike(*sides, same=lambda one, other: one is other or alike(one, other)), None) is None
