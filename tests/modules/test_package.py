"""A function is published anew exactly when what its zip is made of changes; no expectation can hold that hash."""

from __future__ import annotations

import base64
import hashlib

import pytest
from tests.support.collecting import accepted_plan, plans_of
from tests.support.deployed import PRODUCT

from harness.base.paths import bundle_hash, bundle_zip
from harness.facts import service_names


def test_every_function_is_published_by_the_hash_that_it_is_given(pytestconfig: pytest.Config) -> None:
    functions = accepted_plan(pytestconfig, "function").result().of_type("aws_lambda_function")
    assert functions
    for function in functions:
        # Of nothing, as the cases have it.
        assert function.value("source_code_hash") == base64.b64encode(hashlib.sha256().digest()).decode()
        assert function.value("publish") is True


@pytest.mark.parametrize("environment", list(PRODUCT.environments))
def test_an_environment_gives_the_hash_beside_each_zip(pytestconfig: pytest.Config, environment: str) -> None:
    plans = plans_of(pytestconfig)
    functions = plans.environment(environment).result().of_type("aws_lambda_function")
    given = {str(one.value("filename")).rpartition("/")[2]: one.value("source_code_hash") for one in functions}
    folder = plans.sandbox / "build" / "bundle"
    assert given == {bundle_zip(name).name: bundle_hash(name, folder).read_text() for name in service_names()}
