"""Plan a stack: bundle, plan with the stock CLI and a verified lock, type the plan, run the rules, report."""

import hashlib
import json
from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

from harness.base.findings import Finding, Severity
from harness.base.paths import REPORTS, Stack, ensure_folder, shown, write_atomically
from harness.base.progress import phase
from harness.base.results import write_report
from harness.bundle.archive import build_bundle
from harness.changes import Changes, changes
from harness.cost import PRICES, estimate, estimate_now, read_prices
from harness.facts import read_blueprint
from harness.operate.contract_change import CHECK, Agreed, ContractChange, contract_change
from harness.operate.drift.compare import unreleased
from harness.operate.release.record import Record
from harness.operate.release.store import RecordStore
from harness.operate.served_contract import read_served
from harness.parity.declared import CHECK as PARITY
from harness.plan import Action, Plan, read_plan
from harness.report.comment import comment
from harness.report.planned import Gate, PlanReport
from harness.report.summary import counts, render_summary
from harness.report.told import PLAIN, View
from harness.report.wording import cut, visible
from harness.rules import RuleReport, evaluate
from harness.terraform.context import Context
from harness.terraform.fingerprint import save_meta

_REFUSAL_WIDTH = 160


@dataclass(frozen=True)  # no slots: the changes are found once
class Planned:
    """A saved plan, typed.

    Attributes:
        changed: whether applying it would change anything.
        contracts: what it would do to clients of the contracts that are served.
        gates: further checks: those that ran beside it, and those that did not run.
        releases: the record of releases; an empty one where the plan knows no alias that stands.
    """

    plan: Plan
    changed: bool
    rules: RuleReport
    contracts: ContractChange
    gates: tuple[Gate, ...] = ()
    releases: Record = field(default_factory=Record)

    @cached_property
    def changes(self) -> Changes:
        """Changes that applying it makes; what releases did since the last apply is no drift."""
        return unreleased(changes(self.plan), self.plan.drift, self.releases)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of the rules, of the contracts and of the gates beside them."""
        beside = (one for gate in self.gates for one in gate.findings)
        return (*self.rules.findings, *self.contracts.findings, *beside)

    @property
    def errors(self) -> int:
        """Count the findings that keep the plan from being applied."""
        return len(self.refusals)

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """Findings that keep the plan from being applied, sorted."""
        return tuple(sorted(one for one in self.findings if one.severity is Severity.ERROR))

    @property
    def refusal_lines(self) -> tuple[str, ...]:
        """Tell what keeps the plan from being applied, a line each."""
        told = (f"{one.check} {one.address}".rstrip() + f": {one.message.splitlines()[0]}" for one in self.refusals)
        return tuple(cut(visible(one), _REFUSAL_WIDTH, len(one)) for one in told)

    def report(self, context: Context) -> PlanReport:
        """Return everything that a page about the plan tells."""
        stack = context.stack
        prices, load = read_prices(PRICES.read_bytes()), context.environment.load
        return PlanReport(
            stack.title,
            self.changes,
            (rules_gate(self.rules, f"make plan {stack.make_words}"), self._served(stack), *self.gates),
            estimate_now(self.plan, prices, load),
            estimate(self.plan, prices, load),
        )

    def summary(self, context: Context, view: View = PLAIN) -> str:
        """Render the plan and the verdicts on it in words."""
        return render_summary(self.report(context), view)

    def _served(self, stack: Stack) -> Gate:
        said = "; ".join(self.contracts.lines) or "nothing is compared"
        return Gate(CHECK, f"make plan {stack.make_words}", self.contracts.findings, said)


def rules_gate(rules: RuleReport, command: str) -> Gate:
    """Return the verdict of the rules."""
    held = tuple(result.rule.id for result in rules.results if result.holds)
    said = f"{len(held)} rules hold" if len(held) == len(rules.results) else f"{len(held)} of {len(rules.results)} hold"
    return Gate("rules", command, rules.findings, said, held)


def make_plan(
    context: Context,
    *,
    destroy: bool = False,
    replace: Sequence[str] = (),
    beside: Callable[[], Gate] | None = None,
) -> Planned:
    """Plan ``context.stack`` and leave plan.bin, plan.json, plan.txt and the fingerprints in its folder.

    Args:
        beside: a gate that runs while Terraform plans; its errors refuse the plan as those of rules do. It must not
            print, as Terraform's output is caught process-wide meanwhile.

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
    with ThreadPoolExecutor(1) as thread:
        gate = None if beside is None else thread.submit(beside)
        with phase(f"plan {stack.title}"):
            changed = context.runner.plan(
                stack.plan_bin, context.variables, context.var_file, destroy=destroy, replace=replace
            )
            data = context.runner.show(stack.plan_bin)
        ran = () if gate is None else (gate.result(),)
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
    contracts = ContractChange() if destroy else _contracts(context, plan)
    planned = Planned(
        plan,
        changed,
        rules,
        contracts,
        (*ran, *missed(stack.environment, {CHECK, *(gate.name for gate in ran)})),
        _releases(context, plan),
    )
    _write_reports(context, planned)
    save_meta(stack, context.options.owner, planned.refusal_lines)
    return planned


def missed(environment: str, ran: Container[str]) -> tuple[Gate, ...]:
    """List gates that were not run for a plan, with the commands that run them."""
    known = {
        CHECK: f"make plan ENV={environment}",
        PARITY: f"make parity ENV={environment}",
        "scan": "make scan",
        "tests": "make test-plan",
    }
    return tuple(Gate(name, command, ran=False) for name, command in known.items() if name not in ran)


def _releases(context: Context, plan: Plan) -> Record:
    """Read the record of releases where an alias stands; before the first apply there is nothing to read."""
    standing = any(one.action is not Action.CREATE for one in plan.all_of_type("aws_lambda_alias"))
    return RecordStore(context.state).load() if standing else Record()


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
    """plan.txt beside the plan; JSON and Markdown (for a pull request) in build/reports. No secret is in any."""
    stack = context.stack
    name = f"plan-{stack.slug}"
    report = planned.report(context)
    write_atomically(stack.folder / "plan.txt", render_summary(report).encode())
    write_report(name, _content(context, planned, report.changes))
    write_atomically(REPORTS / f"{name}.md", comment(report, shown(stack.folder / "plan.txt")).encode())


def initialise(context: Context) -> None:
    """``terraform init`` unless this very backend, its file, lock file and module set was initialised before.

    A plan reads the backend as it was initialised: a change of its file alone would have no effect, and say nothing.

    Raises:
        ToolError: as ``Runner.init``.
    """
    stack = context.stack
    stamp = stack.data_dir / ".initialised"
    files = (stack.root / ".terraform.lock.hcl", stack.root / "backend.hcl", *sorted(stack.root.glob("*.tf")))
    read = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    wanted = json.dumps([context.backend, context.aws.endpoint, read])
    if stamp.exists() and stamp.read_bytes() == wanted.encode():
        return
    with phase(f"init {stack.title}"):
        context.runner.init(context.backend, stack.root / "backend.hcl")
    write_atomically(stamp, wanted.encode())


def _content(context: Context, planned: Planned, found: Changes) -> dict[str, object]:
    """Return the machine-readable result of a plan, without any resource value."""
    return {
        "environment": context.stack.environment,
        "suffix": context.stack.suffix,
        "target": context.stack.target,
        "changed": planned.changed,
        "actions": counts(planned.plan),
        "destructive": [one.address for one in found.destructive],
        "rules": {result.rule.id: result.holds for result in planned.rules.results},
        "contracts": list(planned.contracts.lines),
        "gates": {gate.name: gate.verdict if gate.ran else None for gate in planned.gates},
        "findings": [
            {"check": f.check, "severity": f.severity, "address": f.address, "message": f.message}
            for f in planned.findings
        ],
    }
