"""Preflight refuses the reservations that Lambda would refuse half-way through an apply, and no others."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.clone import Clone
from tests.support.deployed import Deployed

_FILLER = "reserves-what-is-free"


@pytest.fixture
def reserve(aws: Any, free: Deployed) -> Iterator[Any]:
    """Reserve executions for a function of somebody else, who then goes away."""
    functions = aws("lambda")
    ours = functions.get_function_configuration(FunctionName=free.function)
    made = {name: ours[name] for name in ("Handler", "Role", "Runtime")}
    functions.create_function(FunctionName=_FILLER, Code={"ZipFile": _archive()}, **made)
    yield lambda count: functions.put_function_concurrency(FunctionName=_FILLER, ReservedConcurrentExecutions=count)
    functions.delete_function(FunctionName=_FILLER)


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("nothing.py", "")
    return buffer.getvalue()


@pytest.fixture
def planned(clone: Clone, aws: Any, free: Deployed) -> Iterator[int]:
    """Plan ten more reserved executions than the environment has; return how many it then wants."""
    functions, values = aws("lambda"), clone.root / "envs" / free.environment / "locals.tf"
    before, kept = functions.get_function_concurrency(FunctionName=free.function), values.read_text()
    wanted = before["ReservedConcurrentExecutions"] + 10
    values.write_text(re.sub(r"(reserved_concurrency *=) \d+", rf"\1 {wanted}", kept))
    answer = clone.run("plan", ENV=free.environment)
    assert f"{wanted}" in answer.stdout, answer.stderr
    yield wanted
    values.write_text(kept)
    functions.put_function_concurrency(FunctionName=free.function, **_only(before))


def _only(answer: dict[str, Any]) -> dict[str, Any]:
    return {"ReservedConcurrentExecutions": answer["ReservedConcurrentExecutions"]}


def test_preflight_and_lambda_draw_the_line_at_the_same_execution(
    aws: Any, clone: Clone, free: Deployed, reserve: Any, planned: int
) -> None:
    functions = aws("lambda")
    left = functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    ours = {"FunctionName": free.function, "ReservedConcurrentExecutions": planned}
    reserve(left - 100 - 9)
    refused = clone.run("preflight", ENV=free.environment)
    assert refused.returncode == 1, refused.stderr
    assert f"reserves {planned} concurrent executions, 10 more than now" in refused.stderr
    assert "which leaves 9 -> raise the quota to 1,001" in refused.stderr
    with pytest.raises(ClientError, match="below its minimum value"):
        functions.put_function_concurrency(**ours)
    reserve(left - 100 - 10)
    passed = clone.run("preflight", ENV=free.environment)
    assert passed.returncode == 0, passed.stderr
    functions.put_function_concurrency(**ours)
