"""``make smoke``: a few real requests to the deployed API."""

from __future__ import annotations

from dataclasses import asdict

import urllib3

from harness.aws.smoke import run_smoke
from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.progress import phase, say
from harness.base.results import write_report
from harness.terraform.context import Context, open_context
from harness.verbs.outputs import Outputs, read_outputs


def run(options: Options) -> int:
    """Smoke-test one deployed environment; exit 1 when an answer is wrong."""
    context = open_context(options)
    return smoke(context, read_outputs(context))


def smoke(context: Context, outputs: Outputs) -> int:
    """Run the smoke test, write its report, print wrong answers.

    Raises:
        HarnessError: the API does not answer at all.
    """
    stack = context.stack
    try:
        with phase(f"smoke {stack.title}"):
            steps = run_smoke(outputs.base_url, outputs.api_key)
    except urllib3.exceptions.HTTPError as error:
        raise HarnessError(f"{outputs.base_url} does not answer: {error}", "is it deployed? make up deploys") from error
    wrong = [step for step in steps if not step.ok]
    write_report(
        f"smoke-{stack.environment}-{stack.suffix}",
        {"ok": not wrong, "steps": [asdict(step) for step in steps]},
    )
    for step in wrong:
        say(f"  smoke: {step.name}: expected {step.expected}, got {step.seen}")
    return 1 if wrong else 0
