"""Gap: a policy cannot name a resource whose name has an asterisk in it.

Upstream: ``${*}`` in a policy's resource is taken as the characters that it is made of, around anything.

AWS: "IAM policy elements: Variables and tags", IAM User Guide: "${*} - use where you need an * (asterisk) character",
"${?} - use where you need a ? (question mark) character", "${$} - use where you need a $ (dollar sign) character". API
Gateway asks for such a resource, see ``gap_tags_at_creation``.

Fill: the three of them, wherever case counts: resources and values of conditions.
"""

import re
from functools import lru_cache
from typing import Any

from ministack.core import iam_evaluator

from harness.localaws.patching import wraps

_SIGN = re.compile(r"\$\{([*?$])\}")


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """Turn a pattern with such signs into a regular expression for the whole value."""
    found, at = "", 0
    for sign in _SIGN.finditer(pattern):
        found += _wild(pattern[at : sign.start()]) + re.escape(sign[1])
        at = sign.end()
    return re.compile(found + _wild(pattern[at:]))


def _wild(text: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in text)


def install() -> None:
    """Patch how ministack compares a value with a policy's pattern."""

    @wraps(iam_evaluator, "fnmatch_iam_cs")
    def fnmatch_iam_cs(match: Any, value: str, pattern: str) -> bool:
        if _SIGN.search(pattern):
            return compiled(pattern).fullmatch(value) is not None
        return bool(match(value, pattern))
