"""Tell whose account an ARN or principal is of."""

import re
from collections import Counter
from collections.abc import Iterator

from harness.plan import Plan

_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:(\d{12}):")
_DIGITS = re.compile(r"\d{12}")


def own_account(plan: Plan) -> str:
    """Return the account that most ARNs of a plan are of; a plan does not say where it goes. Empty without any."""
    afters = (change.after for change in plan.resources.values() if change.stays and change.mode == "managed")
    counted = Counter(account for after in afters for text in _texts(after) for account in _ARN.findall(text))
    return counted.most_common(1)[0][0] if counted else ""


def is_made_up(account: str) -> bool:
    """Tell whether an account is that of the local AWS and of offline plans; no real one has an id of zeros."""
    return bool(account) and not account.strip("0")


def account_of(text: str) -> str:
    """Return the account that an ARN or a principal names; empty where it names none."""
    parts = text.split(":", 5)
    account = text if len(parts) == 1 else parts[4] if len(parts) > 5 else ""
    return account if _DIGITS.fullmatch(account) else ""


def is_foreign(text: str, own: str) -> bool:
    """Tell whether a text names another account than the stack's own, where that is known."""
    return bool(own) and account_of(text) not in ("", own)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
