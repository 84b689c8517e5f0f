"""An account before its bootstrap: what would be made is shown from a copy, without state, bucket or trace."""

from __future__ import annotations

from harness.aws.clients import Aws
from harness.aws.offline import offline
from harness.base.options import Options
from harness.base.paths import ACCOUNT, REPO, Stack, Target
from harness.operate.account import plan_new_account
from harness.plan import Action
from harness.verbs.bootstrap import AccountContext


def test_all_of_it_is_planned_before_there_is_a_bucket() -> None:
    stack = Stack(ACCOUNT, ACCOUNT, Target.LOCAL)
    root = sorted((REPO / "envs" / ACCOUNT).iterdir())
    with offline() as stub:
        env = stub.environment({})
        context = AccountContext(Options(owner="somebody"), stack, Aws(Target.LOCAL, env, env["AWS_REGION"], stub.url))
        plan = plan_new_account(context)
    managed = [one for one in plan.resources.values() if one.mode == "managed"]
    assert {one.action for one in managed} == {Action.CREATE}
    assert {"aws_s3_bucket.state", "aws_api_gateway_account.this"} <= {one.address for one in managed}
    tags = plan.resources["aws_s3_bucket.state"].value("tags_all")
    assert isinstance(tags, dict)
    assert tags["Owner"] == "somebody"
    assert sorted((REPO / "envs" / ACCOUNT).iterdir()) == root
    assert set(stub.calls) == {"GetCallerIdentity"}
