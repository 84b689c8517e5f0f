"""Conditions of an apply, asked of tools and account. Each failure is one line with its remedy."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from harness.aws.missing import unless_missing
from harness.base.errors import HarnessError
from harness.base.paths import Target, shown
from harness.base.progress import say
from harness.base.results import write_report
from harness.base.texts import text_of
from harness.facts import read_blueprint, read_services
from harness.operate.reservations import Reservation, shortage
from harness.operate.subscriptions import unconfirmed
from harness.plan import Plan, ResourceChange, number, read_plan_file
from harness.terraform.binary import terraform_version, unfit
from harness.terraform.context import Context


class PreflightError(HarnessError):
    """One or more checks failed; the message has a line for each."""

    exit_code = 1


def preflight(context: Context) -> None:
    """Run every check; the slow ones ask the account, all at once. What keeps nothing from being applied is only said.

    Raises:
        PreflightError: lists every problem found, one line each.
    """
    first = [*_versions(context), *account_guard(context)]
    with ThreadPoolExecutor() as pool:
        warned = pool.submit(unconfirmed, context) if not first else None
        problems = first or [line for lines in pool.map(lambda check: list(check(context)), CHECKS) for line in lines]
        warnings = list(warned.result()) if warned is not None else []
    stack = context.stack
    write_report(f"preflight-{stack.slug}", {"ok": not problems, "problems": problems, "warnings": warnings})
    for line in warnings:
        say(f"  warning: {line}")
    if problems:
        raise PreflightError("\n".join(problems))


def _versions(context: Context) -> Iterator[str]:
    problem = unfit(terraform_version(context.terraform))
    if problem:
        yield f"Terraform {problem} -> install one that docs/versions.md lists, or run make setup"
    lock = context.stack.root / ".terraform.lock.hcl"
    locked = re.search(r'version\s*=\s*"([^"]+)"', text_of(lock)) if lock.exists() else None
    if locked is None:
        yield f"{shown(lock)} does not pin the AWS provider -> git checkout {shown(lock)}"
        return
    installed = context.stack.data_dir.glob(f"providers/*/hashicorp/aws/{locked[1]}")
    if next(installed, None) is None:
        yield f"the AWS provider {locked[1]} of the lock file is not installed -> make plan {context.stack.make_words}"


def account_guard(context: Context) -> Iterator[str]:
    """Report credentials for an account that the root's ``aws.tfvars`` does not list; the local AWS is anybody's."""
    if context.stack.target is Target.LOCAL:
        return
    file = context.stack.root / "aws.tfvars"
    lines = text_of(file).splitlines()
    number, line = next(((n, text) for n, text in enumerate(lines, 1) if "allowed_account_ids" in text), (1, ""))
    # Twelve zeros are the placeholder that the file ships with.
    allowed = [account for account in re.findall(r"\d{12}", line.split("#")[0]) if int(account)]
    if not allowed:
        yield (
            f"{shown(file)}:{number}: allowed_account_ids names no account"
            f" -> list the account id that {context.stack.environment} lives in"
        )
    elif context.account_id not in allowed:
        yield (
            f"the credentials are for account {context.account_id}, {shown(file)}:{number} allows {', '.join(allowed)}"
            " -> log in to that account"
        )


def _suffix_free(context: Context) -> Iterator[str]:
    """Find tables and functions of the stack's names that another state owns."""
    resources = list(context.state.resources())
    for kind, attribute, owner_of in _NAMED:
        ours = {values.get(attribute) for of, values in resources if of == kind}
        for name in _planned_names(context, kind, attribute):
            owner = owner_of(context, name) if name not in ours else None
            if owner is not None:
                yield (
                    f"suffix {context.stack.suffix} is taken: {kind.removeprefix('aws_')} {name} belongs to another"
                    f" state (Owner: {owner}) -> choose another SUFFIX, or ask {owner}"
                )


def _planned_names(context: Context, kind: str, attribute: str) -> tuple[str, ...]:
    """Return names of the saved plan; without one, those that the services will get."""
    plan = _saved_plan(context)
    if plan is not None:
        named = [change.value(attribute) for change in plan.of_type(kind)]
        return tuple(sorted(name for name in named if isinstance(name, str)))
    return _service_names(context, kind)


def _service_names(context: Context, kind: str) -> tuple[str, ...]:
    """Return names that the services' tables or functions get."""
    services = read_services()
    things = {table for one in services.values() for table in one.tables} if kind == _TABLE else {*services}
    return tuple(read_blueprint().name(thing, context.stack.suffix) for thing in sorted(things))


def standing(context: Context) -> Iterator[str]:
    """List tables and functions of the stack's names that are there, whatever the state knows."""
    for kind, _, owner_of in _NAMED:
        for name in _service_names(context, kind):
            if (owner := owner_of(context, name)) is not None:
                yield f"{kind.removeprefix('aws_')} {name} (Owner: {owner})"


def _table_owner(context: Context, name: str) -> str | None:
    """Return the Owner tag of a table; ``None`` when there is no such table."""
    client = context.aws.client("dynamodb")
    table = _asked(lambda: client.describe_table(TableName=name))
    if table is None:
        return None
    tags = _asked(lambda: client.list_tags_of_resource(ResourceArn=table["Table"]["TableArn"])) or {"Tags": []}
    return next((str(tag["Value"]) for tag in tags["Tags"] if tag["Key"] == "Owner"), "unknown")


def _function_owner(context: Context, name: str) -> str | None:
    """Return the Owner tag of a function; ``None`` when there is no such function."""
    client = context.aws.client("lambda")
    function = _asked(lambda: client.get_function(FunctionName=name))
    return None if function is None else str((function.get("Tags") or {}).get("Owner", "unknown"))


_TABLE = "aws_dynamodb_table"
_NAMED: tuple[tuple[str, str, Callable[[Context, str], str | None]], ...] = (
    (_TABLE, "name", _table_owner),
    ("aws_lambda_function", "function_name", _function_owner),
)
"""Types whose names are the account's: their attribute, and how to ask who owns one."""


def _concurrency(context: Context) -> Iterator[str]:
    """Compare what all functions of the plan reserve, beyond what they hold, with what AWS lets the account reserve."""
    plan = _saved_plan(context)
    functions = plan.of_type("aws_lambda_function") if plan is not None else ()
    reserved = [_reservation(context, change) for change in functions]
    if any(one.more for one in reserved):
        limits = context.aws.client("lambda").get_account_settings()["AccountLimit"]
        file = shown(context.stack.root / "locals.tf")
        if line := shortage(reserved, limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"], file):
            yield line


def _reservation(context: Context, change: ResourceChange) -> Reservation:
    wanted, name = number(change.find("reserved_concurrent_executions")), str(change.value("function_name"))
    held = _asked(lambda: context.aws.client("lambda").get_function_concurrency(FunctionName=name)) or {}
    # The provider writes -1 for none.
    return Reservation(change.address, max(0, int(wanted or 0)), held.get("ReservedConcurrentExecutions", 0))


def _log_role(context: Context) -> Iterator[str]:
    account = context.aws.client("apigateway").get_account()
    if not account.get("cloudwatchRoleArn"):
        yield f"API Gateway has no CloudWatch log role in this account -> make bootstrap{_target(context)}"


def _boundaries(context: Context) -> Iterator[str]:
    """Look for the policies that bound the plan's roles: they are the account's, and no role can be made without."""
    plan, client = _saved_plan(context), context.aws.client("iam")
    roles = plan.of_type("aws_iam_role") if plan is not None else ()
    # The provider reads back "" of a role that has none.
    for arn in sorted({arn for role in roles if isinstance(arn := role.find("permissions_boundary"), str) and arn}):
        if _asked(lambda: client.get_policy(PolicyArn=arn)) is None:  # noqa: B023 - called at once
            yield f"the account has no policy {arn}, which the plan's roles need -> make bootstrap{_target(context)}"


def _saved_plan(context: Context) -> Plan | None:
    path = context.stack.plan_json
    return read_plan_file(path, f"make plan {context.stack.make_words}") if path.exists() else None


def _asked(call: Callable[[], Any]) -> Any:
    """Return the answer of ``call``, or ``None`` when the thing asked for does not exist."""
    return unless_missing(call, "preflight was refused by AWS", "check the permissions of the credentials")


def _target(context: Context) -> str:
    return " TARGET=aws" if context.stack.target is Target.AWS else ""


CHECKS: tuple[Callable[[Context], Iterator[str]], ...] = (_suffix_free, _concurrency, _log_role, _boundaries)
"""Checks that ask the account; run side by side."""
