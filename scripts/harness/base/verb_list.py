"""The verbs: what the command line dispatches on, the help prints and the shell completes. Standard library only."""

from dataclasses import dataclass

_STACK = ("ENV", "SUFFIX", "TARGET")
_AGREED = ("OWNER", "ALLOW_DESTROY", "ALLOW_UNCOMPARED")


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of the program, and a Makefile target.

    Attributes:
        summary: its line in the help.
        module: module below ``harness.verbs`` that runs it.
        takes: variables of the options that it takes.
        finding: what exit code 1 says; empty where the verb never ends with it.
        examples: what follows the verb, as somebody may type it; ``{env}`` stands for an environment.
        parts: values of WHAT, where they are few.
        bare: it runs on Python alone, before any package is installed.
    """

    summary: str
    module: str
    function: str = "run"
    takes: tuple[str, ...] = ()
    finding: str = ""
    examples: tuple[str, ...] = ()
    bare: bool = False
    parts: tuple[str, ...] = ()

    def choices(self, variable: str) -> tuple[str, ...]:
        """Return what the verb lets an option choose from, where other verbs read it in another way."""
        return self.parts if variable == "WHAT" else ()


VERBS: dict[str, Verb] = {
    "setup": Verb(
        "install all that this clone needs below build/ (other verbs do so by themselves)", "setup", bare=True
    ),
    "up": Verb(
        "start the local AWS, deploy ENV (the first unguarded one), smoke-test it, print its URL",
        "up",
        takes=(*_STACK, *_AGREED, "PORT"),
        finding="the preflight found something that is missing, or a smoke request is answered wrongly",
        examples=("", "--env {env} --suffix alice", "--port 4600"),
    ),
    "down": Verb("stop the local AWS; its data stays (ALL=1 forgets it)", "down", takes=("ALL",), examples=("--all",)),
    "plan": Verb(
        "plan ENV: what changes, rules, contracts, parity (VERBOSE=1 lists what is folded)",
        "plan",
        takes=(*_STACK, *_AGREED, "VERBOSE"),
        finding="a rule, a contract or a difference between environments is in error",
        examples=("--env {env}", "--env {env} --target aws", "--env {env} --verbose"),
    ),
    "plan-offline": Verb(
        "what the files say of ENV (every one), without AWS; SINCE=main shows what changed since",
        "plan_offline",
        takes=("ENV", "SINCE", "VERBOSE"),
        finding="a rule or a difference between environments is in error",
        examples=("", "--env {env}", "--since main"),
    ),
    "apply": Verb(
        "apply the saved plan of ENV (guarded: CONFIRM=ENV)",
        "apply",
        takes=(*_STACK, *_AGREED, "CONFIRM"),
        finding="the preflight found something that is missing",
        examples=("--env {env}", "--env {env} --confirm {env}"),
    ),
    "destroy": Verb(
        "destroy ENV (guarded: CONFIRM=ENV and every address in ALLOW_DESTROY)",
        "destroy",
        takes=(*_STACK, *_AGREED, "CONFIRM"),
        examples=("--env {env} --suffix alice",),
    ),
    "release": Verb(
        "make VERSION (the newest) of ENV's functions live, in steps, watching the alarms",
        "release",
        takes=(*_STACK, "VERSION", "FUNCTION", "PACE"),
        finding="an alarm fired and the version before serves again",
        examples=("--env {env}", "--env {env} --version 7"),
    ),
    "rollback": Verb(
        "return ENV to the version that was live before, or take back a half-done release",
        "rollback",
        takes=(*_STACK, "FUNCTION"),
        examples=("--env {env}",),
    ),
    "prune": Verb(
        "old versions of ENV's functions nobody needs: shown first, CONFIRM=ENV deletes them",
        "prune",
        takes=(*_STACK, "CONFIRM"),
        examples=("--env {env}", "--env {env} --confirm {env}"),
    ),
    "drift": Verb(
        "what changed outside Terraform in ENV: exit 0 nothing, 1 drift, 2 could not run",
        "drift",
        takes=(*_STACK, "OWNER"),
        finding="something was changed outside Terraform",
        examples=("--env {env} --target aws",),
    ),
    "backup": Verb(
        "back up ENV's tables, save what its stage serves, note its state's version",
        "backup",
        takes=(*_STACK, "TABLE"),
        finding="the stage serves something else than the contract",
        examples=("--env {env}",),
    ),
    "restore": Verb(
        "WHAT=table (AT= or BACKUP=), state (VERSION=) or api of ENV: shown first, CONFIRM=ENV does it",
        "restore",
        takes=(*_STACK, *_AGREED, "WHAT", "AT", "BACKUP", "VERSION", "MODE", "TABLE", "SHARE", "CONFIRM"),
        finding="the part is not as it should be afterwards",
        examples=(
            "--env {env} --what table --at 2026-01-31T12:00:00Z",
            "--env {env} --what state",
            "--env {env} --what state --version last --confirm {env}",
        ),
        parts=("table", "state", "api"),
    ),
    "drill": Verb(
        "destroy a deployment on the local AWS on purpose, recover it, measure",
        "drill",
        takes=(*_STACK, *_AGREED, "PORT", "QUICK"),
        finding="something did not come back",
        examples=("", "--quick"),
    ),
    "cost": Verb(
        "what ENV costs a month, from its plan, offline, line by line", "cost", takes=_STACK, examples=("--env {env}",)
    ),
    "smoke": Verb(
        "send a few real requests to ENV",
        "smoke",
        takes=_STACK,
        finding="an answer is wrong",
        examples=("--env {env}",),
    ),
    "outputs": Verb(
        "print ENV's address and names as JSON (REVEAL=1 adds the API key; use make -s)",
        "outputs",
        takes=(*_STACK, "REVEAL"),
        examples=("--env {env}", "--env {env} --reveal"),
    ),
    "preflight": Verb(
        "check tools, credentials and account for ENV",
        "preflight",
        takes=(*_STACK, "OWNER"),
        finding="something is missing",
        examples=("--env {env} --target aws",),
    ),
    "bootstrap": Verb(
        "once per account: state bucket, log role, roles for CI (TARGET=aws: shown, CONFIRM=ACCOUNT does it)",
        "bootstrap",
        takes=("TARGET", "OWNER", "CONFIRM", "VERBOSE"),
        examples=("--target aws", "--target aws --confirm 123456789012"),
    ),
    "bundle": Verb("build each service's zip and its contract's JSON", "bundle"),
    "test": Verb(
        "run all tests (ARGS=… for pytest)",
        "test",
        takes=("ARGS",),
        finding="a test failed",
        examples=("", "-- -k cursor -x"),
    ),
    "test-plan": Verb(
        "run the tests that need no local AWS",
        "test",
        "run_plan",
        takes=("ARGS",),
        finding="a test failed",
        examples=("", "tests/envs tests/modules"),
    ),
    "test-runtime": Verb(
        "run the services' tests on the Python that functions run on",
        "test_runtime",
        takes=("ARGS",),
        finding="a test failed",
        examples=("", "-- -k cursor -x"),
    ),
    "soak": Verb(
        "send 10,000 hostile requests to every environment, and damage every file for every verb",
        "test",
        "run_soak",
        takes=("ARGS",),
        finding="an answer broke the contract",
    ),
    "compat": Verb(
        "plan and apply every root with other releases of Terraform (VERSION=1.15: that one alone)",
        "compat",
        takes=("VERSION", "ARGS"),
        finding="a root cannot be planned or applied, or a second plan is not empty",
        examples=("", "--version 1.15"),
    ),
    "mutate": Verb(
        "break one setting at a time: does a test notice? WHAT=modules/table, SINCE=main or SHARD=2/8 limits it",
        "mutate",
        takes=("WHAT", "SINCE", "SHARD"),
        finding="a survivor is not accepted, or too few are killed",
        examples=("--what modules/table", "--since main", "--shard 2/8"),
    ),
    "scan": Verb(
        "policies over every root's plan and the HCL, IAM documents, secrets; needs no AWS",
        "scan",
        finding="a finding stands",
    ),
    "due": Verb(
        "exceptions and accepted survivors that end within 30 days, or have ended, by this machine's date",
        "due",
        finding="one ends or has ended",
    ),
    "lint": Verb("format, lint, types, layers", "lint", finding="a linter complains"),
    "docs": Verb("write the generated documents (README table, docs/iam.md)", "docs"),
    "parity": Verb(
        "compare environments (ENV limits it): every difference is declared with a reason",
        "parity",
        takes=("ENV",),
        finding="a difference is not declared, or a declaration no longer holds",
        examples=("", "--env {env}"),
    ),
    "report": Verb(
        "ENV, or every environment, as one HTML file: changes, rules, parity, alarms, cost, scan",
        "report",
        takes=(*_STACK, "ALLOW_DESTROY"),
        finding="a finding stands",
        examples=("", "--env {env}"),
    ),
    "inventory": Verb(
        "print what ENV's plan shows, to pick assertions from (use make -s)",
        "inventory",
        takes=("ENV", "MODULE", "WRITE"),
        examples=("--env {env}", "--env {env} --write", "--module table --write"),
    ),
    "new": Verb(
        "write the files of ENVIRONMENT (FROM=), SERVICE or ROUTE, and say what is left to decide",
        "new",
        takes=("ENVIRONMENT", "FROM", "SERVICE", "ROUTE"),
        examples=("--environment staging --from {env}", "--service orders", "--route 'POST /orders/{{id}}/pay'"),
        bare=True,
    ),
    "remove": Verb(
        "take away the files of ENVIRONMENT or SERVICE, and say what stays deployed",
        "remove",
        takes=("ENVIRONMENT", "SERVICE"),
        examples=("--service orders", "--environment staging"),
        bare=True,
    ),
    "rename": Verb(
        "give the product another PROJECT, PREFIX or REGION, and say what that replaces",
        "rename",
        takes=("PROJECT", "PREFIX", "REGION"),
        examples=("--project shop --prefix shop",),
        bare=True,
    ),
    "audit": Verb(
        "ask a list of vulnerabilities about every pinned package (ARGS=… for pip-audit)",
        "audit",
        takes=("ARGS",),
        finding="a package has a vulnerability that is not accepted",
        examples=("", "-- --vulnerability-service osv"),
    ),
    "lock": Verb(
        "pin what requirements/*.in ask for, with checksums (ARGS=… for uv pip compile)",
        "lock",
        takes=("ARGS",),
        examples=("", "-- --upgrade-package ruff"),
        bare=True,
    ),
    "check": Verb("everything CI runs", "check", takes=("ARGS",), finding="a step found something"),
    "bench": Verb(
        "measure the fast ways beside the usual ones (ARGS=one of them)",
        "bench",
        takes=("ARGS",),
        finding="a promised ratio is missed",
    ),
    "clean": Verb("delete reports, plans and caches (ALL=1: tools and local data too)", "clean", takes=("ALL",)),
    "completion": Verb(
        "print what completes the program's words in a shell (ARGS=bash or zsh)",
        "completion",
        takes=("ARGS",),
        examples=("bash",),
        bare=True,
    ),
    "help": Verb(
        "this help, or that of a verb (ARGS=plan)",
        "help",
        takes=(*_STACK, "PORT", "ARGS"),
        examples=("plan",),
        bare=True,
    ),
}
