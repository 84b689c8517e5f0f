"""What refers to what in the configuration: the only way to check wiring whose values are unknown at plan."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.plan import wire
from harness.plan.addresses import pieces, plain_address
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
        found = _below(wire.decoded(block.expressions), steps(attribute))
        if found is None:
            raise ValueMissingError(f"{where}: {attribute!r} is not set in the configuration")
        return frozenset(self._leaves(path, found, block.for_each_expression))

    def expressions(self, module: str, kind: str, name: str, attribute: str) -> frozenset[str]:
        """List what a managed resource's attribute is made from, as JSON: its expression, and those it leads to.

        Followed through variables and outputs of modules, constants that are handed down included. Terraform's JSON
        tells references and constants, and not the text between them. Empty where the block does not set it.
        """
        path = module_names(module)
        block = self._block(path, kind, name, "managed")
        node = _node(wire.decoded(block.expressions), steps(attribute))
        return frozenset() if node is NOTHING else frozenset(self._followed(path, node, block.for_each_expression))

    def output_expressions(self, name: str) -> frozenset[str]:
        """List what a root output is made from; see :meth:`expressions`."""
        made = self.root.outputs.get(name)
        return frozenset() if made is None else frozenset(self._followed((), _refers(made.expression)))

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
        return frozenset(self._leaves((), self.root.outputs[name].expression.references))

    def attributes(self, module: str, kind: str, name: str, mode: str = "managed") -> dict[str, object]:
        """Return what a resource's block sets: attribute or nested block -> its expression tree; no dynamic blocks."""
        found = wire.decoded(self._block(module_names(module), kind, name, mode).expressions)
        return dict(found) if isinstance(found, dict) else {}

    def _call(self, path: tuple[str, ...]) -> wire.ConfigCall:
        try:
            return self._module(path[:-1]).module_calls[path[-1]]
        except KeyError:
            raise ValueMissingError(f"no {'.'.join(_prefixed(path))} in the plan's configuration") from None

    def _module(self, path: tuple[str, ...]) -> wire.ConfigModule:
        return self._call(path).module if path else self.root

    def _block(self, path: tuple[str, ...], kind: str, name: str, mode: str) -> wire.ConfigResource:
        for block in self._module(path).resources:
            if (block.type, block.name, block.mode) == (kind, name, mode):
                return block
        where = ".".join((*_prefixed(path), kind, name))
        raise ValueMissingError(f"no {where} in the plan's configuration")

    def _leaves(
        self, path: tuple[str, ...], references: Iterable[str], for_each: wire.ConfigExpression | None = None
    ) -> set[str]:
        """Follow references that stand in a block of a module; ``each`` is made from the block's ``for_each``."""
        leaves: set[str] = set()
        for reference in _longest(references):
            if reference.startswith("each.") and for_each is not None:
                leaves |= self._leaves(path, for_each.references)
            else:
                leaves |= self._resolve(path, reference)
        return leaves

    def _followed(
        self, path: tuple[str, ...], node: object, for_each: wire.ConfigExpression | None = None
    ) -> Iterator[str]:
        yield json.dumps(node, sort_keys=True)
        for reference in _longest(_collect(node)):
            head, *names = map(plain_address, pieces(reference))
            if head == "each" and for_each is not None:
                yield from self._followed(path, _refers(for_each))
            elif head == "var" and path:
                call = self._call(path)
                handed = wire.decoded(call.expressions.get(names[0], wire.NULL))
                yield from self._followed(path[:-1], handed, call.for_each_expression)
            elif head == "module" and len(names) > 1:
                made = self._module((*path, names[0])).outputs.get(names[1])
                yield from () if made is None else self._followed((*path, names[0]), _refers(made.expression))

    def _resolve(self, path: tuple[str, ...], reference: str) -> set[str]:
        head, *names = map(plain_address, pieces(reference))
        if head == "var" and path:
            call = self._call(path)
            handed = call.expressions.get(names[0])
            references = () if handed is None else _collect(wire.decoded(handed))
            return self._leaves(path[:-1], references, call.for_each_expression)
        if head == "module" and len(names) > 1:
            below = (*path, names[0])
            made = self._module(below).outputs.get(names[1])
            if made is not None:
                return self._leaves(below, made.expression.references)
        return {".".join((*_prefixed(path), reference))}


def module_names(address: str) -> tuple[str, ...]:
    """``module.a["x"].module.b`` -> ``("a", "b")``."""
    return pieces(plain_address(address))[1::2]


def _prefixed(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for name in path for part in ("module", name))


def _longest(references: Iterable[str]) -> list[str]:
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
    named = node.get("references")
    if isinstance(named, list) and all(isinstance(one, str) for one in named):
        return named
    return [reference for part in node.values() for reference in _collect(part)]


def _below(node: object, path: tuple[Step, ...]) -> list[str] | None:
    """References below a path; what lies inside an expression cannot be told apart, so all of it counts."""
    found = _node(node, path)
    return None if found is NOTHING else _collect(found)


def _node(node: object, path: tuple[Step, ...]) -> object:
    """Return the part of an expression tree at a path, or the expression that the path leads into."""
    for step in path:
        if node is NOTHING or (isinstance(node, dict) and ("references" in node or "constant_value" in node)):
            break
        node = child(node, step)
    return node


def _refers(expression: wire.ConfigExpression) -> dict[str, object]:
    return {"references": list(expression.references)}
