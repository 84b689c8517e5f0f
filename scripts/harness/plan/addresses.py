"""Terraform addresses as text: instance keys taken off, put on and matched. Pure; standard library only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

EVERY_INSTANCE = "[*]"
"""Stands in a pattern for any instance key, or none."""

_KEY = r'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]'
_INDEX = re.compile(_KEY)


def plain_address(address: str) -> str:
    """Take every instance key off an address."""
    return _INDEX.sub("", address)


def instance_address(resource: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    """Build the address of an instance from the two objects that a state file has for it."""
    kind = "data." if resource["mode"] == "data" else ""
    module = f"{resource['module']}." if resource.get("module") else ""
    key = f"[{json.dumps(instance['index_key'], ensure_ascii=False)}]" if "index_key" in instance else ""
    return f"{module}{kind}{resource['type']}.{resource['name']}{key}"


def matches(pattern: str, address: str) -> bool:
    """Tell if an address is the one of a pattern, in which ``[*]`` stands for any instance key or none."""
    return _compiled(pattern).fullmatch(address) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(f"(?:{_KEY})?".join(map(re.escape, pattern.split(EVERY_INSTANCE))))
