"""The environment that every function has, typed. Pure: nothing is read until ``load``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_REQUIRED: Final = ("ENVIRONMENT", "AWS_REGION", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE")


class SettingsError(RuntimeError):
    """The environment is incomplete or means nothing. The message names everything that is missing at once."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings that every function reads from its environment.

    Attributes:
        environment: its name, a dimension of every metric.
        region: where the function and its resources are; Lambda itself sets it.
        log_level: for the structured logger.
        service_name: the ``service`` of logs and metrics.
        metrics_namespace: CloudWatch namespace of the embedded metrics.
        function_version: the published version that answers; Lambda itself sets it.
        cors_allow_origin: origin whose pages may read the answers; empty: none.
    """

    environment: str
    region: str
    log_level: str
    service_name: str
    metrics_namespace: str
    function_version: str
    cors_allow_origin: str


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: naming every required variable that is missing or empty.
    """
    require(environ, _REQUIRED)
    return Settings(
        environment=environ["ENVIRONMENT"],
        region=environ["AWS_REGION"],
        log_level=environ.get("LOG_LEVEL") or "INFO",
        service_name=environ["POWERTOOLS_SERVICE_NAME"],
        metrics_namespace=environ["POWERTOOLS_METRICS_NAMESPACE"],
        function_version=environ.get("AWS_LAMBDA_FUNCTION_VERSION") or "$LATEST",
        cors_allow_origin=environ.get("CORS_ALLOW_ORIGIN", ""),
    )


def require(environ: Mapping[str, str], names: Iterable[str]) -> None:
    """Refuse an environment without variables that a function cannot do without.

    Raises:
        SettingsError: naming every one that is missing or empty.
    """
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise SettingsError(f"environment variables missing or empty: {', '.join(missing)}")
