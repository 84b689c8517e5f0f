"""Names in inventories: ``$PREFIX``, ``$PROJECT``, ``$REGION`` and ``$SUFFIX`` stand for what ``blueprint.yaml`` says.

A product that is called otherwise has the same inventories.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from harness.facts import Blueprint
from harness.inventory.expect import Operator

_NEW = object()
_PLACEHOLDER = re.compile(r"\$(PREFIX|PROJECT|REGION|SUFFIX)\b")


@dataclass(frozen=True, slots=True)
class Placeholders:
    """Values that placeholders stand for in the inventory of one root."""

    blueprint: Blueprint
    suffix: str

    def fill(self, text: str) -> str:
        """Put values in the places of placeholders."""
        words = {
            "PREFIX": self.blueprint.prefix,
            "PROJECT": self.blueprint.project,
            "REGION": self.blueprint.region,
            "SUFFIX": self.suffix,
        }
        return _PLACEHOLDER.sub(lambda found: words[found[1]], text)

    def blank(self, text: str) -> str:
        """Put placeholders in the places of names, regions and the project; other words stay as they are."""
        prefix, suffix, project, region = map(
            re.escape, (self.blueprint.prefix, self.suffix, self.blueprint.project, self.blueprint.region)
        )
        text = re.sub(rf"(?<![\w-]){prefix}-((?:[\w-]+?-)?){suffix}(?![\w-])", r"$PREFIX-\1$SUFFIX", text)
        others = "|".join(map(re.escape, self.blueprint.environments))  # the account's root names things of each
        text = re.sub(rf"(?<![\w-]){prefix}-((?:[\w-]+?-)?(?:{others}))(?![\w-])", r"$PREFIX-\1", text)
        text = re.sub(rf"(?<![\w-]){prefix}-((?:[\w-]+-)?)\*", r"$PREFIX-\1*", text)
        text = re.sub(rf"(?<![\w-]){prefix}-((?:[\w-]+-)?\d{{12}})(?!\d)", r"$PREFIX-\1", text)
        return re.sub(rf"(?<![\w-]){region}(?![\w-])", "$REGION", re.sub(rf"\b{project}\b", "$PROJECT", text))

    def restored(self, old: object, new: object) -> object:
        """Write a revised document with placeholders: what still holds as it stood, what is new by :meth:`blank`.

        Args:
            old: the document as it is written.
            new: the same, filled in and revised.
        """
        if _mapped(old, self.fill) == new:
            return old
        if isinstance(old, dict) and isinstance(new, dict):
            return {key: self.restored(old.get(key, _NEW), part) for key, part in new.items()}
        if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            return [self.restored(one, other) for one, other in zip(old, new, strict=True)]
        if isinstance(old, Operator) and isinstance(new, Operator) and old.tag == new.tag:
            return Operator(new.tag, self.restored(old.argument, new.argument))
        return _mapped(new, self.blank)


def _mapped(value: object, change: Callable[[str], str]) -> object:
    """Change every text of a document."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_mapped(part, change) for part in value]
    return Operator(value.tag, _mapped(value.argument, change)) if isinstance(value, Operator) else value
