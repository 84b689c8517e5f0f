"""``blueprint.yaml``: the product's name and its environments; strictest where it is silent."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from harness.base import names
from harness.base.paths import REPO
from harness.facts.reading import FactError, read_fact

BLUEPRINT = Path("blueprint.yaml")
_DAY_MINUTES = 24 * 60


class Release(StrEnum):
    """Steps in which a new version takes over."""

    AT_ONCE = "at-once"
    CANARY = "canary"


class Feature(StrEnum):
    """Parts that an environment must have unless it says otherwise."""

    ALARM_TOPIC = "alarm-topic"
    CUSTOMER_KEY = "customer-key"
    EVERY_ALARM = "every-alarm"
    TABLE_RECOVERY = "table-recovery"
    USAGE_PLAN = "usage-plan"


class Load(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Use of an environment in a month, for the estimate of its cost."""

    requests_per_month: Annotated[float, msgspec.Meta(ge=0)]
    stored_gb: Annotated[float, msgspec.Meta(ge=0)]


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One environment. Every default is the strictest choice.

    Attributes:
        guarded: apply and destroy ask for ``CONFIRM``, data is destroyed only when its address was acknowledged, and
            on AWS what pages has a subscriber.
        requires: features whose absence is a finding.
        compared_with: environment that parity compares it with; ``None``: the first that is listed.
        quota_minutes: how long a day's quota of a key must last at its full rate, above 0 and at most a day.
        load: assumed use; ``None``: what is paid by use is not estimated.
    """

    guarded: bool = True
    release: Release = Release.CANARY
    requires: frozenset[Feature] = frozenset(Feature)
    compared_with: str | None = None
    quota_minutes: float = _DAY_MINUTES
    load: Load | None = None


class Blueprint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``blueprint.yaml``.

    Attributes:
        project: tag ``Project`` of every resource, and namespace of the services' own metrics.
        prefix: first word of every name.
        region: used where nothing else names one.
        environments: in the order of the file.
    """

    project: str
    prefix: str
    region: str
    environments: dict[str, Environment]

    def environment(self, name: str) -> Environment:
        """Return a listed environment.

        Raises:
            FactError: it is not listed.
        """
        if name not in self.environments:
            listed = ", ".join(self.environments)
            raise FactError(f"{BLUEPRINT} lists no environment {name}", f"add it there, or use one of: {listed}")
        return self.environments[name]

    def compared_with(self, name: str) -> str:
        """Return the environment that ``name`` is compared with; empty for the first of all."""
        first = next(iter(self.environments))
        return self.environment(name).compared_with or ("" if name == first else first)

    def name(self, thing: str, suffix: str) -> str:
        """Build a resource's name as envs/shared/names.tf does: prefix, thing, suffix; no thing: prefix and suffix."""
        return "-".join(part for part in (self.prefix, thing, suffix) if part)

    def state_bucket(self, account_id: str) -> str:
        """Build the name of the bucket that keeps the account's states."""
        return self.name("terraform-state", account_id)


def read_blueprint(tree: Path = REPO) -> Blueprint:
    """Read ``blueprint.yaml`` of the repository or a copy of it.

    Raises:
        FactError: the file is missing, or a line of it means nothing.
    """
    found = read_fact(tree, BLUEPRINT, Blueprint)
    for field in names.PRODUCT:
        _refuse(field, names.product_fault(field, getattr(found, field)))
    if not found.environments:
        raise FactError(f"{BLUEPRINT} (environments): there is none", "list at least one")
    for name, environment in found.environments.items():
        _refuse("environments", names.environment_fault(name, found.environments))
        _check_quota(name, environment.quota_minutes)
        other = environment.compared_with
        if other is not None and (other == name or other not in found.environments):
            raise FactError(
                f"{BLUEPRINT} (environments.{name}.compared_with): {other} is no other environment",
                "name one that is listed",
            )
    return found


def _refuse(place: str, fault: names.Fault | None) -> None:
    if fault is not None:
        raise FactError(f"{BLUEPRINT} ({place}): {fault.said}", fault.remedy)


def _check_quota(name: str, minutes: float) -> None:
    if not 0 < minutes <= _DAY_MINUTES:
        raise FactError(
            f"{BLUEPRINT} (environments.{name}.quota_minutes): {minutes:g} is no part of a day",
            f"use more than 0 and at most {_DAY_MINUTES}, or leave it out for the whole day",
        )
