"""A second deployment, once what was removed is gone.

A deployment is a snapshot of the API. The stage must never be without one, so the new one is made before the old one is
destroyed; Terraform then destroys everything the deployment depends on last, too: a removed operation is still there
when the snapshot is taken. What the stage routes to is asked, not remembered: the answer holds also after an apply that
was killed, or was run by hand.
"""

from collections.abc import Callable
from dataclasses import replace

from harness.base.errors import HarnessError
from harness.base.progress import phase, say
from harness.operate.execute import execute, forget_plan, spend_plan
from harness.operate.instances import read_instances
from harness.operate.planning import make_plan
from harness.operate.recovery.served import removed_but_served
from harness.plan import Action, Plan, ResourceChange
from harness.terraform.context import Context

DEPLOYMENT, _STAGE = "aws_api_gateway_deployment", "aws_api_gateway_stage"
_SHOWN = 3

Within = Callable[[ResourceChange], bool]
"""Tells whether a change may be part of a new deployment."""


def deploy_again(context: Context) -> None:
    """Deploy once more while the stage routes to operations that the API no longer has.

    Raises:
        HarnessError: something else changed meanwhile, or AWS refuses.
    """
    left = removed_but_served(context.aws, context.state.resources())
    if not left:
        return
    listed = ", ".join(left[:_SHOWN]) + (f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else "")
    say(f"  the stage still routes to {listed}, removed after its deployment was made: deploying once more")
    redeploy(context, lambda change: change.type in (DEPLOYMENT, _STAGE))


def redeploy(context: Context, within: Within) -> None:
    """Plan with new deployments and apply that, if nothing but what is ``within`` changes.

    Raises:
        HarnessError: as :func:`plan_redeployment`, or Terraform failed.
    """
    plan_redeployment(context, within)
    with phase(f"deploy the API of {context.stack.title}"):
        execute(context)
    spend_plan(context.stack)


def plan_redeployment(context: Context, within: Within) -> tuple[str, ...]:
    """Plan with a new deployment of every API in the state; return addresses of what changes.

    Raises:
        HarnessError: the plan goes beyond, breaks a rule, or AWS refuses.
    """
    stack = context.stack
    there = [one for one in read_instances(context.state) if one.kind == DEPLOYMENT and not one.left_over]
    planned = make_plan(as_deployed(context), replace=tuple(one.address for one in there))
    changes = _changed(planned.plan)
    beyond = [change.address for change in changes if not within(change)]
    if beyond:
        forget_plan(stack)
        raise HarnessError(
            f"a new deployment would change {beyond[0]}, too",
            f"make plan {stack.make_words}, read it, make apply {stack.make_words}",
        )
    if planned.errors:
        forget_plan(stack)
        first = planned.refusals[0]
        raise HarnessError(
            f"a new deployment breaks {planned.errors} rule(s), first {first.check} at {first.address}", first.message
        )
    return tuple(change.address for change in changes)


def as_deployed(context: Context) -> Context:
    """Return the context with the Owner tag that is deployed, whoever runs this: it is no new plan."""
    tags = (values.get("tags_all") or {} for _, values in context.state.resources())
    owner = next((str(tag["Owner"]) for tag in tags if "Owner" in tag), context.options.owner)
    return replace(context, options=replace(context.options, owner=owner))


def _changed(plan: Plan) -> tuple[ResourceChange, ...]:
    changes = (change for change in plan.resources.values() if change.mode == "managed")
    changed = (change for change in changes if change.action is not Action.NO_OP)
    return tuple(sorted(changed, key=lambda change: change.address))
