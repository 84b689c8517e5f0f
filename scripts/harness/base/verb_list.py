"""The verbs: what the command line dispatches on and the help prints. Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """A Makefile target.

    Attributes:
        summary: its line in the help.
        module: module below ``harness.verbs`` that runs it.
    """

    summary: str
    module: str
    function: str = "run"


VERBS: dict[str, Verb] = {
    "setup": Verb("install all that this clone needs below build/ (other verbs do so by themselves)", "setup"),
    "up": Verb("start the local AWS, deploy ENV (the first unguarded one), smoke-test it, print its URL", "up"),
    "down": Verb("stop the local AWS; its data stays (ALL=1 forgets it)", "down"),
    "plan": Verb("plan ENV: saved plan, plan JSON, summary, rules", "plan"),
    "apply": Verb("apply the saved plan of ENV (guarded: CONFIRM=ENV)", "apply"),
    "destroy": Verb("destroy ENV (guarded: CONFIRM=ENV and every address in ALLOW_DESTROY)", "destroy"),
    "release": Verb("make VERSION (the newest) of ENV's functions live, in steps, watching the alarms", "release"),
    "rollback": Verb("return ENV to the version that was live before, or take back a half-done release", "rollback"),
    "prune": Verb("old versions of ENV's functions nobody needs: shown first, CONFIRM=ENV deletes them", "prune"),
    "drift": Verb("what changed outside Terraform in ENV: exit 0 nothing, 1 drift, 2 could not run", "drift"),
    "backup": Verb("back up ENV's tables, save what its stage serves, note its state's version", "backup"),
    "restore": Verb(
        "WHAT=table (AT= or BACKUP=), state (VERSION=) or api of ENV: shown first, CONFIRM=ENV does it", "restore"
    ),
    "drill": Verb("destroy a deployment on the local AWS on purpose, recover it, measure", "drill"),
    "cost": Verb("what ENV costs a month, from its plan, offline, line by line", "cost"),
    "smoke": Verb("send a few real requests to ENV", "smoke"),
    "outputs": Verb("print ENV's address and names as JSON (REVEAL=1 adds the API key; use make -s)", "outputs"),
    "preflight": Verb("check tools, credentials and account for ENV", "preflight"),
    "bootstrap": Verb("once per account: state bucket, API Gateway log role, deploy roles", "bootstrap"),
    "bundle": Verb("build each service's zip and its contract's JSON", "bundle"),
    "test": Verb("run all tests (ARGS=… for pytest)", "test"),
    "test-plan": Verb("run the tests that need no local AWS", "test", "run_plan"),
    "soak": Verb("send 10,000 hostile requests to every environment on a local AWS of its own", "test", "run_soak"),
    "mutate": Verb(
        "break one setting at a time: does a test notice? WHAT=modules/table, SINCE=main or SHARD=2/8 limits it",
        "mutate",
    ),
    "scan": Verb("policies over every root's plan and the HCL, IAM documents, secrets; needs no AWS", "scan"),
    "lint": Verb("format, lint, types, layers", "lint"),
    "docs": Verb("write the generated documents (README table, docs/iam.md)", "docs"),
    "parity": Verb("compare environments (ENV limits it): every difference is declared with a reason", "parity"),
    "inventory": Verb("print what ENV's plan shows, to pick assertions from (use make -s)", "inventory"),
    "check": Verb("everything CI runs", "check"),
    "bench": Verb("measure the fast ways beside the usual ones (ARGS=one of them)", "bench"),
    "clean": Verb("delete reports, plans and caches (ALL=1: tools and local data too)", "clean"),
    "help": Verb("this help", "help"),
}
