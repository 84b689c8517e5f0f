"""A second deployment, once what was removed is gone.

A deployment is a snapshot of the API. The stage must never be without one, so the new one is made before the old one is
destroyed; Terraform then destroys everything the deployment depends on last, too: a removed operation is still there
when the snapshot is taken. What the stage routes to is asked, not remembered: the answer holds also after an apply that
was killed, or was run by hand.
"""

from __future__ import annotations

from dataclasses import replace

from harness.base.errors import HarnessError
from harness.base.progress import phase, say
from harness.operate.execute import execute, forget_plan, spend_plan
from harness.operate.planning import make_plan
from harness.operate.recovery.served import removed_but_served
from harness.plan import Action, Plan
from harness.terraform.context import Context

DEPLOYMENT = "module.api.aws_api_gateway_deployment.this"
_STAGE = "module.api.aws_api_gateway_stage.this"
_SHOWN = 3


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
    redeploy(context, (DEPLOYMENT, _STAGE))


def redeploy(context: Context, within: tuple[str, ...]) -> None:
    """Plan with a new deployment and apply that, if nothing but ``within`` changes.

    Raises:
        HarnessError: as :func:`plan_redeployment`, or Terraform failed.
    """
    plan_redeployment(context, within)
    with phase(f"deploy the API of {context.stack.title}"):
        execute(context)
    spend_plan(context.stack)


def plan_redeployment(context: Context, within: tuple[str, ...]) -> tuple[str, ...]:
    """Plan with a new deployment; returns what changes, by address.

    Args:
        context: the stack.
        within: addresses that may change, or beginnings of addresses that end in a dot.

    Raises:
        HarnessError: the plan goes beyond, breaks a rule, or AWS refuses.
    """
    stack = context.stack
    planned = make_plan(as_deployed(context), replace=(DEPLOYMENT,))
    changes = _changed(planned.plan)
    beyond = [address for address in changes if not _is_within(address, within)]
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
            f"a new deployment breaks {planned.errors} rule(s), first {first.check} at {first.address}",
            first.message,
        )
    return changes


def as_deployed(context: Context) -> Context:
    """The context with the Owner tag that is deployed, whoever runs this: it is no new plan."""
    tags = (values.get("tags_all") or {} for _, values in context.state.resources())
    owner = next((str(tag["Owner"]) for tag in tags if "Owner" in tag), context.options.owner)
    return replace(context, options=replace(context.options, owner=owner))


def _changed(plan: Plan) -> tuple[str, ...]:
    changes = (change for change in plan.resources.values() if change.mode == "managed")
    return tuple(sorted(change.address for change in changes if change.action is not Action.NO_OP))


def _is_within(address: str, within: tuple[str, ...]) -> bool:
    return any(address == one or (one.endswith(".") and address.startswith(one)) for one in within)
