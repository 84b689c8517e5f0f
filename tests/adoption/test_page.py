"""docs/adopt.md holds: it is followed block by block, and the product that it makes keeps every promise."""

from __future__ import annotations

import pytest
from tests.adoption.walking import SECTIONS, Walk
from tests.support.clone import Clone

pytestmark = pytest.mark.example


@pytest.mark.parametrize("title", [section.title for section in SECTIONS])
def test_a_section_can_be_followed(title: str, walk: Walk) -> None:
    if walk.failure is not None and walk.failure[0] == title:
        raise walk.failure[1]
    assert title in walk.followed, f"not reached: {walk.failure and walk.failure[0]!r} could not be followed"


def test_no_generic_code_was_changed(walk: Walk, product: Clone) -> None:
    assert [name for name in walk.changed() if name.startswith(("scripts/", "modules/", "tests/support/"))] == []
