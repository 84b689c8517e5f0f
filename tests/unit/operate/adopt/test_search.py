"""Only what the interrupted apply made is adopted: by its marks and its age, never by its name alone.

The answers go through botocore's own description of each service, so a misspelt operation or parameter fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import boto3
import botocore.client
import pytest
from botocore.stub import Stubber
from tests.support.builder import Res, plan

from harness.aws.clients import Aws
from harness.base.errors import HarnessError
from harness.operate.adopt.finders import ADOPTED
from harness.operate.adopt.search import SKEW_SECONDS, Search, find_made
from harness.plan import UNKNOWN

BEGAN = 1_795_000_000.0
TAGS = {"Environment": "dev", "Owner": "kay"}
POLICY = '{"Statement": []}'
ARN = "arn:aws:x:eu-west-1:000000000000:y"

Answers = list[tuple[str, str, Mapping[str, Any]]]


class FakeAws:
    """Gives out clients that answer what they are told to, in order, and nothing else."""

    def __init__(self, answers: Answers) -> None:
        self._stubs: dict[str, Stubber] = {}
        for service, operation, answer in answers:
            stub = self._stubs.get(service)
            if stub is None:
                client = boto3.client(
                    service,  # type: ignore[call-overload]
                    region_name="eu-west-1",
                    aws_access_key_id="test",
                    aws_secret_access_key="test",
                )
                stub = self._stubs[service] = Stubber(client)
                stub.activate()
            if "error" in answer:
                stub.add_client_error(operation, answer["error"])
            else:
                stub.add_response(operation, dict(answer))

    def client(self, service: str) -> botocore.client.BaseClient:
        client: botocore.client.BaseClient = self._stubs[service].client
        return client


def search(answers: Answers, *resources: Res, **ids: str) -> Search:
    return Search(cast(Aws, FakeAws(answers)), plan(*resources), BEGAN, dict(ids))


def pairs(tags: Mapping[str, str], name: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{name: key, value: tag} for key, tag in tags.items()]


def table(tags: Mapping[str, str], made: datetime, arn: str = ARN) -> Answers:
    return [
        ("dynamodb", "describe_table", {"Table": {"TableArn": arn, "CreationDateTime": made}}),
        ("dynamodb", "list_tags_of_resource", {"Tags": pairs(tags)}),
    ]


def log_group(tags: Mapping[str, str], made: datetime) -> Answers:
    groups = [
        {"logGroupName": name, "creationTime": int(made.timestamp() * 1000), "arn": f"{ARN}:*"} for name in ("n", "nn")
    ]
    return [
        ("logs", "describe_log_groups", {"logGroups": groups}),
        ("logs", "list_tags_for_resource", {"tags": dict(tags)}),
    ]


def role(tags: Mapping[str, str], made: datetime) -> Answers:
    there = {"Path": "/", "RoleName": "n", "RoleId": "x" * 16, "Arn": ARN, "CreateDate": made, "Tags": pairs(tags)}
    return [("iam", "get_role", {"Role": there})]


def function(tags: Mapping[str, str], made: datetime) -> Answers:
    return [("lambda", "get_function", {"Tags": dict(tags)})]


def topic(tags: Mapping[str, str], made: datetime) -> Answers:
    arn = "arn:aws:sns:eu-west-1:000000000000:n"
    return [
        ("sns", "list_topics", {"Topics": [{"TopicArn": f"{arn}n"}, {"TopicArn": arn}]}),
        ("sns", "list_tags_for_resource", {"Tags": pairs(tags)}),
    ]


def key(tags: Mapping[str, str], made: datetime) -> Answers:
    there = {"KeyId": "k", "KeyManager": "CUSTOMER", "Enabled": True, "CreationDate": made}
    return [
        ("kms", "list_keys", {"Keys": [{"KeyId": "k"}]}),
        ("kms", "describe_key", {"KeyMetadata": there}),
        ("kms", "list_resource_tags", {"Tags": pairs(tags, "TagKey", "TagValue")}),
        ("kms", "get_key_policy", {"Policy": POLICY}),
    ]


def rest_api(tags: Mapping[str, str], made: datetime) -> Answers:
    there = {"id": "a", "name": "n", "tags": dict(tags), "createdDate": made}
    return [("apigateway", "get_rest_apis", {"items": [{"id": "o", "name": "other"}, there]})]


def api_key(tags: Mapping[str, str], made: datetime) -> Answers:
    return [
        ("apigateway", "get_api_keys", {"items": [{"id": "a", "name": "n", "tags": dict(tags), "createdDate": made}]})
    ]


def usage_plan(tags: Mapping[str, str], made: datetime) -> Answers:
    return [("apigateway", "get_usage_plans", {"items": [{"id": "a", "name": "n", "tags": dict(tags)}]})]


FOUND = {
    "aws_dynamodb_table": (table, "n"),
    "aws_cloudwatch_log_group": (log_group, "n"),
    "aws_iam_role": (role, "n"),
    "aws_lambda_function": (function, "n"),
    "aws_sns_topic": (topic, "arn:aws:sns:eu-west-1:000000000000:n"),
    "aws_kms_key": (key, "k"),
    "aws_api_gateway_rest_api": (rest_api, "a"),
    "aws_api_gateway_api_key": (api_key, "a"),
    "aws_api_gateway_usage_plan": (usage_plan, "a"),
}
AGELESS = {"aws_lambda_function", "aws_sns_topic", "aws_api_gateway_usage_plan"}


def found(kind: str, tags: Mapping[str, str], made: float) -> dict[str, str]:
    answers = FOUND[kind][0](tags, datetime.fromtimestamp(made, UTC))
    wanted = Res(f"{kind}.this", {"name": "n", "function_name": "n", "policy": POLICY, "tags_all": TAGS})
    return find_made(search(answers, wanted), {kind: ADOPTED[kind]})


@pytest.mark.parametrize("kind", FOUND)
def test_what_the_apply_made_is_found(kind: str) -> None:
    assert found(kind, {**TAGS, "added": "later"}, BEGAN + 5) == {f"{kind}.this": FOUND[kind][1]}


@pytest.mark.parametrize("kind", FOUND)
@pytest.mark.parametrize("tags", [{}, {**TAGS, "Owner": "bob"}], ids=["untagged", "another's"])
def test_what_lacks_our_tags_is_left_alone(kind: str, tags: Mapping[str, str]) -> None:
    assert found(kind, tags, BEGAN + 5) == {}


@pytest.mark.parametrize("kind", sorted(FOUND.keys() - AGELESS))
def test_what_was_there_before_is_left_alone(kind: str) -> None:
    assert found(kind, TAGS, BEGAN - SKEW_SECONDS - 1) == {}


@pytest.mark.parametrize(
    ("kind", "operation", "code"),
    [
        ("aws_dynamodb_table", "describe_table", "ResourceNotFoundException"),
        ("aws_iam_role", "get_role", "NoSuchEntity"),
        ("aws_lambda_function", "get_function", "ResourceNotFoundException"),
    ],
)
def test_what_does_not_exist_is_not_found(kind: str, operation: str, code: str) -> None:
    service = {"aws_dynamodb_table": "dynamodb", "aws_iam_role": "iam", "aws_lambda_function": "lambda"}[kind]
    wanted = Res(f"{kind}.this", {"name": "n", "function_name": "n", "tags_all": TAGS})
    assert find_made(search([(service, operation, {"error": code})], wanted), {kind: ADOPTED[kind]}) == {}


def test_a_refusal_is_not_taken_for_absence() -> None:
    wanted = Res("aws_iam_role.this", {"name": "n", "tags_all": TAGS})
    refused = search([("iam", "get_role", {"error": "AccessDenied"})], wanted)
    with pytest.raises(HarnessError, match="AccessDenied"):
        find_made(refused, {"aws_iam_role": ADOPTED["aws_iam_role"]})


def test_a_key_with_another_stacks_policy_is_left_alone() -> None:
    kind = "aws_kms_key"
    wanted = Res(f"{kind}.this", {"policy": '{"Statement": [1]}', "tags_all": TAGS})
    there = key(TAGS, datetime.fromtimestamp(BEGAN + 5, UTC))
    assert find_made(search(there, wanted), {kind: ADOPTED[kind]}) == {}


def test_two_that_answer_to_one_name_are_for_a_person_to_decide() -> None:
    made = datetime.fromtimestamp(BEGAN + 5, UTC)
    twins = [{"id": one, "name": "n", "tags": TAGS, "createdDate": made} for one in "ab"]
    wanted = Res("aws_api_gateway_rest_api.this", {"name": "n", "tags_all": TAGS})
    with pytest.raises(HarnessError, match="could be any of a, b"):
        find_made(search([("apigateway", "get_rest_apis", {"items": twins})], wanted), ADOPTED)


def test_what_the_state_knows_is_not_looked_for() -> None:
    wanted = Res("aws_iam_role.this", {"name": "n", "tags_all": TAGS})
    known = Search(cast(Aws, FakeAws([])), plan(wanted), BEGAN, {"aws_iam_role.this": "n"})
    assert find_made(known, ADOPTED) == {}


@pytest.mark.parametrize("action", ["update", "replace", "replace-create-first", "no-op"])
def test_what_was_not_to_be_created_is_not_looked_for(action: str) -> None:
    wanted = Res("aws_iam_role.this", {"name": "n", "tags_all": TAGS}, action=action, before={"name": "n"})
    assert find_made(search([], wanted), ADOPTED) == {}


def test_what_an_earlier_recovery_was_to_adopt_is_looked_for_again() -> None:
    wanted = Res("aws_iam_role.this", {"name": "n", "tags_all": TAGS}, action="no-op", before={"name": "n"})
    recovery = plan(wanted)
    change = replace(recovery.resources["aws_iam_role.this"], importing="n")
    again = replace(recovery, resources={"aws_iam_role.this": change})
    answers = role(TAGS, datetime.fromtimestamp(BEGAN, UTC))
    assert find_made(Search(cast(Aws, FakeAws(answers)), again, BEGAN, {}), ADOPTED) == {"aws_iam_role.this": "n"}


def test_children_are_found_in_the_api_that_was_found() -> None:
    made = datetime.fromtimestamp(BEGAN + 5, UTC)
    method = {"httpMethod": "GET"}
    resources = [
        {"id": "root", "path": "/"},
        {"id": "r1", "path": "/items", "resourceMethods": {"GET": method}},
        {"id": "r2", "path": "/items/{id}"},
    ]
    answers: Answers = [
        *rest_api(TAGS, made),
        ("apigateway", "get_request_validators", {"items": [{"id": "v", "name": "parameters"}]}),
        ("apigateway", "get_resources", {"items": resources}),
        ("apigateway", "get_method_response", {"statusCode": "204"}),
        ("apigateway", "get_stage", {"stageName": "v1"}),
    ]
    expected = {
        "aws_api_gateway_rest_api.this": "a",
        "aws_api_gateway_request_validator.this": "a/v",
        'aws_api_gateway_resource.level["/items"]': "a/r1",
        'aws_api_gateway_resource.level["/items/{id}"]': "a/r2",
        'aws_api_gateway_method.this["GET /items"]': "a/r1/GET",
        'aws_api_gateway_method_response.preflight["/items"]': "a/r1/GET/204",
        "aws_api_gateway_stage.this": "a/v1",
    }
    values = {"tags_all": TAGS, "http_method": "GET", "status_code": "204", "stage_name": "v1"}
    names = {"request_validator": "parameters", "rest_api": "n"}
    wanted = [
        Res(address, {**values, "name": names.get(address.split(".")[0].removeprefix("aws_api_gateway_"), "")})
        for address in expected
    ]
    not_made = Res('aws_api_gateway_method.this["POST /items"]', {**values, "http_method": "POST"})
    assert find_made(search(answers, *wanted, not_made), ADOPTED) == expected


def test_children_without_their_parent_are_not_looked_for() -> None:
    children = [
        Res("aws_api_gateway_request_validator.this", {"name": "n"}),
        Res('aws_api_gateway_resource.this["/items"]', {"path_part": "items"}),
        Res("aws_api_gateway_stage.this", {"stage_name": "v1"}),
        Res("aws_lambda_alias.live", {"function_name": "f", "name": "live"}),
        Res("aws_lambda_permission.this", {"function_name": "f", "qualifier": "live", "statement_id": "s"}),
        Res("aws_kms_alias.this", {"name": "alias/n"}),
        Res("aws_api_gateway_usage_plan_key.this", {"key_type": "API_KEY"}),
    ]
    assert find_made(search([], *children), ADOPTED) == {}


def test_permission_and_alias_belong_to_a_function_of_ours() -> None:
    answers: Answers = [
        *function(TAGS, datetime.fromtimestamp(BEGAN, UTC)),
        ("lambda", "get_alias", {"Name": "live"}),
        ("lambda", "get_policy", {"Policy": '{"Statement": [{"Sid": "s"}]}'}),
    ]
    wanted = [
        Res("aws_lambda_function.this", {"function_name": "f", "tags_all": TAGS}),
        Res("aws_lambda_alias.live", {"function_name": "f", "name": "live"}),
        Res("aws_lambda_permission.this", {"function_name": "f", "qualifier": "live", "statement_id": "s"}),
    ]
    assert find_made(search(answers, *wanted), ADOPTED) == {
        "aws_lambda_function.this": "f",
        "aws_lambda_alias.live": "f/live",
        "aws_lambda_permission.this": "f:live/s",
    }


def two_of(kind: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Res]:
    return [Res(f'{kind}.this["{name}"]', {"tags_all": TAGS, **one}) for name, one in (("a", first), ("b", second))]


def test_each_of_several_functions_and_tables_is_found_by_its_name() -> None:
    made = datetime.fromtimestamp(BEGAN + 5, UTC)
    another = table({**TAGS, "Owner": "bob"}, made, f"{ARN}2")
    answers: Answers = [*table(TAGS, made), *another, *function(TAGS, made) * 2]
    wanted = [
        *two_of("aws_dynamodb_table", {"name": "one"}, {"name": "anothers"}),
        *two_of("aws_lambda_function", {"function_name": "f"}, {"function_name": "g"}),
    ]
    assert find_made(search(answers, *wanted), ADOPTED) == {
        'aws_dynamodb_table.this["a"]': "one",
        'aws_lambda_function.this["a"]': "f",
        'aws_lambda_function.this["b"]': "g",
    }


UUID = "00000000-0000-0000-0000-00000000000{}"
SOURCE = "arn:aws:sqs:eu-west-1:000000000000:q"


def event_sources(*functions: str) -> Answers:
    arn = "arn:aws:lambda:eu-west-1:000000000000:function"
    there = [
        {"UUID": UUID.format(at), "FunctionArn": f"{arn}:{name}", "EventSourceArn": SOURCE}
        for at, name in enumerate(functions)
    ]
    return [("lambda", "list_event_source_mappings", {"EventSourceMappings": there})]


@pytest.mark.parametrize(
    ("functions", "source", "expected"),
    [
        (("g:live", "f:live"), SOURCE, {"aws_lambda_event_source_mapping.this": UUID.format(1)}),
        (("f",), SOURCE, {"aws_lambda_event_source_mapping.this": UUID.format(0)}),
        (("f:live",), UNKNOWN, {"aws_lambda_event_source_mapping.this": UUID.format(0)}),
        (("f:live",), f"{SOURCE}q", {}),
        (("ff:live",), SOURCE, {}),
    ],
)
def test_an_event_source_belongs_to_a_function_of_ours(
    functions: tuple[str, ...], source: object, expected: dict[str, str]
) -> None:
    wanted = [
        Res("aws_lambda_function.this", {"function_name": "f"}),
        Res("aws_lambda_event_source_mapping.this", {"event_source_arn": source}),
    ]
    kind = "aws_lambda_event_source_mapping"
    made = find_made(
        search(event_sources(*functions), *wanted, **{"aws_lambda_function.this": "f"}), {kind: ADOPTED[kind]}
    )
    assert made == expected


def test_two_event_sources_of_which_none_is_the_plans_are_for_a_person_to_decide() -> None:
    wanted = [
        Res("aws_lambda_function.this", {"function_name": "f"}),
        Res("aws_lambda_event_source_mapping.this", {"event_source_arn": UNKNOWN}),
    ]
    kind = "aws_lambda_event_source_mapping"
    asked = search(event_sources("f", "f"), *wanted, **{"aws_lambda_function.this": "f"})
    with pytest.raises(HarnessError, match=f"could be any of {UUID.format(0)}, {UUID.format(1)}"):
        find_made(asked, {kind: ADOPTED[kind]})
