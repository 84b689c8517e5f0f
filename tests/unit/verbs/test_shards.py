"""Shards of the mutation run: every file is in exactly one, and they are of about the same size."""

from __future__ import annotations

import pytest

from harness.base.errors import UsageError
from harness.verbs.mutate import _derived, _files, _part, shards

FILES = _files("", "")


@pytest.mark.parametrize("parts", [1, 3, 8, 99])
def test_the_union_of_the_shards_is_the_whole_and_none_overlap(parts: int) -> None:
    names = [name for part in range(1, parts + 1) for name in _derived(FILES, f"{part}/{parts}")]
    assert sorted(names) == sorted(FILES)


def test_shards_are_of_about_the_same_size() -> None:
    mutants = {"a": 5, "b": 4, "c": 3, "d": 3, "e": 1}
    assert shards(mutants, 2) == [["a", "d"], ["b", "c", "e"]]


def test_everything_is_one_shard() -> None:
    assert _part("") == (1, 1)
    assert list(_derived(FILES, "")) == sorted(FILES)


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "1/", "a/b", "-1/2", "1/2/3"])
def test_what_is_no_shard_is_told(shard: str) -> None:
    with pytest.raises(UsageError, match="is no shard"):
        _part(shard)
