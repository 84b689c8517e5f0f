"""Make any text one that a format can hold; what it cannot is written as its code point, so that nothing is lost."""

import re
from dataclasses import fields, replace
from typing import TypeVar

from harness.report.reported import Report, Waived

# XML 1.0, production 2 (Char), the other way round; lone surrogates are in no Unicode text either.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_UNICODE = re.compile("[\ud800-\udfff]")
Part = TypeVar("Part")


def xml_text(text: str) -> str:
    """Write what XML cannot hold as ``\\ufffe`` and the like."""
    return _NO_XML.sub(_escaped, text)


def unicode_text(text: str) -> str:
    """Write lone surrogates, which UTF-8 cannot hold, as ``\\ud800`` and the like."""
    return _NO_UNICODE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def in_unicode(report: Report) -> Report:
    """Return a report of which every text is Unicode, ids and file names included."""
    return replace(
        report,
        name=unicode_text(report.name),
        version=unicode_text(report.version),
        findings=tuple(map(_texts, report.findings)),
        checks=tuple(_texts(one) for one in report.checks),
        waived=tuple(_waived(one) for one in report.waived),
    )


def _waived(one: Waived) -> Waived:
    return replace(_texts(one), finding=_texts(one.finding))


def _texts(part: Part) -> Part:
    """Return a finding, check or waiver with texts in Unicode."""
    texts = {field.name: getattr(part, field.name) for field in fields(part)}  # type: ignore[arg-type]
    changed = {name: unicode_text(value) for name, value in texts.items() if type(value) is str}
    return replace(part, **changed)  # type: ignore[type-var]
