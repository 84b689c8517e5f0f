"""Strict loading of the house policies. Runs in ``build/venv-checkov``.

checkov skips a policy it cannot read with a line in its log, and one whose id is taken without any: both would be
policies that nobody applies. Here they are errors.
"""

import importlib.util
import inspect
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from checkov.common.checks.base_check import BaseCheck
from checkov.common.checks_infra.registry import Registry
from checkov.runner_filter import RunnerFilter

BOTH = ("terraform", "terraform_plan")
_WANTED = ("id", "name", "category", "guideline")


@dataclass(frozen=True, slots=True)
class Policy:
    """Facts of a house policy that checkov does not keep.

    Attributes:
        frameworks: where it can tell: a plan holds no ``lifecycle``, HCL no computed tags.
        guideline: what goes wrong without it.
    """

    id: str
    title: str
    guideline: str
    frameworks: tuple[str, ...]


def load(folder: Path, registry: Registry, suffixes: dict[str, str]) -> dict[str, Policy]:
    """Register every policy below ``folder`` with checkov.

    Args:
        folder: holds one file a policy, ``<ID>_<words>.yaml`` or ``.py``.

    Raises:
        ValueError: a file is not a policy, lacks a field, or its id is taken.
    """
    os.environ["HOUSE_SUFFIXES"] = json.dumps(suffixes)
    loaded: dict[str, Policy] = {}
    for file in sorted((*folder.glob("*.yaml"), *folder.glob("*.py"))):
        if file.name == "__init__.py":
            continue
        policy = _load_yaml(file, registry) if file.suffix == ".yaml" else _load_python(file)
        if policy.id in loaded:
            raise ValueError(f"policy {file.name}: the id {policy.id} is taken")
        if not file.name.startswith(f"{policy.id}_"):
            raise ValueError(f"policy {file.name}: its name must start with its id, {policy.id}_")
        loaded[policy.id] = policy
    return loaded


def _load_yaml(file: Path, registry: Registry) -> Policy:
    try:
        raw = yaml.safe_load(file.read_text())
    except yaml.YAMLError as error:
        raise ValueError(f"policy {file.name} is not YAML: {' '.join(str(error).split())}") from error
    metadata = raw.get("metadata") if isinstance(raw, dict) else None
    if not isinstance(metadata, dict) or not isinstance(raw.get("definition"), dict):
        raise ValueError(f"policy {file.name} needs metadata and definition")
    missing = [field for field in _WANTED if not metadata.get(field)]
    if missing:
        raise ValueError(f"policy {file.name} lacks metadata.{', metadata.'.join(missing)}")
    try:
        check = registry.parser.parse_raw_check(raw, resources_types=None, check_path=str(file))
    except (NotImplementedError, AttributeError, TypeError, KeyError) as error:
        raise ValueError(f"policy {file.name}: checkov cannot use its definition: {error}") from error
    if any(known.id == check.id for known in registry.checks):
        raise ValueError(f"policy {file.name}: checkov has a check {check.id} of its own")
    RunnerFilter.notify_external_check(check.id)
    registry.checks.append(check)
    frameworks = tuple(metadata.get("frameworks") or BOTH)
    return Policy(metadata["id"], metadata["name"], _plain(metadata["guideline"]), frameworks)


def _load_python(file: Path) -> Policy:
    spec = importlib.util.spec_from_file_location(f"house_policies.{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ValueError(f"policy {file.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    checks = list(_checks(module))
    if len(checks) != 1:
        raise ValueError(f"policy {file.name} must make exactly one check, it makes {len(checks)}")
    check = checks[0]
    RunnerFilter.notify_external_check(check.id)
    if not check.guideline:
        raise ValueError(f"policy {file.name} lacks a guideline")
    frameworks = tuple(getattr(check, "frameworks", BOTH))
    return Policy(check.id, check.name, _plain(check.guideline), frameworks)


def _checks(module: Any) -> Iterator[BaseCheck]:
    return (value for _, value in inspect.getmembers(module) if isinstance(value, BaseCheck))


def _plain(text: str) -> str:
    return " ".join(text.split())
