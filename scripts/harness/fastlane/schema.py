"""A provider's schema answer, cut down to the types in use by slicing protobuf bytes.

The answer of tfplugin5's ``GetSchema`` is one message; its maps of resource, data source and ephemeral resource
schemas are repeated length-delimited fields. Whole entries are kept or left out, never edited, and every other field
(provider, provider_meta, functions, server capabilities, anything a later protocol adds) is kept as it came.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

#: Field numbers of GetProviderSchema.Response: resource_schemas, data_source_schemas, ephemeral_resource_schemas.
TYPE_MAPS = frozenset({2, 3, 8})
PROVIDER = 1
DIAGNOSTICS = 4


class SchemaFormatError(ValueError):
    """Bytes that are no usable schema answer."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A provider's schema answer, taken apart.

    Attributes:
        fixed: every field outside the maps of types.
        entries: type name -> its encoded map entries (a resource and a data source may share a name).
    """

    fixed: bytes
    entries: Mapping[str, bytes]

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Take ``raw`` apart.

        Raises:
            SchemaFormatError: it is truncated, holds diagnostics, no provider schema or no type at all.
        """
        fixed, entries, fields = bytearray(), dict[str, bytes](), set[int]()
        for field, start, body, end in _fields(raw, 0, len(raw)):
            fields.add(field)
            if field in TYPE_MAPS:
                name = _map_key(raw, body, end)
                entries[name] = entries.get(name, b"") + raw[start:end]
            else:
                fixed += raw[start:end]
        if DIAGNOSTICS in fields or PROVIDER not in fields or not entries:
            raise SchemaFormatError("a schema answer without provider or types, or with diagnostics")
        return cls(bytes(fixed), entries)

    def trimmed(self, types: Iterable[str]) -> bytes:
        """Build the answer for ``types`` alone; names the provider does not have are ignored."""
        return self.fixed + b"".join(self.entries[name] for name in sorted(set(types)) if name in self.entries)

    def whole(self) -> bytes:
        """Build the answer with every type."""
        return self.fixed + b"".join(self.entries.values())


def field_numbers(raw: bytes) -> set[int]:
    """List the numbers of the fields present in a message.

    Raises:
        SchemaFormatError: it is truncated.
    """
    return {field for field, *_ in _fields(raw, 0, len(raw))}


def _fields(raw: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """List (field number, start, start of its content, end) of each field between ``at`` and ``end``."""
    while at < end:
        start = at
        tag, at = _varint(raw, at, end)
        body = at
        match tag & 7:
            case 0:
                _, at = _varint(raw, at, end)
            case 1:
                at += 8
            case 2:
                length, body = _varint(raw, at, end)
                at = body + length
            case 5:
                at += 4
            case kind:
                raise SchemaFormatError(f"wire type {kind} at byte {start}")
        if at > end:
            raise SchemaFormatError(f"field at byte {start} ends after the message")
        yield tag >> 3, start, body, at


def _map_key(raw: bytes, at: int, end: int) -> str:
    """Read the key (field 1) of the map entry between ``at`` and ``end``."""
    for field, _, body, stop in _fields(raw, at, end):
        if field == 1:
            return raw[body:stop].decode("ascii", "replace")  # a name no configuration can ask for, if not ASCII
    raise SchemaFormatError(f"map entry without a key at byte {at}")


def _varint(raw: bytes, at: int, end: int) -> tuple[int, int]:
    """Read a base-128 number; return it and the position behind it."""
    value = shift = 0
    while at < end and shift < 64:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise SchemaFormatError(f"number cut off at byte {at}")
