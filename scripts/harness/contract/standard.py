"""OpenAPI 3.0's own schema, by openapi-spec-validator, and values against their schemas; both in plain words.

The validator takes most of a second to import, more than all else here together: an unchanged contract must not pay
for it, so it is imported when it is used.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

from harness.contract.constraints import called, declared_values, instead_of, kind, of_type, shown
from harness.contract.grammar import Place, paths, reached, walk
from harness.contract.located import Fault, Path, mapping, one_line, sequence

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_DISCRIMINATING = (["in"], ["type"])
_MEANINGS = {
    "minLength": "is empty or too short",
    "maxLength": "is too long",
    "minItems": "has too few elements",
    "minProperties": "is empty",
    "uniqueItems": "has an element twice",
    "minimum": "is too small",
    "maximum": "is too large",
    "format": "has the wrong form",
}


def structural(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield every way in which the document is no OpenAPI 3.0."""
    from jsonschema import Draft4Validator  # noqa: PLC0415 (slow)
    from openapi_spec_validator.schemas import schema_v30  # noqa: PLC0415 (slow)

    # Not the validator's own one: where jsonschema-rs is installed, its errors do not say which form was meant.
    for error in Draft4Validator(dict(schema_v30)).iter_errors(document):
        for one in _decisive(error):
            yield from _told(one)


def remaining(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what the validator's own code finds beyond the schema, in a document that nothing else is wrong with."""
    from openapi_spec_validator import OpenAPIV30SpecValidator  # noqa: PLC0415 (slow)

    # Without defaults, which are checked here: the validator takes a $ref inside one for a reference. Nor does it know
    # extensions beside paths.
    bare = copy.deepcopy(dict(document))
    bare["paths"] = paths(bare)
    for schema in (place.value for place in walk(bare) if place.kind == "schema"):
        cast(dict[str, Any], schema).pop("default", None)
    for error in OpenAPIV30SpecValidator(bare).iter_errors():
        yield Fault(tuple(error.absolute_path), one_line(error.message), "correct it as OpenAPI 3.0 has it")


def values(document: Mapping[str, Any], places: list[Place], broken: set[Path]) -> Iterator[Fault]:
    """Yield enum values and defaults that break a rule of their own schema other than its type.

    Args:
        broken: paths of faults; a schema that holds or reaches one cannot be asked.
    """
    from openapi_schema_validator import OAS30Validator, oas30_format_checker  # noqa: PLC0415 (slow)

    for place in places:
        declared = [one for one in declared_values(place.value) if of_type(one[1], place.value)]
        if place.kind != "schema" or "$ref" in place.value or not declared or _holds(document, place.path, broken):
            continue
        root = {"allOf": [place.value], "components": document.get("components", {})}
        validator = OAS30Validator(root, format_checker=oas30_format_checker)
        for path, value in declared:
            for error in validator.iter_errors(value):
                wrong = f"{called(path)} {shown(value)}, which breaks its own schema: it {_words(error)}"
                yield Fault((*place.path, *path), wrong, "correct the value or the schema")


def _holds(document: Mapping[str, Any], schema: Path, broken: set[Path]) -> bool:
    inside = reached(document, [schema])
    return any(fault[: len(path)] == path for path in inside for fault in broken)


def _decisive(error: ValidationError) -> Iterator[ValidationError]:
    """Yield the errors that say why none of several forms fits: those of the form that was meant."""
    if not error.context:
        yield error
        return
    branches = [list(found) for _, found in groupby(error.context, key=lambda one: one.schema_path[0])]
    referring = isinstance(error.instance, dict) and "$ref" in error.instance
    meant = min(branches, key=lambda found: _distance(found, referring))
    for one in meant:
        yield from _decisive(one)


def _distance(found: list[ValidationError], referring: bool) -> tuple[bool, bool, int]:
    """Order forms by how far they are from what was meant."""
    about_reference = any(one.validator == "required" and one.validator_value == ["$ref"] for one in found)
    other_kind = any(one.validator == "enum" and list(one.path) in _DISCRIMINATING for one in found)
    return about_reference and not referring, other_kind, len(found)


def _told(error: ValidationError) -> Iterator[Fault]:
    path: Path = tuple(error.absolute_path)
    instance: Any = error.instance
    name = _named(path)
    if error.validator == "required":
        for missing in (one for one in sequence(error.validator_value) if one not in instance):
            example = "required: true" if missing == "required" else missing
            yield Fault(path, f'"{missing}" is missing in {name}', f"add {example}")
    elif error.validator == "additionalProperties":
        for extra in _unexpected(error):
            wrong = f'"{extra}" is no field that OpenAPI 3.0 has in {name}'
            close = difflib.get_close_matches(extra, mapping(mapping(error.schema).get("properties")), n=1)
            instead = f"write {close[0]}" if close else "take it out, or begin its name with x-"
            yield Fault((*path, extra), wrong, instead)
    elif error.validator == "type":
        wanted = str(error.validator_value)
        wrong = f"{name} is {shown(instance)}, but must be {kind(wanted)}"
        yield Fault(path, wrong, instead_of(instance, wanted))
    else:
        yield Fault(path, f"{name} {_words(error)}", "correct it as OpenAPI 3.0 has it")


def _named(path: Path) -> str:
    if not path:
        return "the document"
    return f"{path[-2]}[{path[-1]}]" if isinstance(path[-1], int) and len(path) > 1 else f'"{path[-1]}"'


def _unexpected(error: ValidationError) -> list[str]:
    schema = mapping(error.schema)
    forms = list(mapping(schema.get("patternProperties")))
    known = mapping(schema.get("properties"))
    return [
        name
        for name in mapping(error.instance)
        if name not in known and not any(re.search(form, name) for form in forms)
    ]


def _words(error: ValidationError) -> str:
    value = shown(error.instance)
    if error.validator in ("enum", "pattern"):
        wanted = error.validator_value
        listed = ", ".join(map(str, wanted)) if isinstance(wanted, list) else str(wanted)
        return f"is {value}, {'not one of' if error.validator == 'enum' else 'not of the form'} {listed}"
    if error.validator == "not":
        return f"has {' and '.join(sequence(mapping(error.validator_value).get('required')))}, which exclude each other"
    meaning = _MEANINGS.get(str(error.validator))
    return f"{meaning} ({error.validator} {shown(error.validator_value)})" if meaning else one_line(error.message)
