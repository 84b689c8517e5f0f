"""Files that people write are read as text and as YAML, or told in one line with their name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.base.errors import HarnessError
from harness.base.texts import text_of
from harness.facts.reading import FactError, plain_yaml


@pytest.mark.parametrize("text", ["a: 2027-02-30", "a: 0b_", f"a: {'9' * 5000}", "[" * 5000, "a: [1"])
def test_what_yaml_cannot_say_is_told_with_the_files_name(text: str) -> None:
    with pytest.raises(FactError, match=r"^some\.yaml cannot be read: ") as told:
        plain_yaml(text, "some.yaml")
    assert "\n" not in str(told.value)
    assert plain_yaml("a: 2027-02-28", "some.yaml")


def test_what_is_no_text_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "no-text").write_bytes(b"caf\xe9")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    said = {"no-text": "is no UTF-8", "folder": "is no file", "pipe": "is no file", "missing": "cannot be read"}
    for name, wrong in said.items():
        with pytest.raises(HarnessError, match=f"^{name} {wrong}"):
            text_of(tmp_path / name, name)
