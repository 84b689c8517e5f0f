"""The environment and the time: what is missing is named, what could end too late is not begun."""

from __future__ import annotations

import pytest
from tests.support.small_app import ENVIRONMENT

from rest import settings
from rest.budget import Budget
from rest.problems import Code, Problem


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(
        settings.SettingsError,
        match=r"empty: ENVIRONMENT, AWS_REGION, POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE$",
    ):
        settings.load({"ENVIRONMENT": ""})


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_each_is_missed(name: str) -> None:
    with pytest.raises(settings.SettingsError, match=rf"empty: {name}$"):
        settings.load({key: value for key, value in ENVIRONMENT.items() if key != name})


def test_defaults_and_overrides() -> None:
    plain = settings.load(ENVIRONMENT)
    assert (plain.log_level, plain.function_version, plain.cors_allow_origin) == ("INFO", "$LATEST", "")
    assert (plain.environment, plain.region) == ("test", "eu-west-1")
    assert (plain.service_name, plain.metrics_namespace) == ("shop-shelves-test", "shop")
    given = {"LOG_LEVEL": "DEBUG", "AWS_LAMBDA_FUNCTION_VERSION": "7", "CORS_ALLOW_ORIGIN": "https://x"}
    told = settings.load(ENVIRONMENT | given)
    assert (told.log_level, told.function_version, told.cors_allow_origin) == ("DEBUG", "7", "https://x")


def test_a_budget_stops_before_an_attempt_could_end_too_late() -> None:
    now = 100.0
    spent = Budget(10, clock=lambda: now)
    spent.spend(4)
    now += 5.999
    spent.spend(4)
    now += 0.002
    assert not spent.allows(4)
    assert spent.allows(3.9)
    with pytest.raises(Problem) as caught:
        spent.spend(4)
    assert (caught.value.code, spent.attempts) == (Code.TIMEOUT, 2)
    assert spent.elapsed == pytest.approx(6.001)
