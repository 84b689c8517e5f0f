"""See what stands before a plan is applied as a plan of its own, for whoever reads plans: the cost of today."""

from dataclasses import replace
from types import MappingProxyType

from harness.plan.actions import Action
from harness.plan.model import Plan, ResourceChange


def prior(plan: Plan) -> Plan:
    """Return the plan that changes nothing: each resource that exists today, as it is today."""
    standing = (one for one in plan.resources.values() if one.action is not Action.CREATE and one.mode == "managed")
    return replace(plan, resources=MappingProxyType({one.address: _unchanged(one) for one in standing}), deposed=())


def _unchanged(change: ResourceChange) -> ResourceChange:
    return replace(change, action=Action.NO_OP, _after=change._before)
