"""Keywords of a schema that limit a value by themselves: when the values of one schema are all among another's."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from harness.contract.located import sequence

Schema = Mapping[str, Any]
EXCLUSIVE: Final[Mapping[str, str]] = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
"""Limit -> keyword that takes the limit itself out."""


def excluded(keyword: str, schema: Schema) -> bool:
    """Say if a schema takes its limit itself out."""
    return keyword in EXCLUSIVE and schema.get(EXCLUSIVE[keyword]) is True


def _type(narrow: Schema, wide: Schema) -> bool:
    return wide.get("type") in (None, narrow.get("type")) or (narrow.get("type"), wide["type"]) == ("integer", "number")


def _nullable(narrow: Schema, wide: Schema) -> bool:
    return narrow.get("nullable") is not True or wide.get("nullable") is True or "type" not in wide


def _enum(narrow: Schema, wide: Schema) -> bool:
    if "enum" not in wide:
        return True
    allowed = {json.dumps(value, sort_keys=True) for value in sequence(wide["enum"])}
    return "enum" in narrow and all(json.dumps(value, sort_keys=True) in allowed for value in sequence(narrow["enum"]))


def _same(keyword: str) -> Callable[[Schema, Schema], bool]:
    """Nobody can tell by looking which texts two patterns or formats have in common."""
    return lambda narrow, wide: keyword not in wide or narrow.get(keyword) == wide[keyword]


def _at_least(keyword: str, lowest: float = 0) -> Callable[[Schema, Schema], bool]:
    def bound(schema: Schema) -> tuple[float, bool]:
        return schema.get(keyword, lowest), excluded(keyword, schema)

    return lambda narrow, wide: bound(narrow) >= bound(wide)


def _at_most(keyword: str) -> Callable[[Schema, Schema], bool]:
    def bound(schema: Schema) -> tuple[float, bool]:
        return schema.get(keyword, math.inf), not excluded(keyword, schema)

    return lambda narrow, wide: bound(narrow) <= bound(wide)


def _multiple(narrow: Schema, wide: Schema) -> bool:
    if "multipleOf" not in wide:
        return True
    # Fractions do not divide exactly: of those only equal ones are known to fit.
    ours, theirs = narrow.get("multipleOf"), wide["multipleOf"]
    return ours == theirs or (isinstance(ours, int) and isinstance(theirs, int) and ours % theirs == 0)


LIMITS: Final[Mapping[str, Callable[[Schema, Schema], bool]]] = {
    "type": _type,
    "nullable": _nullable,
    "enum": _enum,
    "pattern": _same("pattern"),
    "format": _same("format"),
    "minLength": _at_least("minLength"),
    "maxLength": _at_most("maxLength"),
    "minItems": _at_least("minItems"),
    "maxItems": _at_most("maxItems"),
    "minProperties": _at_least("minProperties"),
    "maxProperties": _at_most("maxProperties"),
    "minimum": _at_least("minimum", -math.inf),
    "maximum": _at_most("maximum"),
    "multipleOf": _multiple,
    "uniqueItems": lambda narrow, wide: wide.get("uniqueItems") is not True or narrow.get("uniqueItems") is True,
}
"""Keyword -> say if every value that the first schema takes is taken by the second, as far as the keyword goes."""
