"""``make parity``: every environment beside the one it is compared with; each difference is declared with a reason."""

from harness.base.errors import HarnessError
from harness.base.findings import Finding, Severity
from harness.base.options import Options
from harness.base.paths import REPORTS, write_atomically
from harness.base.progress import say
from harness.facts import read_blueprint
from harness.facts.stacks import environments, stack_of
from harness.parity.declared import CHECK, Declaration, Side, declarations_of, parity
from harness.plan import Plan
from harness.report import Check, Report, as_json, markdown, table
from harness.report.planned import Gate
from harness.scan.kept import kept_plans
from harness.scan.plans import offline_plans


def run(options: Options) -> int:
    """Compare ENV, or every environment; exit 1 on an undeclared difference or a declaration that no longer holds."""
    return compare((stack_of(options).environment,) if options.environment else environments())


def run_all(options: Options) -> int:
    """Compare every environment, whatever ENV says."""
    return compare(environments())


def compare(names: tuple[str, ...]) -> int:
    """Compare environments with those that ``blueprint.yaml`` says, and write the report.

    Raises:
        HarnessError: declarations are missing or written wrongly, or Terraform rejects the configuration.
    """
    blueprint = read_blueprint()
    pairs = {name: other for name in names if (other := blueprint.compared_with(name))}
    declared = {name: declarations_of(name, other) for name, other in pairs.items()}
    if alone := [name for name in names if name not in pairs]:
        say(f"  compared with no other environment: {', '.join(alone)}")
    involved = tuple(dict.fromkeys((*pairs.values(), *pairs)))
    report = _judged(pairs, declared, offline_plans(involved) if involved else {})
    write_atomically(REPORTS / "parity.json", as_json(report).encode())
    write_atomically(REPORTS / "parity.md", markdown(report).encode())
    print(table(report), end="")
    return 1 if report.failed else 0


def parity_gate(environment: str) -> Gate:
    """Compare one environment, from kept plans, as a gate of its plan. Prints nothing; every zip must have been built.

    What keeps it from comparing is a finding: nobody knows what differs.
    """
    command = f"make parity ENV={environment}"
    try:
        other = read_blueprint().compared_with(environment)
        if not other:
            return Gate(CHECK, command, said="compared with no other environment")
        declared = {environment: declarations_of(environment, other)}
        report = _judged({environment: other}, declared, kept_plans((other, environment)))
    except HarnessError as error:
        found = Finding(CHECK, Severity.ERROR, "", f"cannot be compared: {error}", environment)
        return Gate(CHECK, command, (found,))
    count = len(declared[environment])
    differences = "1 declared difference" if count == 1 else f"{count} declared differences"
    said = "" if report.failed else f"as {other}, but for {differences}"
    return Gate(CHECK, command, report.findings, said)


def _judged(pairs: dict[str, str], declared: dict[str, tuple[Declaration, ...]], plans: dict[str, Plan]) -> Report:
    sides = {name: Side(name, name, plan) for name, plan in plans.items()}
    findings = [
        finding for name, other in pairs.items() for finding in parity(sides[other], sides[name], declared[name])
    ]
    checks = [Check(one.address, guideline=one.reason) for each in declared.values() for one in each]
    return Report("parity", tuple(findings), tuple(checks))
