"""``make bootstrap``: once per account. The state bucket by boto3, then envs/account, which adopts it by ``import``."""

from harness.aws.clients import Aws, connect
from harness.aws.missing import error_code, refusing
from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.paths import ACCOUNT, Stack, ensure_folder
from harness.base.progress import phase, say
from harness.facts import read_blueprint
from harness.operate.execute import execute
from harness.operate.planning import initialise
from harness.plan import Plan, read_plan
from harness.rules import evaluate_account
from harness.terraform.context import Context
from harness.terraform.fingerprint import save_meta

# Old versions of a state are worth little after a quarter; lock objects leave versions too.
_KEEP_VERSIONS_DAYS = 90
_ENCRYPTION = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}


def run(options: Options) -> int:
    """Prepare the account of ``TARGET``; running it again changes nothing."""
    aws = connect(options)
    bootstrap(options, aws)
    say("  the account is ready: make plan ENV=...")
    return 0


def bootstrap(options: Options, aws: Aws) -> None:
    """Create the state bucket when it is missing and apply ``envs/account``.

    Raises:
        HarnessError: the bucket's name belongs to somebody else, AWS would refuse the plan, or Terraform failed.
    """
    context = AccountContext(options, Stack(ACCOUNT, ACCOUNT, options.target), aws)
    with phase("state bucket"):
        ensure_bucket(aws, read_blueprint().state_bucket(context.account_id))
    ensure_folder(context.stack.folder)
    initialise(context)
    with phase("plan account"):
        changed = context.runner.plan(context.stack.plan_bin, context.variables, context.var_file)
    if changed:
        refuse_oversized(read_plan(context.runner.show(context.stack.plan_bin)))
        save_meta(context.stack, "", [])
        with phase("apply account"):
            execute(context)


def refuse_oversized(plan: Plan) -> None:
    """Refuse a plan of the account's root that holds something larger than AWS takes.

    Raises:
        HarnessError: it does; names all.
    """
    found = evaluate_account(plan, ACCOUNT)
    if found:
        told = "; ".join(f"{one.address}: {one.message}" for one in found)
        raise HarnessError(f"AWS would refuse envs/{ACCOUNT} half-way: {told}", "mend it, and run make bootstrap again")


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
    """Create the bucket, versioned and encrypted, when it does not exist; set its lifecycle.

    The lifecycle is set here because the provider's resource waits 55 seconds for it (docs/pitfalls.md); versioning
    and encryption are set at once so that not even the first state is without. All else is envs/account's.

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
        client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [_ENCRYPTION]})
        client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [_lifecycle()]})


def _lifecycle() -> dict[str, object]:
    return {
        "ID": "old-versions",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": _KEEP_VERSIONS_DAYS},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
