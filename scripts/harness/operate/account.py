"""The account's root before it is applied: whose account it is, what would change in it, what AWS would refuse."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.aws.missing import refusing, unless_missing
from harness.base.errors import HarnessError, UsageError
from harness.base.paths import ACCOUNT, REPO, Target, ensure_folder
from harness.base.progress import phase
from harness.operate.planning import initialise
from harness.operate.preflight import account_guard
from harness.plan import Action, Plan, ResourceChange, read_plan
from harness.rules import evaluate_account
from harness.terraform.binary import terraform_environment
from harness.terraform.context import Context
from harness.terraform.sandbox import copy_sources, drop_imports, keep_state_local

_PROVIDER = "aws_iam_openid_connect_provider"
_AUDIENCE = "sts.amazonaws.com"
_FILE = f"envs/{ACCOUNT}/aws.tfvars"


def require_account(context: Context) -> None:
    """Refuse an account that the root's ``aws.tfvars`` does not list; the local AWS is anybody's.

    Raises:
        HarnessError: it lists others, or none.
        UsageError: CONFIRM names another account than the credentials'.
    """
    for problem in account_guard(context):
        told, _, remedy = problem.partition(" -> ")
        raise HarnessError(told, remedy)
    given = context.options.confirm
    if context.stack.target is Target.AWS and given not in ("", context.account_id):
        raise UsageError(
            f"CONFIRM={given} is not the account of the credentials, {context.account_id}",
            "log in to the account you mean; make bootstrap TARGET=aws shows what would change in it",
        )


def is_agreed(context: Context) -> bool:
    """Tell whether the account may be changed: on real AWS only when CONFIRM names it."""
    return context.stack.target is not Target.AWS or context.options.confirm == context.account_id


def bucket_exists(context: Context) -> bool:
    """Tell whether the account has its state bucket.

    Raises:
        HarnessError: AWS refuses, as it does when somebody else has a bucket of that name.
    """
    client, name = context.aws.client("s3"), context.state.bucket

    def look() -> bool:
        client.head_bucket(Bucket=name)
        return True

    return bool(unless_missing(look, f"cannot look at the state bucket {name}", "check the credentials"))


def plan_account(context: Context) -> Plan:
    """Plan the account's root against its state and leave the plan in the stack's folder.

    Raises:
        ToolError: Terraform cannot plan.
    """
    ensure_folder(context.stack.folder)
    initialise(context)
    with phase("plan account"):
        context.runner.plan(context.stack.plan_bin, context.variables, context.var_file)
    return read_plan(context.runner.show(context.stack.plan_bin))


def plan_new_account(context: Context) -> Plan:
    """Plan the account's root as it is before there is a bucket for its state: in a copy, which goes.

    Raises:
        ToolError: Terraform cannot plan.
    """
    with tempfile.TemporaryDirectory(prefix="account-") as folder:
        tree = Path(folder)
        copy_sources(REPO, tree)
        root = tree / "envs" / ACCOUNT
        keep_state_local(root)
        drop_imports(root)
        nothing = root / "backend.hcl"
        nothing.write_text("")
        env = {**context.env, **terraform_environment(ensure_folder(tree / "data"))}
        runner = replace(context.runner, root=root, env=env, check_state=bool)
        with phase("plan account, before it has a state"):
            runner.init({}, nothing)
            runner.plan(tree / "plan.bin", context.variables, context.var_file)
            return read_plan(runner.show(tree / "plan.bin"))


def refuse_oversized(plan: Plan) -> None:
    """Refuse a plan of the account's root that holds something larger than AWS takes.

    Raises:
        HarnessError: it does; names all.
    """
    found = [f"{one.address}: {one.message}" for one in evaluate_account(plan, ACCOUNT)]
    if found:
        raise HarnessError(
            f"AWS would refuse envs/{ACCOUNT} half-way: {'; '.join(found)}", "mend it, and run make bootstrap again"
        )


def refuse_wrong_provider(plan: Plan, iam: Any) -> None:
    """Refuse a plan of the account's root that takes GitHub's identity provider for what it is not.

    Args:
        iam: a boto3 client.

    Raises:
        HarnessError: it would be made and is there, or is taken for there and is not, or not for AWS.
    """
    with refusing("cannot look at the account's identity providers", "allow iam:ListOpenIDConnectProviders"):
        known = {one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]}
        for told, remedy in _provider_problems(plan, known, iam):
            raise HarnessError(told, remedy)


def _provider_problems(plan: Plan, known: set[str], iam: Any) -> Iterator[tuple[str, str]]:
    """Report an identity provider that is there and would be made, or is taken for there and is not."""
    made = plan.of_type(_PROVIDER)
    for arn in sorted({arn for role in plan.of_type("aws_iam_role") for arn in _providers_of(role)}):
        new = any(one.action is Action.CREATE for one in made)
        if new and arn in known:
            yield f"the account has the identity provider {arn} already", f"set oidc_provider_exists = true in {_FILE}"
        elif not made and arn not in known:
            yield f"the account has no identity provider {arn}", f"leave oidc_provider_exists out of {_FILE}"
        elif not made:
            audiences = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"]
            if _AUDIENCE not in audiences:
                yield (
                    f"the identity provider {arn} is for {', '.join(audiences) or 'nobody'}, not for {_AUDIENCE}",
                    f"aws iam add-client-id-to-open-id-connect-provider --client-id {_AUDIENCE}"
                    f" --open-id-connect-provider-arn {arn}",
                )


def _providers_of(role: ResourceChange) -> Iterator[str]:
    """List identity providers whose users a role takes."""
    trust = role.find("assume_role_policy")
    for statement in json.loads(trust)["Statement"] if isinstance(trust, str) else ():
        principal = statement["Principal"]
        if isinstance(principal, dict) and "Federated" in principal:
            yield principal["Federated"]
