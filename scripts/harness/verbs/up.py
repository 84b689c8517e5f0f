"""``make up``: from nothing to an answering API. Starts the local AWS, prepares it, plans, applies, smoke-tests."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.base.errors import HarnessError, UsageError
from harness.base.options import DEFAULT_PORT, Options
from harness.base.paths import LOCAL_STATE, Stack, Target
from harness.base.progress import phase, say
from harness.facts.script import Request, Script
from harness.facts.stacks import stack_of, with_default_environment
from harness.localaws import control
from harness.operate.applying import apply_saved, recover_if_interrupted
from harness.operate.deployed import Deployed, read_deployed
from harness.operate.planning import make_plan
from harness.operate.redeploy import deploy_again
from harness.operate.services import scripts_of
from harness.operate.subscriptions import tell_unconfirmed
from harness.terraform.context import Context, open_context
from harness.verbs.bootstrap import bootstrap, is_bootstrapped
from harness.verbs.release import release_at_once
from harness.verbs.smoke import smoke

_START_SECONDS = 60


def run(options: Options) -> int:
    """Deploy ENV, or the first environment that is not guarded, to the local AWS and show how to call it."""
    options = with_default_environment(options)
    stack = stack_of(options)
    if stack.target is not Target.LOCAL:
        raise UsageError("make up is for the local AWS", f"make plan {stack.make_words}, then make apply")
    ensure_running(options)
    # On the local AWS there is nothing to protect: up is the newcomer's one command, for guarded environments, too.
    context = open_context(replace(options, confirm=stack.environment))
    if not is_bootstrapped(options, context.aws):
        bootstrap(options, context.aws)
    deploy(context)
    deployed = read_deployed(context)
    code = smoke(context, deployed)
    if code == 0:
        print(instructions(stack, deployed, scripts_of(deployed)))
    tell_unconfirmed(context)
    return code


def ensure_running(options: Options) -> None:
    """Start the local AWS unless it runs.

    Raises:
        HarnessError: the port is taken, or it does not start.
    """
    running = control.running(LOCAL_STATE)
    if running is not None:
        if options.port not in (None, running.port):
            say(f"  the local AWS runs on port {running.port} and stays there: for PORT={options.port} make down first")
        return
    port = options.port or DEFAULT_PORT
    with phase(f"start the local AWS on 127.0.0.1:{port}"):
        control.start(LOCAL_STATE, port, _START_SECONDS)


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


def instructions(stack: Stack, deployed: Deployed, scripts: Sequence[Script]) -> str:
    """Write the address and curl lines that work when pasted. The key is fetched by the shell, never printed."""
    lines = ["", f"{stack.environment} answers at {deployed.base_url}"]
    if deployed.api_key_required:
        open_routes = ", ".join(route for script in scripts for route in script.open_routes)
        show = f"make -s outputs {stack.make_words} REVEAL=1"
        lines += [f"every route{f' but {open_routes}' if open_routes else ''} needs the API key ({show}):", ""]
        lines += [f"  KEY=$({show} | python3 -c 'import json,sys; print(json.load(sys.stdin)[\"api_key\"])')"]
    lines += ["", *(f"  {line}" for script in scripts for line in curl_lines(script, deployed))]
    return "\n".join([*lines, "", f"next: make plan {stack.make_words}   make test   make down"])


def curl_lines(script: Script, deployed: Deployed) -> Iterator[str]:
    """Write a service's health check, creation and list as curl, those of them that it has."""
    for request in (script.health, script.creation, script.listing):
        if request is not None and not request.needs:
            yield _curl(request, deployed)


def _curl(request: Request, deployed: Deployed) -> str:
    words = ["curl -s"]
    if deployed.api_key_required and not request.open:
        words.append('-H "x-api-key: $KEY"')
    if request.method not in ("GET", "POST"):
        words.append(f"-X {request.method}")
    if request.body is not None:
        words.append(f"-H {shlex.quote(f'content-type: {request.content_type}')} -d {shlex.quote(request.body)}")
    elif request.method == "POST":
        words.append("-X POST")
    return " ".join([*words, shlex.quote(deployed.base_url + request.path)])
