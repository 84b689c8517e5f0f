"""Values and limits inside schemas that contradict themselves, wherever the schema stands."""

import json
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from harness.contract.grammar import APPLIED, Place, at, children, reached
from harness.contract.located import Fault, Path, mapping, sequence
from harness.contract.values_of_nodes import NoNumber, plain_value

_RANGES = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minimum", "maximum"),
)
_PYTHON_ALONE = re.compile(r"\\[AZ]|\(\?P")
_LARGEST = 2**63
_LONGEST = 60
_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def faults(document: Mapping[str, Any], places: list[Place]) -> Iterator[Fault]:
    """Yield every contradiction inside a schema, and every value that JSON's readers would not read alike."""
    yield from _misread(document, ())
    for place in places:
        if place.kind == "schema" and "$ref" not in place.value:
            yield from _pattern(place)
            yield from _ranges(place)
            yield from _empty(place)
            yield from _required(place, document)
            yield from _endless(place, document)
            yield from _types(place)


def declared_values(schema: Mapping[str, Any]) -> Iterator[tuple[Path, object]]:
    """Yield where a value stands in a schema that it must obey, and the value: those of enum, and the default."""
    yield from ((("enum", index), value) for index, value in enumerate(sequence(schema.get("enum"))))
    if "default" in schema:
        yield ("default",), schema["default"]


def of_type(value: object, schema: Mapping[str, Any]) -> bool:
    """Say if a value is of the type that its schema declares; of any when the schema declares none that exists."""
    wanted = _PYTHON_TYPES.get(str(schema.get("type")), (object,))
    if value is None and schema.get("nullable") is True:
        return True
    if isinstance(value, bool) and bool not in wanted:
        return object in wanted
    return isinstance(value, wanted)


def instead_of(value: object, wanted: object) -> str:
    """Say what to write instead of a value that is not of the type that is wanted."""
    if wanted == "string" and not isinstance(value, dict | list):
        return f"write it in quotes: {json.dumps(shown(value), ensure_ascii=False)}"
    if wanted == "boolean":
        return "write true or false"
    if wanted == "string" and isinstance(value, list):
        return "write one of them: a list is OpenAPI 3.1, not 3.0"
    try:
        plain = plain_value(value) if isinstance(value, str) else None
    except NoNumber:
        plain = None
    if plain not in (None, value) and of_type(plain, {"type": wanted}):
        return f"write it without quotes: {json.dumps(plain)}"
    return f"write {kind(wanted)}"


def kind(wanted: object) -> str:
    """Name a type of JSON Schema in YAML's words, with its article."""
    name = {"array": "list", "object": "mapping"}.get(str(wanted), str(wanted))
    return f"an {name}" if name == "integer" else f"a {name}"


def shown(value: object) -> str:
    """Name a value in a message, briefly."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def called(path: Path) -> str:
    """Name the place of a declared value, and begin to say what stands there."""
    return "enum holds" if path[0] == "enum" else f"{path[0]} is"


def _types(place: Place) -> Iterator[Fault]:
    wanted = place.value.get("type")
    for path, value in declared_values(place.value):
        if not of_type(value, place.value):
            wrong = f"{called(path)} {shown(value)}, but the type is {wanted}"
            yield Fault((*place.path, *path), wrong, instead_of(value, wanted))


def _pattern(place: Place) -> Iterator[Fault]:
    pattern = place.value.get("pattern")
    if not isinstance(pattern, str):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            re.compile(pattern)
    except FutureWarning as error:
        wrong = f"pattern {shown(pattern)} may change its meaning: {error}"
        yield Fault((*place.path, "pattern"), wrong, "write a backslash before the character there")
    except (re.error, OverflowError, RecursionError) as error:
        wrong = f"pattern {pattern} is no regular expression: {error}"
        yield Fault((*place.path, "pattern"), wrong, "write one that JavaScript and Python both know")
    else:
        for one in _PYTHON_ALONE.findall(pattern):
            wrong = f"pattern {shown(pattern)} has {one}, which JavaScript, and so OpenAPI, lacks"
            yield Fault((*place.path, "pattern"), wrong, "write ^ and $ for the ends, and groups without a name")


def _ranges(place: Place) -> Iterator[Fault]:
    for least, most in _RANGES:
        low, high = place.value.get(least), place.value.get(most)
        numbers = [one for one in (low, high) if isinstance(one, int | float) and not isinstance(one, bool)]
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            wrong = f"{most} {high} is less than {least} {low}, so nothing is right"
            yield Fault((*place.path, most), wrong, f"write at least {low}, or a smaller {least}")


def _empty(place: Place) -> Iterator[Fault]:
    for keyword in ("allOf", "anyOf", "oneOf"):
        if place.value.get(keyword) == []:
            yield Fault((*place.path, keyword), f"{keyword} is empty", "list a schema in it, or take it out")


def _required(place: Place, document: Mapping[str, Any]) -> Iterator[Fault]:
    """Find required properties that are forbidden, nothing else being allowed, or that no part of allOf describes."""
    schema = place.value
    if schema.get("additionalProperties") is not False and "allOf" not in schema:
        return
    parts = reached(document, [place.path]) if "allOf" in schema else [place.path]
    known = {name for part in parts for name in mapping(at(document, (*part, "properties")))}
    for index, name in enumerate(sequence(schema.get("required"))):
        if isinstance(name, str) and name not in known:
            wrong = f"required names {name}, which is not among the properties"
            yield Fault((*place.path, "required", index), wrong, "describe the property, or take the name out")


def _endless(place: Place, document: Mapping[str, Any]) -> Iterator[Fault]:
    """Find schemas that a value must be checked against in order to be checked against them."""
    for child, _ in children("schema", place.value):
        if child[0] in APPLIED and place.path in reached(document, [(*place.path, *child)], APPLIED):
            wrong = f"{child[0]} leads back to this schema, so that checking a value would never end"
            yield Fault((*place.path, child[0]), wrong, "take the reference out")


def _misread(value: object, path: Path) -> Iterator[Fault]:
    """Find numbers that do not fit 64 bits, and texts that Terraform would change: it composes characters (NFC)."""
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _misread(key, (*path, key))
            yield from _misread(held, (*path, key))
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from _misread(held, (*path, index))
    elif isinstance(value, str):
        if not unicodedata.is_normalized("NFC", value):
            yield Fault(
                path, "there is a text with decomposed characters, which Terraform composes", "write it composed (NFC)"
            )
    elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        yield Fault(
            path, f"{value} does not fit 64 bits, so not every reader of JSON keeps it", "write a smaller number"
        )
