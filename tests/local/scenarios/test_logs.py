"""One access-log line a request, function logs joined to it by the request id, and nothing secret in either."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from tests.support.deployed import Deployed
from tests.support.log_lines import access_group, messages
from tests.support.scenarios import Report
from tests.support.traffic import send
from tests.support.waiting import eventually

pytestmark = pytest.mark.example


def test_requests_are_logged_once_joined_and_without_secrets(report: Report, deployed: Deployed, aws: Any) -> None:
    secret = f"planted{uuid.uuid4().hex}"
    with report.scenario(
        "logs",
        deployed.environment,
        injected=f"8 requests, good and bad, with {secret[:7]}… in body, query, headers and idempotency key",
        expected="8 access-log lines, function logs under the same ids; planted text and API key nowhere",
    ) as seen:
        plain = {"authorization": secret, "x_token": secret}
        made = send(deployed, "POST", "/items", {"name": secret}, idempotency_key=secret, **plain)
        item = f"/items/{made.json()['id']}"
        answers = [
            made,
            send(deployed, "POST", "/items", {"name": secret, "extra": secret}),
            send(deployed, "POST", "/items", f'{{"name": "{secret}'.encode()),
            send(deployed, "PUT", item, {"name": secret, "description": secret}, if_match=made.headers["etag"]),
            send(deployed, "PUT", item, {"name": secret}, if_match=made.headers["etag"]),
            send(deployed, "GET", f"/items?cursor={secret}"),
            send(deployed, "GET", item, **plain),
            send(deployed, "DELETE", item),
        ]
        ids = [answer.headers["x-amzn-requestid"] for answer in answers]
        groups = {"access": access_group(deployed), "function": f"/aws/lambda/{deployed.function}"}

        def complete() -> bool:
            return ids[-1] in "".join(messages(aws, groups["function"]))

        assert eventually(complete, 60, 0.5)
        access, function = (messages(aws, groups[kind]) for kind in ("access", "function"))
        lines = {number: [json.loads(line) for line in access if number in line] for number in ids}
        assert [len(found) for found in lines.values()] == [1] * len(ids)
        for answer, number in zip(answers, ids, strict=True):
            assert lines[number][0]["status"] == str(answer.status)
        # None is refused by the gateway: what is wrong with them, only the function sees.
        joined = sum(any(number in message for message in function) for number in ids)
        seen.saw(f"{len(ids)} lines, {joined} requests reached the function; {[answer.status for answer in answers]}")
        assert joined == len(ids)
        everything = "".join(
            message
            for group in aws("logs").describe_log_groups()["logGroups"]
            for message in messages(aws, group["logGroupName"])
        )
        assert secret not in everything
        key = deployed.headers.get("x-api-key")
        assert not key or key not in everything
