"""``make smoke``: a few real requests to the deployed API."""

from dataclasses import asdict

import urllib3

from harness.aws.smoke import run_smoke
from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.progress import phase, say
from harness.base.results import write_report
from harness.operate.deployed import Deployed, read_deployed
from harness.operate.services import scripts_of
from harness.terraform.context import Context, open_context


def run(options: Options) -> int:
    """Smoke-test one deployed environment; exit 1 when an answer is wrong."""
    context = open_context(options)
    return smoke(context, read_deployed(context))


def smoke(context: Context, deployed: Deployed) -> int:
    """Run the smoke test of every service, write its report, print wrong answers.

    Raises:
        HarnessError: the API does not answer at all, or a service's steps mean nothing to its contract.
    """
    stack, scripts = context.stack, scripts_of(deployed)
    for script in scripts:
        if not script.requests:
            say(f"  {script.service} has no smoke steps: lambda/{script.service}/service.yaml (smoke) lists none")
    try:
        with phase(f"smoke {stack.title}"):
            steps = run_smoke(deployed.base_url, deployed.api_key, scripts)
    except urllib3.exceptions.HTTPError as error:
        raise HarnessError(
            f"{deployed.base_url} does not answer: {error}", "is it deployed? make up deploys"
        ) from error
    wrong = [step for step in steps if not step.ok]
    write_report(f"smoke-{stack.slug}", {"ok": not wrong, "steps": [asdict(step) for step in steps]})
    for step in wrong:
        seen = f"got {step.seen}" if step.seen else "not sent: no earlier answer had what its path needs"
        say(f"  smoke: {step.title}: expected {step.expected}, {seen}")
    return 1 if wrong else 0
