"""The life of every environment as CI's roles: from nothing to nothing, all environments side by side."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from tests.support import ci_roles
from tests.support.ci_roles import Role
from tests.support.clone import Clone
from tests.support.deployed import PRODUCT, STATES, Deployed, made_up_key, read_outputs
from tests.support.subscribing import confirm_subscriptions
from tests.support.waiting import eventually

from harness.localaws.control import LocalAws
from harness.localaws.settings import DECISIONS_FILE

OWNER = "life"
HURRIED = "1200"
_TAG = "Passing"
_MAKE_KEY = """
import os, sys
from harness.base.options import read_options
from harness.bundle.archive import build_bundle
from harness.operate.planning import initialise
from harness.terraform.context import open_context

context = open_context(read_options(os.environ))
build_bundle()
initialise(context)
context.stack.folder.mkdir(parents=True, exist_ok=True)
plan = context.stack.folder / "key.bin"
os.environ["TF_CLI_ARGS_plan"] = "-target=module.key"
if context.runner.plan(plan, context.variables):
    context.runner.apply(plan)
"""
_SUBSCRIBERS = '{ "on-call" = "on-call@example.com" }'
_ADDRESSES = re.compile(r"ALLOW_DESTROY='?([^'\s]+)")


@dataclass(frozen=True)
class Ci:
    """CI, with every role signed in.

    Attributes:
        clone: the checkout that its jobs work in.
        aws: gives clients with the account's root keys.
        local: the local AWS.
        roles: what it signs in to.
        keys: keys of each role's session, by its ARN.
    """

    clone: Clone
    aws: Callable[[str], Any]
    local: LocalAws
    roles: tuple[Role, ...]
    keys: Mapping[str, Mapping[str, Any]]

    def role(self, environment: str, purpose: str) -> Role:
        """Return the environment's role for a purpose."""
        [found] = [one for one in self.roles if (one.environment, one.purpose) == (environment, purpose)]
        return found

    def client(self, role: Role, service: str) -> Any:
        """Return a client of a service that works as a role."""
        return ci_roles.client(self.local.endpoint, self.keys[role.arn], service)

    def run(self, purpose: str, verb: str, environment: str, **settings: str) -> str:
        """Run a verb as the environment's role, to its good end; what it printed as its result."""
        keys = ci_roles.settings(self.keys[self.role(environment, purpose).arn])
        ran = self.clone.run(verb, ENV=environment, **keys, **settings)
        assert ran.returncode == 0, f"{verb} of {environment} to {purpose}: {ran}"
        return ran.stdout

    @contextmanager
    def recorded(self, name: str) -> Iterator[None]:
        """Let the local AWS write its decisions down meanwhile, for :meth:`decisions`."""
        file = self.local.state_dir / DECISIONS_FILE
        file.touch()
        try:
            yield
        finally:
            file.rename(file.with_name(f"{name}-{DECISIONS_FILE}"))

    def decisions(self) -> list[Path]:
        """List the files of decisions that were written."""
        return sorted(self.local.state_dir.glob(f"*-{DECISIONS_FILE}"))


def passing_tag(clone: Clone) -> None:
    """Give everything one more tag, which :func:`change` takes away: whoever may set tags must take them off, too."""
    provider = clone.root / "envs" / "shared" / "providers.tf"
    owner = re.compile(r"^( *)Owner +=", re.MULTILINE)
    provider.write_text(owner.sub(lambda found: f'{found[1]}{_TAG} = "by"\n{found[0]}', provider.read_text()))


def sign_in(clone: Clone, aws: Callable[[str], Any], local: LocalAws) -> Ci:
    """Prepare the account as an administrator, then sign in to every role of CI's."""
    roles = ci_roles.bootstrap(clone, aws)
    return Ci(clone, aws, local, roles, {role.arn: ci_roles.sign_in(local, role) for role in roles})


def side_by_side(environments: tuple[str, ...], live: Callable[[str], Any]) -> dict[str, Any]:
    """Do the same for every environment at the same time; by environment, what came of it.

    Raises:
        ExceptionGroup: what failed, of every environment.
    """
    with ThreadPoolExecutor(len(environments)) as pool:
        runs = {environment: pool.submit(live, environment) for environment in environments}
    failed = [error for run in runs.values() if isinstance(error := run.exception(), Exception)]
    if failed:
        raise ExceptionGroup("as CI's roles", failed)
    return {environment: run.result() for environment, run in runs.items()}


def make_key(clone: Clone, environment: str) -> None:
    """Make the environment's key, where it has one, as the account's administrator: AWS lets CI make none."""
    command, env = [sys.executable, "-c", _MAKE_KEY], clone.environment(ENV=environment)
    made = subprocess.run(command, cwd=clone.root, env=env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


def bring_up(ci: Ci, environment: str) -> Deployed:
    """Deploy an environment from its key alone: planned by the one role, planned and applied by the other."""
    make_key(ci.clone, environment)
    ci.run("plan", "plan", environment)
    ci.run("apply", "plan", environment)
    ci.run("apply", "apply", environment, CONFIRM=environment)
    ci.run("apply", "smoke", environment)
    # The apply role's own empty plan is the end of its restore of the API.
    assert f"{environment}: no changes" in ci.run("plan", "plan", environment)
    # As the account's root: the newcomer's verb, which prints how to call what is deployed.
    up = ci.clone.run("up", ENV=environment)
    assert up.returncode == 0, up.stdout + up.stderr
    outputs = ci.clone.run("outputs", ENV=environment, REVEAL="1")
    assert outputs.returncode == 0, outputs.stderr
    return Deployed(environment, up.stdout + up.stderr, read_outputs(outputs.stdout))


def change(clone: Clone, environments: tuple[str, ...]) -> None:
    """Change code, settings and tags of everything in the checkout."""
    provider = clone.root / "envs" / "shared" / "providers.tf"
    provider.write_text(re.sub(rf"^ *{_TAG} .*\n", "", provider.read_text(), flags=re.MULTILINE))
    for handler in (clone.root / "lambda").glob("*/handler.py"):
        handler.write_text(handler.read_text() + "\n# changed\n")
    for environment in environments:
        values = clone.root / "envs" / environment / "locals.tf"
        text = re.sub(r"(memory_mb\s*=\s*)(\d+)", lambda found: f"{found[1]}{int(found[2]) + 64}", values.read_text())
        # Fewer requests are lower caps of the tables, too.
        text = re.sub(r"(rate_limit\s*=\s*)(\d+)", lambda found: f"{found[1]}{int(found[2]) * 9 // 10}", text)
        if not PRODUCT.environments[environment].guarded:
            text = re.sub(r"^ *reserved_concurrency .*\n", "", text, flags=re.MULTILINE)
        values.write_text(text)


def live_on(ci: Ci, deployed: Deployed) -> None:
    """Apply a change, release it, roll it back, bring everything back that was lost, look for drift, destroy."""
    environment = deployed.environment
    # Another owner is another tag on everything; only where alarms have a topic can somebody subscribe to it.
    topics = [one["TopicArn"] for one in ci.aws("sns").list_topics()["Topics"]]
    tells = any(topic.endswith(f"-{environment}") for topic in topics)
    settings = {"OWNER": OWNER} | ({"TF_VAR_subscribers": _SUBSCRIBERS} if tells else {})
    ci.run("plan", "plan", environment, **settings)
    ci.run("apply", "plan", environment, **settings)
    ci.run("apply", "apply", environment, CONFIRM=environment, **settings)
    if tells:
        # Whoever has not confirmed cannot be unsubscribed either.
        confirm_subscriptions(ci.local, ci.aws("sns"), 1)
    _until_quiet(ci, environment)
    ci.run("apply", "release", environment, PACE=HURRIED)
    assert "serves every request" in ci.run("apply", "rollback", environment)
    _recover(ci, deployed, settings)
    assert "no drift" in ci.run("plan", "drift", environment, **settings)
    _destroy(ci, environment, [one["name"] for one in deployed.outputs["tables"]], settings)


def _until_quiet(ci: Ci, environment: str) -> None:
    """Wait until no alarm of the environment is on: a release begins with none."""
    watch = ci.aws("cloudwatch")

    def on() -> list[str]:
        found = watch.describe_alarms(StateValue="ALARM", AlarmTypes=["CompositeAlarm", "MetricAlarm"])
        names = [one["AlarmName"] for kind in ("CompositeAlarms", "MetricAlarms") for one in found[kind]]
        return [name for name in names if name.endswith(f"-{environment}")]

    assert eventually(lambda: not on(), 120), on()


def _recover(ci: Ci, deployed: Deployed, settings: dict[str, str]) -> None:
    """Lose records and the state, and have them back; then the API."""
    environment, table, tables = deployed.environment, deployed.table, ci.aws("dynamodb")
    confirmed = {"CONFIRM": environment}
    first, second = (made_up_key(tables, table, number) for number in (1, 2))
    for key in (first, second):
        tables.put_item(TableName=table, Item=key)
    backup = json.loads(ci.run("apply", "backup", environment))
    tables.delete_item(TableName=table, Key=first)
    ci.run("apply", "restore", environment, WHAT="table", BACKUP=backup["backup"], **confirmed)
    assert tables.get_item(TableName=table, Key=first).get("Item")
    recovery = tables.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    if moments := recovery.get("PointInTimeRecoveryDescription", {}).get("LatestRestorableDateTime"):
        tables.delete_item(TableName=table, Key=second)
        moment = f"{moments.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        ci.run("apply", "restore", environment, WHAT="table", AT=moment, **confirmed)
        assert tables.get_item(TableName=table, Key=second).get("Item")
    for kept in backup["tables"].values():
        tables.delete_backup(BackupArn=kept["backup_arn"])
    ci.aws("s3").delete_object(Bucket=STATES, Key=f"{environment}/{environment}/terraform.tfstate")
    ci.run("apply", "restore", environment, WHAT="state", VERSION="last", **confirmed, **settings)
    ci.run("apply", "restore", environment, WHAT="api", **confirmed, **settings)


def _destroy(ci: Ci, environment: str, tables: Sequence[str], settings: dict[str, str]) -> None:
    """Destroy everything, what holds data by its addresses, as docs/runbooks/teardown.md says."""
    keys = ci_roles.settings(ci.keys[ci.role(environment, "apply").arn])
    words = {"ENV": environment, "CONFIRM": environment, **keys, **settings}
    # An administrator's: no plan of a guarded environment may take it off.
    for table in tables:
        ci.aws("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=False)
    tried = ci.clone.run("destroy", **words)
    if found := _ADDRESSES.search(tried.stderr):
        tried = ci.clone.run("destroy", **words, ALLOW_DESTROY=found[1])
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "is not deployed" in ci.clone.run("outputs", **words).stderr
