"""``make destroy``: free, but where the environment is guarded; there ALLOW_DESTROY names what holds data first."""

from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.progress import phase, say
from harness.base.results import write_report
from harness.operate.applying import confirm, prepare_destroy
from harness.operate.execute import execute
from harness.operate.planning import make_plan
from harness.operate.preflight import standing
from harness.operate.release.store import forget
from harness.rules import DESTRUCTION_GATE
from harness.terraform.context import open_context


def run(options: Options) -> int:
    """Destroy one deployed environment."""
    context = open_context(options)
    stack = context.stack
    confirm(context)
    prepare_destroy(context)
    planned = make_plan(context, destroy=True)
    # A plan that only deletes has no values left for the other rules to judge.
    refused = sorted(finding for finding in planned.findings if finding.check == DESTRUCTION_GATE)
    if refused:
        addresses = ",".join(finding.address for finding in refused)
        stack.plan_bin.unlink()
        raise HarnessError(
            f"{stack.title} holds {len(refused)} protected resource(s): {addresses}",
            f"read docs/runbooks/teardown.md; then make destroy {context.apply_words} ALLOW_DESTROY='{addresses}'",
        )
    if not planned.changed:
        if left := list(standing(context)):
            words = f"make restore {stack.make_words} WHAT=state"
            said = f"the state of {stack.title} holds nothing, but there is {', '.join(left)}"
            raise HarnessError(said, f"{words} brings the state back; is it another state's, use that stack's words")
        say(f"  {stack.title} is not deployed: nothing to destroy")
        return 0
    with phase(f"destroy {stack.title}"):
        execute(context)
    stack.plan_bin.unlink()
    forget(context.state)
    write_report(f"destroy-{stack.slug}", {"destroyed": True, "target": stack.target})
    return 0
