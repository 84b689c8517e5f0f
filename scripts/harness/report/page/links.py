"""Find which resource of a plan uses which: by references of the configuration, by names, by the key they name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from harness.plan import UNKNOWN, Plan, ResourceChange, ValueMissingError
from harness.plan.addresses import plain_address
from harness.plan.model import nearest
from harness.plan.resource_types import TYPES

REFERS, ENCRYPTED, NAMES = "refers to", "is encrypted with", "names"
"""Ways in which one resource uses another, the surest first."""

_LEAF = re.compile(r"(?P<module>(?:module\.[\w-]+\.?)*)(?P<rest>.*)")
_NOT_RESOURCES = frozenset(("var", "local", "each", "count", "path", "data", "self", "terraform"))
_KEY_TYPE = "aws_kms_key"
_SHORTEST_NAME = 4
_Places = Mapping[str, list[ResourceChange]]


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """One resource uses another; a reference to a whole module counts as one to each of its instances.

    Attributes:
        source: full address of the resource that uses.
        target: full address of a resource, or a module's with its instance key.
    """

    source: str
    target: str
    how: str


def links(plan: Plan) -> tuple[Link, ...]:
    """List what uses what among the managed resources that stand after the change, each pair once, the surest reason.

    Terraform's plan does not tell what a local value is made from. What goes through one shows where the value itself
    is known and holds the other's name, and for keys, whose names AWS makes up, by the attribute that encrypts.
    """
    standing = [one for one in plan.resources.values() if one.mode == "managed" and one.stays]
    found: dict[tuple[str, str], str] = {}
    for one in (*_referred(plan, standing), *_encrypted(standing), *_named(standing)):
        if one.source != one.target:
            found.setdefault((one.source, one.target), one.how)
    return tuple(sorted(Link(source, target, how) for (source, target), how in found.items()))


def _referred(plan: Plan, standing: list[ResourceChange]) -> Iterator[Link]:
    blocks: dict[str, list[ResourceChange]] = {}
    modules: dict[str, list[ResourceChange]] = {}
    for one in standing:
        blocks.setdefault(plain_address(one.address), []).append(one)
        modules.setdefault(plain_address(one.module), []).append(one)
    leaves = cache(lambda address: _leaves(plan, address))
    first = {block: instances[0].address for block, instances in blocks.items()}
    for one in standing:
        for leaf in leaves(first[plain_address(one.address)]):
            yield from (Link(one.address, target, REFERS) for target in _targets(one, leaf, blocks, modules))


def _leaves(plan: Plan, address: str) -> frozenset[str]:
    one = plan.resource(address)
    try:
        attributes = plan.configuration.attributes(one.module, one.type, one.name)
        return frozenset(leaf for attribute in attributes for leaf in plan.references(address, attribute))
    except ValueMissingError:
        return frozenset()


def _targets(source: ResourceChange, leaf: str, blocks: _Places, modules: _Places) -> tuple[str, ...]:
    match = _LEAF.fullmatch(plain_address(leaf))
    module, rest = (match["module"].rstrip("."), match["rest"].split(".")) if match else ("", [])
    if rest and rest[0] in _NOT_RESOURCES:
        return ()
    if rest == [""]:
        return tuple(dict.fromkeys(one.module for one in modules.get(module, ()) if module))
    block = ".".join(part for part in (module, *rest[:2]) if part)
    return tuple(one.address for one in nearest(source, blocks.get(block, [])))


def _encrypted(standing: list[ResourceChange]) -> Iterator[Link]:
    """A new key has no ARN yet: where there is one key alone, an attribute that waits for its key's ARN means it."""
    keys = [one for one in standing if one.type == _KEY_TYPE]
    for one in standing:
        path = TYPES[one.type].key if one.type in TYPES else ""
        if path and len(keys) == 1 and one.find(path) is UNKNOWN:
            yield Link(one.address, keys[0].address, ENCRYPTED)


def _named(standing: list[ResourceChange]) -> Iterator[Link]:
    owners: dict[str, list[ResourceChange]] = {}
    for one in standing:
        for identity in _identities(one):
            owners.setdefault(identity, []).append(one)
    if not owners:
        return
    longest_first = sorted(owners, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")
    for one in standing:
        for key, text in _texts(one.after):
            for name in set(pattern.findall(text)) - _identities(one):
                for owner in _meant(owners[name], f"{key} {text.replace(name, '')}".lower()):
                    yield Link(one.address, owner.address, NAMES)


def _meant(owners: list[ResourceChange], around: str) -> list[ResourceChange]:
    """A table and a function may have one name: the text around it tells, as in TableName or ``:function:NAME``."""
    return owners if len(owners) == 1 else [one for one in owners if one.type.rpartition("_")[2] in around]


def _identities(one: ResourceChange) -> frozenset[str]:
    """Return the texts that mean this resource alone: its unique name, and once it exists its ARN."""
    attribute = TYPES[one.type].name if one.type in TYPES else ""
    found = (one.find(path) for path in (attribute, "arn") if path)
    return frozenset(text for text in found if isinstance(text, str) and len(text) >= _SHORTEST_NAME)


def _texts(node: object, key: str = "") -> Iterator[tuple[str, str]]:
    """List the texts in a value and the key each stands under; tags say whose a resource is, not what it uses."""
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, dict):
        for name, part in node.items():
            if name not in ("tags", "tags_all"):
                yield from _texts(part, str(name))
    elif isinstance(node, list):
        for part in node:
            yield from _texts(part, key)
