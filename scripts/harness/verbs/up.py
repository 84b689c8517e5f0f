"""``make up``: from nothing to an answering API. Starts the local AWS, prepares it, plans, applies, smoke-tests."""

from __future__ import annotations

from dataclasses import replace

from harness.base.errors import HarnessError, UsageError
from harness.base.options import Options, with_default_environment
from harness.base.paths import LOCAL_STATE, Stack, Target
from harness.base.progress import phase
from harness.localaws import control
from harness.operate.planning import make_plan
from harness.operate.redeploy import deploy_again
from harness.terraform.context import Context, open_context
from harness.verbs.apply import apply_saved, recover_if_interrupted
from harness.verbs.bootstrap import bootstrap, is_bootstrapped
from harness.verbs.outputs import Outputs, read_outputs
from harness.verbs.release import release_at_once
from harness.verbs.smoke import smoke

_START_SECONDS = 60


def run(options: Options) -> int:
    """Deploy one environment (dev unless ENV says another) to the local AWS and show how to call it."""
    options = with_default_environment(options)
    stack = options.stack()
    if stack.target is not Target.LOCAL:
        raise UsageError("make up is for the local AWS", f"make plan {stack.make_words}, then make apply")
    ensure_running(options)
    # On the local AWS there is nothing to protect: up is the newcomer's one command, prod included.
    context = open_context(replace(options, confirm=stack.environment))
    if not is_bootstrapped(options, context.aws):
        bootstrap(options, context.aws)
    deploy(context)
    outputs = read_outputs(context)
    code = smoke(context, outputs)
    if code == 0:
        print(instructions(stack, outputs))
    return code


def ensure_running(options: Options) -> None:
    """Start the local AWS unless it runs.

    Raises:
        HarnessError: the port is taken, or it does not start.
    """
    running = control.running(LOCAL_STATE)
    if running is not None:
        return
    with phase(f"start the local AWS on 127.0.0.1:{options.port}"):
        control.start(LOCAL_STATE, options.port, _START_SECONDS)


def deploy(context: Context) -> None:
    """Plan, apply when there is anything to change, and make what was published live at once.

    Raises:
        HarnessError: planning or applying failed, or a rule forbids the plan.
    """
    recover_if_interrupted(context, review=False)
    planned = make_plan(context)
    if planned.errors:
        first = planned.refusals[0]
        raise HarnessError(
            f"the plan breaks {planned.errors} rule(s), first {first.check} at {first.address}: {first.message}",
            f"make plan {context.stack.make_words} shows all",
        )
    if planned.changed:
        apply_saved(context)
    deploy_again(context)
    release_at_once(context)


def instructions(stack: Stack, outputs: Outputs) -> str:
    """The address and three curl lines that work when pasted. The key is fetched by the shell, never printed."""
    header = ""
    lines = ["", f"{stack.environment} answers at {outputs.base_url}"]
    if outputs.api_key_required:
        show = f"make -s outputs {stack.make_words} REVEAL=1"
        lines += [f"every route but /health needs the API key ({show}):", ""]
        lines += [f"  KEY=$({show} | python3 -c 'import json,sys; print(json.load(sys.stdin)[\"api_key\"])')"]
        header = ' -H "x-api-key: $KEY"'
    url = outputs.base_url
    lines += [
        "",
        f"  curl -s {url}/health",
        f"  curl -s{header} -H 'content-type: application/json' -d '{{\"name\": \"first\"}}' {url}/items",
        f"  curl -s{header} '{url}/items?limit=5'",
        "",
        f"next: make plan {stack.make_words}   make test   make down",
    ]
    return "\n".join(lines)
