"""Probe of gap_authorised_resources."""

from __future__ import annotations

from typing import Any

from tests.local.gaps.conftest import Emulator, allow, as_role, refused

_PLACE = "eu-west-1:000000000000"
_RULE = {"AlarmName": "both", "AlarmRule": 'ALARM("one")'}


def _table(emulator: Emulator, name: str) -> Any:
    return emulator.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]


def test_stock_still_takes_a_composite_alarm_by_its_name(stock: Emulator) -> None:
    stock.client("cloudwatch").put_metric_alarm(
        AlarmName="one", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m", Namespace="n",
        Period=60, Statistic="Sum", Threshold=1,
    )  # fmt: skip
    client = as_role(stock, "narrow", allow("cloudwatch:*", on=f"arn:aws:cloudwatch:{_PLACE}:alarm:*"))("cloudwatch")
    client.put_composite_alarm(**_RULE)  # upstream refuses: that part of gap_authorised_resources can go


def test_stock_still_refuses_an_alias_by_its_name(stock: Emulator) -> None:
    key = stock.client("kms").create_key()["KeyMetadata"]
    both = [f"arn:aws:kms:{_PLACE}:alias/ours-*", key["Arn"]]
    client = as_role(stock, "aliases", allow("kms:*", on=both))("kms")
    asked = refused(lambda: client.create_alias(AliasName="alias/ours-1", TargetKeyId=key["KeyId"]))
    assert asked == "kms:CreateAlias", "upstream knows aliases: that part of gap_authorised_resources can go"


def test_a_composite_alarm_needs_every_resource(filled: Emulator) -> None:
    narrow = as_role(filled, "narrow", allow("cloudwatch:*", on=f"arn:aws:cloudwatch:{_PLACE}:alarm:*"))("cloudwatch")
    assert refused(lambda: narrow.put_composite_alarm(**_RULE)) == "cloudwatch:PutCompositeAlarm"
    assert refused(lambda: narrow.describe_alarms(AlarmNames=["one"])) == ""
    composite = {"AlarmNames": ["both"], "AlarmTypes": ["CompositeAlarm"]}
    assert refused(lambda: narrow.describe_alarms(**composite)) == "cloudwatch:DescribeAlarms"
    wide = as_role(filled, "wide", allow("cloudwatch:PutCompositeAlarm"))("cloudwatch")
    assert refused(lambda: wide.put_composite_alarm(**_RULE)) == ""


def test_an_alarm_is_deleted_by_its_own_name(filled: Emulator) -> None:
    client = as_role(
        filled, "deletes", allow("cloudwatch:DeleteAlarms", on=f"arn:aws:cloudwatch:{_PLACE}:alarm:ours-*")
    )
    assert refused(lambda: client("cloudwatch").delete_alarms(AlarmNames=["ours-1"])) == ""
    assert refused(lambda: client("cloudwatch").delete_alarms(AlarmNames=["ours-1", "theirs"])) != ""


def test_a_dashboard_is_deleted_by_its_own_name(filled: Emulator) -> None:
    ours = allow("cloudwatch:DeleteDashboards", on="arn:aws:cloudwatch::000000000000:dashboard/ours-*")
    client = as_role(filled, "deletes-dashboards", ours)("cloudwatch")
    assert refused(client.delete_dashboards, DashboardNames=["ours-1"]) == ""
    assert refused(client.delete_dashboards, DashboardNames=["ours-1", "theirs"]) == "cloudwatch:DeleteDashboards"


def test_an_alias_and_its_key_are_both_asked_for(filled: Emulator) -> None:
    kms = filled.client("kms")
    ours, theirs = (kms.create_key()["KeyMetadata"] for _ in range(2))
    client = as_role(filled, "aliases", allow("kms:*", on=[f"arn:aws:kms:{_PLACE}:alias/ours-*", ours["Arn"]]))("kms")
    assert refused(lambda: client.create_alias(AliasName="alias/ours-1", TargetKeyId=ours["KeyId"])) == ""
    assert refused(lambda: client.create_alias(AliasName="alias/ours-2", TargetKeyId=theirs["KeyId"])) != ""
    assert refused(lambda: client.create_alias(AliasName="alias/theirs", TargetKeyId=ours["KeyId"])) != ""
    assert refused(lambda: client.update_alias(AliasName="alias/ours-1", TargetKeyId=theirs["KeyId"])) != ""
    assert refused(lambda: client.describe_key(KeyId="alias/ours-1")) == ""
    kms.create_alias(AliasName="alias/ours-3", TargetKeyId=theirs["KeyId"])
    assert refused(lambda: client.describe_key(KeyId="alias/ours-3")) != ""
    assert refused(lambda: client.delete_alias(AliasName="alias/ours-3")) != ""
    assert refused(lambda: client.delete_alias(AliasName="alias/ours-1")) == ""


def test_tables_and_backups_are_told_apart(filled: Emulator) -> None:
    ours, theirs = _table(filled, "ours-1"), _table(filled, "theirs-1")
    dynamodb = filled.client("dynamodb")
    backups = [
        dynamodb.create_backup(TableName=name, BackupName="kept")["BackupDetails"]["BackupArn"]
        for name in ("ours-1", "theirs-1")
    ]
    statement = allow("dynamodb:*", on=f"arn:aws:dynamodb:{_PLACE}:table/ours-*")
    client = as_role(filled, "tables", statement)("dynamodb")
    assert refused(lambda: client.list_tags_of_resource(ResourceArn=ours)) == ""
    assert refused(lambda: client.list_tags_of_resource(ResourceArn=theirs)) == "dynamodb:ListTagsOfResource"
    assert [refused(client.describe_backup, BackupArn=arn) for arn in backups] == [
        "",
        "dynamodb:DescribeBackup",
    ]
    target = {"TargetTableName": "ours-2"}
    theirs_again = {"SourceTableName": "theirs-1", "UseLatestRestorableTime": True, **target}
    assert refused(lambda: client.restore_table_from_backup(BackupArn=backups[1], **target)) != ""
    assert refused(lambda: client.restore_table_to_point_in_time(**theirs_again)) != ""
    assert refused(lambda: client.restore_table_from_backup(BackupArn=backups[0], **target)) == ""


def test_topics_and_log_groups_are_told_apart(filled: Emulator) -> None:
    sns = filled.client("sns")
    topics = [sns.create_topic(Name=name)["TopicArn"] for name in ("ours-1", "theirs-1")]
    tags = as_role(filled, "topics", allow("sns:ListTagsForResource", on=f"arn:aws:sns:{_PLACE}:ours-*"))("sns")
    asked = [refused(tags.list_tags_for_resource, ResourceArn=arn) for arn in topics]
    assert asked == ["", "sns:ListTagsForResource"]
    groups = as_role(filled, "groups", allow("logs:DescribeLogGroups", on=f"arn:aws:logs:{_PLACE}:log-group:*"))("logs")
    assert refused(groups.describe_log_groups) == ""
    named = allow("logs:CreateLogGroup", on=f"arn:aws:logs:{_PLACE}:log-group:/ours", sid="Named")
    behind = allow("logs:PutRetentionPolicy", on=f"arn:aws:logs:{_PLACE}:log-group:/ours:*", sid="Behind")
    client = as_role(filled, "one-group", named, behind)("logs")
    assert refused(client.create_log_group, logGroupName="/ours") == "logs:CreateLogGroup"
    assert refused(client.put_retention_policy, logGroupName="/ours", retentionInDays=7) == ""
    narrow = allow("logs:DescribeLogGroups", on=f"arn:aws:logs:{_PLACE}:log-group:/ours/*")
    assert refused(as_role(filled, "narrow-groups", narrow)("logs").describe_log_groups) == "logs:DescribeLogGroups"


def test_a_function_is_made_by_its_name(filled: Emulator) -> None:
    made = {
        "Role": "arn:aws:iam::000000000000:role/none",
        "Runtime": "python3.13",
        "Handler": "code.handler",
        "Code": {},
    }
    functions = f"arn:aws:lambda:{_PLACE}:function:ours-*"
    client = as_role(filled, "makes", allow("lambda:CreateFunction", on=functions), allow("iam:PassRole", sid="Pass"))
    assert refused(client("lambda").create_function, FunctionName="ours-1", **made) == ""
    assert refused(client("lambda").create_function, FunctionName="theirs", **made) == "lambda:CreateFunction"
