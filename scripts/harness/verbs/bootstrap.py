"""``make bootstrap``: once per account. The state bucket by boto3, then envs/account, which adopts it by ``import``.

On real AWS it shows what would change, and does it with ``CONFIRM=<account id>``.
"""

import json
import os
import sys

from harness.aws.clients import Aws, connect
from harness.aws.missing import error_code, refusing
from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.paths import ACCOUNT, Stack
from harness.base.progress import phase, say
from harness.changes import changes
from harness.operate.account import (
    bucket_exists,
    is_agreed,
    plan_account,
    plan_new_account,
    refuse_oversized,
    refuse_wrong_provider,
    require_account,
)
from harness.operate.execute import execute
from harness.plan import Action, Plan
from harness.report.planned import PlanReport
from harness.report.screen import view_of
from harness.report.summary import render_summary
from harness.terraform.context import Context
from harness.terraform.fingerprint import save_meta

# Old versions of a state are worth little after a quarter; lock objects leave versions too.
_KEEP_VERSIONS_DAYS = 90


def run(options: Options) -> int:
    """Prepare the account of ``TARGET`` and print its roles for CI as JSON; running it again changes nothing."""
    aws = connect(options)
    if bootstrap(options, aws):
        say("  the account is ready: make plan ENV=...")
        roles = AccountContext(options, Stack(ACCOUNT, ACCOUNT, options.target), aws).state.outputs()["ci_role_arns"]
        if roles:
            print(json.dumps(roles))
    return 0


def bootstrap(options: Options, aws: Aws) -> bool:
    """Create the state bucket when it is missing and apply ``envs/account``; on real AWS only when that is confirmed.

    Returns:
        Whether the account is ready.

    Raises:
        HarnessError: the account is not the one that is meant, the bucket's name belongs to somebody else, AWS would
            refuse the plan, or Terraform failed.
    """
    context = AccountContext(options, Stack(ACCOUNT, ACCOUNT, options.target), aws)
    require_account(context)
    if not is_agreed(context):
        return _show(context)
    with phase("state bucket"):
        ensure_bucket(aws, context.state.bucket)
    plan = plan_account(context)
    if _changes_nothing(plan):
        return True
    _refuse(plan, aws)
    save_meta(context.stack, "", [])
    with phase("apply account"):
        execute(context)
    return True


def _show(context: Context) -> bool:
    """Show what would change in the account, and change nothing; returns whether it is ready as it is."""
    known = bucket_exists(context)
    plan = plan_account(context) if known else plan_new_account(context)
    if known and _changes_nothing(plan):
        return True
    _refuse(plan, context.aws)
    report = PlanReport(f"account {context.account_id}", changes(plan), ())
    print(render_summary(report, view_of(sys.stdout, os.environ, verbose=context.options.verbose)), end="")
    say(f"  nothing is changed; to do it add CONFIRM={context.account_id}")
    return False


def _refuse(plan: Plan, aws: Aws) -> None:
    refuse_oversized(plan)
    refuse_wrong_provider(plan, aws.client("iam"))


def _changes_nothing(plan: Plan) -> bool:
    return all(one.action in (Action.NO_OP, Action.READ) for one in plan.resources.values())


def is_bootstrapped(options: Options, aws: Aws) -> bool:
    """Tell whether the account root has a state: cheap enough for every ``make up``."""
    context = AccountContext(options, Stack(ACCOUNT, ACCOUNT, options.target), aws)
    return context.state.exists()


class AccountContext(Context):
    """The account root has no suffix: it exists once."""

    @property
    def variables(self) -> dict[str, str]:
        """Only the owner, when given."""
        return {"owner": self.options.owner} if self.options.owner else {}


def ensure_bucket(aws: Aws, name: str) -> None:
    """Create the bucket, versioned, when it does not exist; set its lifecycle.

    The lifecycle is set here because the provider's resource waits 55 seconds for it (docs/pitfalls.md); versioning
    is set at once so that not even the first state is without a history. All else is envs/account's.

    Raises:
        HarnessError: AWS refuses, or the name is taken by another account.
    """
    client = aws.client("s3")
    place = {} if aws.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    try:
        with refusing(f"cannot create the state bucket {name}", "check the credentials"):
            client.create_bucket(Bucket=name, **place)
    except HarnessError as error:
        if error_code(error.__cause__) != "BucketAlreadyOwnedByYou":
            raise
    with refusing(f"cannot configure the state bucket {name}", "check the permissions"):
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [_lifecycle()]})


def _lifecycle() -> dict[str, object]:
    return {
        "ID": "old-versions",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": _KEEP_VERSIONS_DAYS},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
