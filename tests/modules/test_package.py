"""A function is published anew exactly when its package changes; no expectation can hold the package's hash."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from tests.support.collecting import accepted_plan, plans_of


def test_every_function_is_published_by_the_hash_of_its_package(pytestconfig: pytest.Config) -> None:
    functions = accepted_plan(pytestconfig, "function").result().of_type("aws_lambda_function")
    batch = plans_of(pytestconfig).sandbox / "envs" / "accepted-function"
    assert functions
    for function in functions:
        package = Path(batch, str(function.value("filename"))).resolve().read_bytes()
        assert function.value("source_code_hash") == base64.b64encode(hashlib.sha256(package).digest()).decode()
        assert function.value("publish") is True
