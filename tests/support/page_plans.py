"""A plan with every kind of change, a secret wherever one can be, and text that is markup unless it is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from harness.base.findings import Finding, Severity
from harness.base.paths import REPO
from harness.cost import estimate, read_prices
from harness.facts import Load
from harness.parity.declared import Declaration, Difference
from harness.plan import Plan, read_plan
from harness.report import Check, Report, Waived
from harness.report.page import Facts, Parity, Source
from harness.rules import Rule, RuleReport
from harness.rules.rule import RuleResult

SECRET, OLD_SECRET = "correct-horse-battery", "staple-correct-horse"
HOSTILE = "</td><script>alert(1)</script>\"'&\u2028\u202e\x1b[31m`"
"""Text that no page may take for markup, and no reader miss."""
PRICES = read_prices((REPO / "scripts" / "harness" / "cost" / "prices.yaml").read_bytes())
_POLICY = {"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject"}]}


def change(address: str, actions: str, before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    """Write one entry of ``resource_changes``; ``secret`` names the sensitive attributes of both sides."""
    module, _, block = f".{address}".rpartition(".aws_")
    module, (kind, _, rest) = module.removeprefix("."), f"aws_{block}".partition(".")
    name, _, key = rest.partition("[")
    secret, unknown = more.pop("secret", {}), more.pop("unknown", {})
    changed = {
        "actions": actions.split(),
        "before": before,
        "after": after,
        "after_unknown": unknown,
        "before_sensitive": more.pop("secret_before", secret),
        "after_sensitive": secret,
    }
    changed |= {name: more.pop(name) for name in ("replace_paths", "importing") if name in more}
    provider = "registry.terraform.io/hashicorp/aws"
    entry = {"address": address, "mode": "managed", "type": kind, "name": name, "provider_name": provider}
    entry |= {"module_address": module} if module else {}
    return entry | ({"index": json.loads(key[:-1])} if key else {}) | {"change": changed, **more}


def document(changes: Sequence[Mapping[str, Any]], **more: Any) -> bytes:
    """Write a plan's JSON."""
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "errored": False,
            "complete": True,
            "applyable": True,
            "resource_changes": changes,
            "configuration": {"root_module": {"variables": {"token": {"sensitive": True}, "plain": {}}}},
            **more,
        }
    ).encode()


def every_kind() -> Plan:
    """Read the plan."""
    return read_plan(every_kind_json())


def every_kind_json() -> bytes:
    """Write the plan as Terraform does; the secrets are in it."""
    secrets = [{"name": "k", "value": OLD_SECRET}, {"name": "k", "value": SECRET}]
    policy = json.dumps(_POLICY | {"Id": SECRET})
    variables = [{"variables": {"TOKEN": OLD_SECRET, "SIZE": "1"}}, {"variables": {"TOKEN": SECRET, "SIZE": "2"}}]
    shown = [json.dumps(_POLICY), json.dumps(_POLICY).replace("GetObject", "PutObject")]
    changes = [
        change("module.f.aws_lambda_function.this", "update", {"memory_size": 512, "environment": variables[:1]},
               {"memory_size": 768, "environment": variables[1:]}, unknown={"version": True},
               secret={"environment": [{"variables": {"TOKEN": True}}]}),
        change("module.f.aws_iam_role_policy.read", "update", {"policy": shown[0]}, {"policy": shown[1]}),
        change("module.f.aws_iam_role_policy.hidden", "update", {"policy": policy + " "}, {"policy": policy},
               secret={"policy": True}, secret_before=False),
        change("module.t.aws_dynamodb_table.this", "delete create", {"name": "a", "hash_key": "id"},
               {"name": "a", "hash_key": HOSTILE}, replace_paths=[["hash_key"]],
               action_reason="replace_because_cannot_update"),
        change("aws_sns_topic.gone", "delete", {"name": SECRET}, secret_before={"name": True}),
        change("aws_sns_topic.forgotten", "forget", {"name": "x"}),
        change("aws_sns_topic.moved", "no-op", {"name": "x"}, {"name": "x"}, previous_address="aws_sns_topic.before"),
        change("aws_sns_topic.taken", "no-op", {"name": "x"}, {"name": "x"}, importing={"id": "arn:topic"}),
        change(f"module.made.aws_sns_topic.this[{json.dumps(HOSTILE)}]", "create", None,
               {"name": HOSTILE, "tags": {HOSTILE: HOSTILE}, "kms_master_key_id": SECRET},
               unknown={"arn": True}, secret={"kms_master_key_id": True}),
        change("module.f.aws_lambda_alias.live", "delete", {"name": SECRET}, secret_before=True, deposed="1a2b3c4d"),
        change("module.a.aws_cloudwatch_metric_alarm.this", "create", None, {
            "alarm_name": "errors", "metric_name": "Errors", "namespace": "AWS/Lambda", "statistic": "Sum",
            "comparison_operator": "GreaterThanThreshold", "threshold": 5, "period": 300, "evaluation_periods": 2,
            "dimensions": {"FunctionName": SECRET}, "alarm_actions": [SECRET, "arn:aws:sns:eu-west-1:1:topic"],
            "alarm_description": "Runbook: docs/runbooks/lambda-errors.md", "treat_missing_data": "notBreaching",
        }, secret={"dimensions": True, "alarm_actions": [True, False]}),
    ]  # fmt: skip
    drifted = change("module.f.aws_lambda_function.this", "update", *secrets, secret={"value": True})
    whole = {"actions": ["update"], "before": OLD_SECRET, "after": SECRET, "after_unknown": False}
    return document(
        changes,
        resource_drift=[drifted],
        output_changes={
            "key": whole | {"before_sensitive": True, "after_sensitive": True},
            "url": {
                "actions": ["create"],
                "before": None,
                "after": HOSTILE,
                "after_unknown": False,
                "before_sensitive": False,
                "after_sensitive": False,
            },
        },
        variables={"token": {"value": SECRET}, "plain": {"value": HOSTILE}},
    )


def facts(plan: Plan, *, broken: bool = True) -> Facts:
    """Return what a page of ``plan`` is made from; when broken, with a finding of each gate."""
    error = Finding("first-rule", Severity.ERROR, "module.f.aws_lambda_function.this", f"is wrong {HOSTILE}", "e")
    rules = [RuleResult(Rule("first-rule", Severity.ERROR, _no_check), (error,) if broken else ())]
    rules.append(RuleResult(Rule("second-rule", Severity.ERROR, _no_check), ()))
    undeclared = Finding(
        "parity", Severity.ERROR, "aws_sns_topic.moved", f"differs: {HOSTILE}", "e", "envs/e/parity.yaml"
    )
    policy = Finding(
        "CKV_1", Severity.WARNING, "aws_sns_topic.taken", "is open", "e", "modules/x/main.tf", 7, "why not"
    )
    accepted = Waived(
        Finding("CKV_2", Severity.ERROR, "aws_sns_topic.moved", "is old", "e"), HOSTILE, "me", "2031-01-01"
    )
    declared = Declaration("module.f.*", "it is smaller there", attribute="memory_size")
    difference = Difference("module.f.aws_lambda_function.this", "memory_size", left="256", right="768")
    load = Load(1_000_000, 1)
    return Facts(
        title="e",
        source=Source("a plan of a test", "2030-01-02 03:04 UTC", "there is no other"),
        plan=plan,
        rules=RuleReport(tuple(rules)),
        parity=Parity("other", (undeclared,) if broken else (), ((declared, (difference,)),)),
        estimate=estimate(plan, PRICES, load),
        prices=PRICES,
        load=load,
        scan=Report("scan", (policy,) if broken else (), (Check("CKV_1"),), (accepted,)),
    )


def _no_check(_: object) -> tuple[()]:
    """A rule's reason with <b>markup</b> & signs."""
    return ()
