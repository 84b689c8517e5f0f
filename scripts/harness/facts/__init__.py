"""Facts that the repository states once, read and typed: ``blueprint.yaml`` and each service's files beside its code.

Pure but for the reading; nothing here knows a service or an environment by name.
"""

from harness.facts.blueprint import Blueprint, Environment, Feature, Load, Release, read_blueprint
from harness.facts.mix import read_mix
from harness.facts.reading import FactError
from harness.facts.service import (
    Action,
    Grant,
    Service,
    SmokeStep,
    read_base_grants,
    read_grants,
    read_routes,
    read_service,
    read_services,
    service_names,
    shared_packages,
)
from harness.facts.tables import PARTITION, Index, Key, Shards, Table, Units, dearest, mixed

__all__ = [
    "PARTITION",
    "Action",
    "Blueprint",
    "Environment",
    "FactError",
    "Feature",
    "Grant",
    "Index",
    "Key",
    "Load",
    "Release",
    "Service",
    "Shards",
    "SmokeStep",
    "Table",
    "Units",
    "dearest",
    "mixed",
    "read_base_grants",
    "read_blueprint",
    "read_grants",
    "read_mix",
    "read_routes",
    "read_service",
    "read_services",
    "service_names",
    "shared_packages",
]
