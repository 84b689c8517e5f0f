"""See two plans that were made offline, of two states of the same files, as the change from one to the other."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from harness.plan.actions import Action
from harness.plan.differences import unlike
from harness.plan.model import OutputChange, Plan, ResourceChange
from harness.plan.secrets import NO_SECRETS
from harness.plan.sides import Values
from harness.plan.values import UNKNOWN
from harness.plan.wire import NULL

_NOTHING = Values(NULL, NULL, NULL)
One = TypeVar("One", ResourceChange, OutputChange)


def since(base: Plan, head: Plan) -> Plan:
    """Return ``head`` as the change of what ``base`` would have made.

    Only what the files say is in it: what AWS can only replace is an update there, what is moved a delete and a create.
    Values that both leave unknown are equal where the configuration makes them from the same, and untold elsewhere.
    """
    return replace(
        head,
        resources=_succeeded(_managed(base), _managed(head), (base, head)),
        outputs=_succeeded(base.outputs, head.outputs, (base, head)),
        beside=(*base.beside, *head.beside),
    )


def _managed(plan: Plan) -> dict[str, ResourceChange]:
    return {address: one for address, one in plan.resources.items() if one.mode == "managed"}


def _succeeded(base: Mapping[str, One], head: Mapping[str, One], plans: tuple[Plan, Plan]) -> Mapping[str, One]:
    found = {key: _between(base[key], one, plans) if key in base else one for key, one in head.items()}
    gone = {key: _gone(one) for key, one in base.items() if key not in head}
    return MappingProxyType({**found, **gone})


def _between(base: One, head: One, plans: tuple[Plan, Plan]) -> One:
    both = replace(head, _before=base._after)
    found = tuple(unlike(*both.sealed(NO_SECRETS)))
    unknown = {one.path for one in found if one.one is UNKNOWN and one.other is UNKNOWN}
    untold = tuple(
        path for path in sorted(unknown) if _made_from(plans[0], head, path) != _made_from(plans[1], head, path)
    )
    same = len(unknown) == len(found) and not untold
    return replace(both, action=Action.NO_OP if same else Action.UPDATE, untold=untold)


def _made_from(plan: Plan, change: ResourceChange | OutputChange, path: str) -> frozenset[str]:
    if isinstance(change, OutputChange):
        return plan.configuration.output_expressions(change.name)
    return plan.configuration.expressions(change.module, change.type, change.name, path)


def _gone(base: One) -> One:
    return replace(base, action=Action.DELETE, _before=base._after, _after=_NOTHING)
