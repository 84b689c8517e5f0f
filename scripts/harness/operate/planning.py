"""Plan a stack: bundle, plan with the stock CLI and a verified lock, type the plan, run the rules, report."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from harness.base.findings import Finding, Severity
from harness.base.paths import REPORTS, ensure_folder, write_atomically
from harness.base.progress import phase
from harness.base.results import write_report
from harness.bundle.archive import build_bundle
from harness.facts import read_blueprint
from harness.operate.contract_change import CHECK, GUIDELINE, Agreed, ContractChange, contract_change
from harness.operate.served_contract import read_served
from harness.plan import Plan, read_plan
from harness.report import Check, Report, markdown
from harness.report.summary import counts, render_summary
from harness.rules import RuleReport, evaluate
from harness.terraform.context import Context
from harness.terraform.fingerprint import save_meta


@dataclass(frozen=True, slots=True)
class Planned:
    """A saved plan, typed.

    Attributes:
        changed: whether applying it would change anything.
        contracts: what it would do to clients of the contracts that are served.
    """

    plan: Plan
    changed: bool
    rules: RuleReport
    contracts: ContractChange

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of the rules, and of the contracts."""
        return (*self.rules.findings, *self.contracts.findings)

    @property
    def errors(self) -> int:
        """Count the findings that keep the plan from being applied."""
        return len(self.refusals)

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """Findings that keep the plan from being applied, sorted."""
        return tuple(sorted(one for one in self.findings if one.severity is Severity.ERROR))

    def summary(self, title: str) -> str:
        """Render the plan, its rules and its contracts in words."""
        return render_summary(self.plan, self.rules, title) + self.contracts.rendered()


def make_plan(context: Context, *, destroy: bool = False, replace: Sequence[str] = ()) -> Planned:
    """Plan ``context.stack`` and leave plan.bin, plan.json, plan.txt and the fingerprints in its folder.

    Raises:
        HarnessError: the zip cannot be built, Terraform rejects the configuration, the state is locked.
    """
    stack = context.stack
    ensure_folder(stack.folder)
    # A failed plan must not leave an older one to be applied by mistake.
    for leftover in (stack.plan_bin, stack.plan_json, stack.plan_meta):
        leftover.unlink(missing_ok=True)
    with phase("bundle"):
        build_bundle()
    initialise(context)
    with phase(f"plan {stack.title}"):
        changed = context.runner.plan(
            stack.plan_bin, context.variables, context.var_file, destroy=destroy, replace=replace
        )
        data = context.runner.show(stack.plan_bin)
    write_atomically(stack.plan_json, data)
    # The plan holds values Terraform marks as sensitive; others on the machine need not read them.
    for secret in (stack.plan_bin, stack.plan_json):
        secret.chmod(0o600)
    plan = read_plan(data)
    with phase("rules"):
        rules = evaluate(
            plan, environment=stack.environment, suffix=stack.suffix, acknowledged=context.options.acknowledged
        )
    # Who destroys everything takes every route away, and knows it.
    planned = Planned(plan, changed, rules, ContractChange() if destroy else _contracts(context, plan))
    _write_reports(context, planned)
    save_meta(stack, context.options.owner, planned.errors)
    return planned


def _contracts(context: Context, plan: Plan) -> ContractChange:
    """Compare what the plan would serve with what is served."""
    options, environment = context.options, context.stack.environment
    with phase("contracts"):
        return contract_change(
            plan,
            lambda function, alias: read_served(context.aws, function, alias),
            environment=environment,
            guarded=read_blueprint().environment(environment).guarded,
            agreed=Agreed(options.acknowledged, options.uncompared),
        )


def _write_reports(context: Context, planned: Planned) -> None:
    """plan.txt beside the plan; JSON and Markdown (for a pull request) in build/reports. No resource value in any."""
    stack = context.stack
    name = f"plan-{stack.slug}"
    text = planned.summary(stack.title)
    write_atomically(stack.folder / "plan.txt", text.encode())
    write_report(name, _content(context, planned))
    checks = [Check(result.rule.id, guideline=result.rule.why) for result in planned.rules.results]
    checks.append(Check(CHECK, guideline=GUIDELINE))
    verdict = markdown(Report(f"rules over the plan of {stack.title}", planned.findings, tuple(checks)))
    write_atomically(REPORTS / f"{name}.md", f"{verdict}\n```\n{text}```\n".encode())


def initialise(context: Context) -> None:
    """``terraform init`` unless this very backend, lock file and module set was initialised before.

    Raises:
        ToolError: as ``Runner.init``.
    """
    stack = context.stack
    stamp = stack.data_dir / ".initialised"
    lock = (stack.root / ".terraform.lock.hcl").read_bytes()
    sources = b"".join(path.read_bytes() for path in sorted(stack.root.glob("*.tf")))
    wanted = json.dumps([context.backend, context.aws.endpoint, hashlib.sha256(lock + sources).hexdigest()])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with phase(f"init {stack.title}"):
        context.runner.init(context.backend, stack.root / "backend.hcl")
    write_atomically(stamp, wanted.encode())


def _content(context: Context, planned: Planned) -> dict[str, object]:
    """Return the machine-readable result of a plan, without any resource value."""
    return {
        "environment": context.stack.environment,
        "suffix": context.stack.suffix,
        "target": context.stack.target,
        "changed": planned.changed,
        "actions": counts(planned.plan),
        "rules": {result.rule.id: not result.findings for result in planned.rules.results},
        "contracts": list(planned.contracts.lines),
        "findings": [
            {"check": f.check, "severity": f.severity, "address": f.address, "message": f.message}
            for f in planned.findings
        ],
    }
