"""``make drift``: what changed outside Terraform. Changes nothing; exit 0 no drift, 1 drift, 2 could not run."""

from collections import defaultdict
from collections.abc import Mapping

from harness.base.options import Options
from harness.base.paths import ensure_folder
from harness.base.progress import phase
from harness.base.results import write_report
from harness.bundle.archive import build_bundle
from harness.operate.deployed import not_deployed
from harness.operate.drift.compare import Drift, as_content, as_text, drifted, live_of
from harness.operate.drift.extras import known_arns, unknown_extras
from harness.operate.planning import initialise
from harness.operate.release.store import RecordStore
from harness.plan import Plan, read_plan
from harness.terraform.context import Context, open_context

_OURS = ("Environment", "Project")


def run(options: Options) -> int:
    """Compare one environment with its state."""
    context = open_context(options)
    stack = context.stack
    found = drift(context)
    print(as_text(found, stack.title, stack.make_words), end="")
    write_report(f"drift-{stack.slug}", {"target": stack.target, **as_content(found)})
    return 1 if found.any else 0


def drift(context: Context) -> Drift:
    """Find what is not as Terraform and releases left it.

    Raises:
        HarnessError: nothing is deployed, the state is locked, or AWS refuses.
    """
    stack = context.stack
    resources = list(context.state.resources())
    if not resources:
        raise not_deployed(stack)
    policies: dict[str, frozenset[str]] = defaultdict(frozenset)
    for kind, values in resources:
        if kind == "aws_iam_role_policy":
            policies[str(values["role"])] |= {str(values["name"])}
    tags: Mapping[str, str] = next((values["tags_all"] for _, values in resources if values.get("tags_all")), {})
    live = live_of(RecordStore(context.state).load())
    with phase(f"refresh {stack.title}"):
        plan = _refreshed(context)
    with phase("search by tag"):
        ours = {key: value for key, value in tags.items() if key in _OURS}
        unknown = unknown_extras(context.aws, ours, stack.suffix, known_arns(context.state))
    return Drift(drifted(plan.drift, policies, live), unknown)


def _refreshed(context: Context) -> Plan:
    file = ensure_folder(context.stack.folder) / "drift.bin"
    build_bundle()
    initialise(context)
    try:
        context.runner.refresh_only(file, context.variables, context.var_file)
        return read_plan(context.runner.show(file))
    finally:
        # It holds values Terraform marks as sensitive.
        file.unlink(missing_ok=True)
