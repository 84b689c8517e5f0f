"""``make restore WHAT=api``: the API and its stage as the contracts say, whatever was done to them by hand.

The contract is the source and Terraform the way: it finds what is gone or changed, and a new deployment is made of it.
An export is no source, it is the proof: what the stage serves is compared with the contract afterwards.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from harness.base.progress import say
from harness.base.results import write_report
from harness.operate.adopt.journal import require_settled
from harness.operate.deployed import not_deployed
from harness.operate.execute import forget_plan
from harness.operate.instances import Instance, read_instances
from harness.operate.planning import make_plan
from harness.operate.redeploy import Within, as_deployed, plan_redeployment, redeploy
from harness.operate.stage_export import save_export
from harness.plan import ResourceChange
from harness.terraform.context import Context

_API = "aws_api_gateway_rest_api"
_OF_AN_API = "aws_api_gateway_"


def restore_api(context: Context, *, confirmed: bool) -> int:
    """Show what is to be restored and, when confirmed, restore it; exit 1 when it is not as the contract afterwards.

    Raises:
        HarnessError: nothing is deployed, more than the API would change, or AWS refuses. Nothing is changed then.
    """
    stack = context.stack
    require_settled(stack)
    if not context.state.exists():
        raise not_deployed(stack)
    if not confirmed:
        _show(context)
        return 0
    redeploy(context, within_apis(read_instances(context.state)))
    different = save_export(context, datetime.now(UTC))
    changed = make_plan(as_deployed(context)).changed
    for line in different:
        say(f"  the stage: {line}")
    found = "something else than the contract" if different else "what the contract says"
    say(f"  the stage serves {found}; the plan is {'not empty: read it before make apply' if changed else 'empty'}")
    write_report(f"restore-api-{stack.slug}", {"stage_differs": list(different), "plan_changes": changed})
    return 1 if different or changed else 0


def within_apis(instances: Iterable[Instance]) -> Within:
    """Return what tells changes to APIs from others: whatever stands in a module that holds an API.

    In the root module there is no such border: of what stands there, API Gateway's own resources count.
    """
    modules = {one.module for one in instances if one.kind == _API}

    def within(change: ResourceChange) -> bool:
        inside = any(module and f"{change.module}.".startswith(f"{module}.") for module in modules)
        return inside or ("" in modules and not change.module and change.type.startswith(_OF_AN_API))

    return within


def _show(context: Context) -> None:
    stack = context.stack
    for address in plan_redeployment(context, within_apis(read_instances(context.state))):
        say(f"    ~ {address}")
    # It was to look at: what is applied later is planned then.
    forget_plan(stack)
    say(f"  nothing is changed; to restore it add CONFIRM={stack.environment}")
