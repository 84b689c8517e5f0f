"""What refers to what in the configuration: the only way to check wiring whose values are unknown at plan."""

import re
from dataclasses import dataclass, field

import msgspec

from harness.plan import wire
from harness.plan.addresses import plain_address
from harness.plan.values import NOTHING, Step, ValueMissingError, child, steps


@dataclass(frozen=True, slots=True)
class Configuration:
    """The blocks of a plan's configuration, root module first.

    Terraform's JSON does not hold ``locals``: a reference to one is a leaf (``module.x.local.name``).
    """

    root: wire.ConfigModule = field(repr=False)

    def references(self, module: str, kind: str, name: str, mode: str, attribute: str) -> frozenset[str]:
        """Leaves that an attribute of a resource is made from; see :meth:`Plan.references`.

        Raises:
            ValueMissingError: no such resource, or the attribute is not set.
        """
        path = module_names(module)
        block = self._block(path, kind, name, mode)
        where = ".".join((*_prefixed(path), kind, name))
        found = _below(msgspec.json.decode(block.expressions), steps(attribute))
        if found is None:
            raise ValueMissingError(f"{where}: {attribute!r} is not set in the configuration")
        leaves: set[str] = set()
        for reference in _longest(found):
            if reference.startswith("each.") and block.for_each_expression is not None:
                for source in _longest(block.for_each_expression.references):
                    leaves |= self._resolve(path, source)
            else:
                leaves |= self._resolve(path, reference)
        return frozenset(leaves)

    def depends_on(self, module: str, kind: str, name: str) -> tuple[str, ...]:
        """Return a managed resource's own ``depends_on`` list, as written."""
        return self._block(module_names(module), kind, name, "managed").depends_on

    def output_references(self, name: str) -> frozenset[str]:
        """Leaves that a root output is made from.

        Raises:
            ValueMissingError: no such output.
        """
        if name not in self.root.outputs:
            raise ValueMissingError(f"no output {name!r} in the configuration")
        return frozenset(self._all((), {"references": self.root.outputs[name].expression.references}))

    def attributes(self, module: str, kind: str, name: str) -> dict[str, object]:
        """Return what a managed resource's block sets: attribute or nested block -> its expression tree."""
        return dict(msgspec.json.decode(self._block(module_names(module), kind, name, "managed").expressions))

    def _module(self, path: tuple[str, ...]) -> wire.ConfigModule:
        node = self.root
        for name in path:
            node = node.module_calls[name].module
        return node

    def _block(self, path: tuple[str, ...], kind: str, name: str, mode: str) -> wire.ConfigResource:
        try:
            blocks = self._module(path).resources
        except KeyError:
            blocks = ()
        for block in blocks:
            if (block.type, block.name, block.mode) == (kind, name, mode):
                return block
        where = ".".join((*_prefixed(path), kind, name))
        raise ValueMissingError(f"no {where} in the plan's configuration")

    def _resolve(self, path: tuple[str, ...], reference: str) -> set[str]:
        head, _, rest = reference.partition(".")
        if head == "var" and path:
            handed = self._module(path[:-1]).module_calls[path[-1]].expressions.get(_first(rest))
            return set() if handed is None else self._all(path[:-1], msgspec.json.decode(handed))
        if head == "module":
            child, _, output = rest.partition(".")
            below = (*path, _first(child))
            outputs = self._module(below).outputs
            if _first(output) in outputs:
                return self._all(below, {"references": outputs[_first(output)].expression.references})
        return {".".join((*_prefixed(path), reference))}

    def _all(self, path: tuple[str, ...], expression: object) -> set[str]:
        leaves: set[str] = set()
        for reference in _longest(_collect(expression)):
            leaves |= self._resolve(path, reference)
        return leaves


def module_names(address: str) -> tuple[str, ...]:
    """``module.a["x"].module.b`` -> ``("a", "b")``."""
    return tuple(plain_address(address).split(".")[1::2]) if address else ()


def _prefixed(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for name in path for part in ("module", name))


def _first(text: str) -> str:
    return re.split(r"[.\[]", text, maxsplit=1)[0]


def _longest(references: tuple[str, ...] | list[str]) -> list[str]:
    """Terraform lists ``a.b.c`` and then its prefixes ``a.b``: keep the longest of each."""
    kept = set(references)
    return sorted(
        one for one in kept if not any(other != one and other.startswith((f"{one}.", f"{one}[")) for other in kept)
    )


def _collect(node: object) -> list[str]:
    """List every reference at or below a node of an expression tree."""
    if isinstance(node, list):
        return [reference for part in node for reference in _collect(part)]
    if not isinstance(node, dict):
        return []
    if "references" in node and all(isinstance(one, str) for one in node["references"]):
        return list(node["references"])
    return [reference for part in node.values() for reference in _collect(part)]


def _below(node: object, path: tuple[Step, ...]) -> list[str] | None:
    """References below a path; what lies inside an expression cannot be told apart, so all of it counts."""
    for step in path:
        if isinstance(node, dict) and ("references" in node or "constant_value" in node):
            break
        node = child(node, step)
        if node is NOTHING:
            return None
    return _collect(node)
