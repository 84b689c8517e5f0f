"""Resource instances of a state object: the one reader of addresses in a state."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.terraform.state import State


@dataclass(frozen=True, slots=True)
class Instance:
    """A managed resource as the state knows it.

    Attributes:
        module: address of the module it stands in; empty in the root.
        half_made: Terraform could not finish creating it ("tainted").
        key: of an instance among several of its block; empty for the only one.
        left_over: an unfinished replacement left it behind ("deposed"): it is no longer at its address.
    """

    address: str
    module: str
    kind: str
    attributes: Mapping[str, Any]
    half_made: bool = False
    left_over: bool = False
    key: str = ""


def read_instances(state: State) -> tuple[Instance, ...]:
    """Read the managed resources of a state; none when no state was written yet.

    Raises:
        HarnessError: the state cannot be read, or is damaged.
    """
    return tuple(instances_of(state.document()))


def instances_of(document: Mapping[str, Any]) -> Iterator[Instance]:
    """List the managed resources of a state that was parsed."""
    for resource in document["resources"]:
        if resource["mode"] != "managed":
            continue
        module = str(resource.get("module", ""))
        name = ".".join(filter(None, (module, str(resource["type"]), str(resource["name"]))))
        for instance in resource["instances"]:
            key = f"[{json.dumps(instance['index_key'], ensure_ascii=False)}]" if "index_key" in instance else ""
            yield Instance(
                address=name + key,
                module=module,
                kind=str(resource["type"]),
                attributes=instance.get("attributes") or {},
                half_made=instance.get("status") == "tainted",
                left_over="deposed" in instance,
                key=str(instance.get("index_key", "")),
            )
