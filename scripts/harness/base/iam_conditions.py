"""Conditions of IAM policies, compared as AWS compares them. Standard library only: the scanners' process uses it, too.

Sources: IAM user guide, "IAM JSON policy elements: Condition operators", "Condition" (names of keys ignore case),
"Single-valued vs. multivalued context keys" (``ForAllValues`` also holds where the key is absent) and "The confused
deputy problem".
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Conditions = Mapping[str, Mapping[str, Sequence[str]]]
"""Operator -> key -> values."""
Like = Callable[[str, str], bool]

_EQUAL = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "BinaryEquals", "Bool")
_MEASURED = ("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_UNLIKE = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "",
    "DateNotEquals": "",
    "NotIpAddress": "",
}
"""Negated operator -> the one it negates; empty where that is not compared here."""
OPERATORS = frozenset(
    (*_EQUAL, *_UNLIKE, *(f"{kind}{how}" for kind in ("Numeric", "Date") for how in _MEASURED), "IpAddress", "Null")
)
"""Every condition operator, without quantifier and ``IfExists``."""
_NARROWS = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")

ANYBODY = ("aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceVpc",
           "aws:SourceVpce")  # fmt: skip
"""Keys that say who calls, or from which network: with one of them the principal ``*`` is not everybody."""
DEPUTY = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID",
          "aws:SourceOrgPaths", "aws:SourceOwner")  # fmt: skip
"""Keys that say on whose behalf a service calls; SourceOwner is what SNS called SourceAccount."""
_CONTEXT_ARN = re.compile(r"kms:encryptioncontext:aws:[\w-]+:\w*arn")
_ARN_PARTS = 6


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator taken apart.

    Attributes:
        quantifier: ``ForAllValues``, ``ForAnyValue`` or empty.
        if_exists: whether the condition holds where the key is absent.
    """

    quantifier: str
    name: str
    if_exists: bool


def operator(text: str) -> Operator | None:
    """Read an operator; ``None`` when AWS knows none of that name."""
    match = re.fullmatch(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?", text)
    if match is None or match[2] not in OPERATORS or (match[2] == "Null" and (match[1] or match[3])):
        return None
    return Operator(match[1] or "", match[2], bool(match[3]))


def guarded(conditions: Conditions, keys: Sequence[str]) -> bool:
    """Tell whether conditions let only callers in of whom one of the keys says something certain.

    That is: the key must be there (``IfExists`` and ``ForAllValues`` hold without it, and what is negated does), and
    each of its values names somebody.
    """
    wanted = {key.lower() for key in keys}
    present = {
        key.lower()
        for text, tests in conditions.items()
        if text == "Null"
        for key, values in tests.items()
        if [value.lower() for value in values] == ["false"]
    }
    for found, key, values in _tests(conditions):
        told = key in wanted or (bool(_CONTEXT_ARN.fullmatch(key)) and "aws:sourcearn" in wanted)
        absent = found.if_exists or found.quantifier == "ForAllValues"
        needed = found.name in _NARROWS and not (absent and key not in present)
        if told and needed and values and all(_names_somebody(key, value) for value in values):
            return True
    return False


def _tests(conditions: Conditions) -> Iterator[tuple[Operator, str, Sequence[str]]]:
    """List each test with its key in lower case; those of operators that AWS does not know are left out."""
    for text, tests in conditions.items():
        found = operator(text)
        if found is not None:
            yield from ((found, key.lower(), values) for key, values in tests.items())


def _names_somebody(key: str, value: str) -> bool:
    """Tell whether a value leaves open neither account, organisation nor network."""
    if value.startswith("<") and value.endswith(">"):  # stands for what a plan makes it from: one resource
        return not _open(value)
    if "${" in value:  # a variable of the request: whoever calls fills it in
        return False
    if key.endswith("orgpaths"):
        return re.match(r"o-\w+/", value) is not None
    if key.endswith("arn"):
        parts = value.split(":", _ARN_PARTS - 1)
        # A bucket's ARN has no account, and its name is one of all accounts.
        account, name = (parts[4], parts[5]) if len(parts) == _ARN_PARTS else ("", "")
        return not _open(account or name.split("/")[0])
    if key.endswith(":sub"):
        # A provider's user: repo:OWNER/NAME:* names the owner, repo:*/NAME:main does not.
        return not _open(value) or "/" in re.split(r"[*?]", value)[0]
    return not _open(value)


def _open(text: str) -> bool:
    return not text or "*" in text or "?" in text


def holds(conditions: Conditions, request: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether conditions hold for a request, of which every key is given, in lower case.

    An operator that is not compared here (numbers, dates, addresses) holds only where AWS lets the absent key pass;
    one that AWS does not know never does.
    """
    return all(operator(text) is not None for text in conditions) and all(
        _holds(found, request.get(key, ()), values) for found, key, values in _tests(conditions)
    )


def _holds(found: Operator, given: Sequence[str], values: Sequence[str]) -> bool:
    if found.name == "Null":
        return [value.lower() for value in values] == ["false" if given else "true"]
    negated = found.name in _UNLIKE
    if not given:
        return found.if_exists or found.quantifier == "ForAllValues" or (negated and found.quantifier == "")
    like = _LIKE.get(_UNLIKE[found.name] if negated else found.name)
    if like is None:
        return False
    matches = [any(like(value, one) for value in values) is not negated for one in given]
    return all(matches) if found.quantifier == "ForAllValues" else any(matches)


def like(pattern: str, text: str) -> bool:
    """Compare with AWS's wildcards, ``*`` and ``?`` alone."""
    wild = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(wild, text, re.DOTALL) is not None


def _like_arn(pattern: str, text: str) -> bool:
    """Compare ARNs part by part: a wildcard does not reach over a colon, but in the last part."""
    ours, theirs = pattern.split(":", _ARN_PARTS - 1), text.split(":", _ARN_PARTS - 1)
    return len(ours) == len(theirs) and all(map(like, ours, theirs))


def _same(value: str, text: str) -> bool:
    return value == text


def _same_letters(value: str, text: str) -> bool:
    return value.lower() == text.lower()


_LIKE: Mapping[str, Like] = {
    "StringEquals": _same,
    "StringEqualsIgnoreCase": _same_letters,
    "StringLike": like,
    "ArnEquals": _like_arn,
    "ArnLike": _like_arn,
    "BinaryEquals": _same,
    "Bool": _same_letters,
}
