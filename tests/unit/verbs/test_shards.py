"""Shards of the mutation run: every file is in exactly one, and they are of about the same size."""

from __future__ import annotations

import pytest

from harness.base.errors import UsageError
from harness.verbs.mutate import _derived, _files, _part, shards

FILES = _files("", "")


@pytest.mark.parametrize("parts", [1, 3, 8, 99])
def test_the_union_of_the_shards_is_the_whole_and_none_overlap(parts: int) -> None:
    names = [name for shard in shards({file: len(text) for file, text in FILES.items()}, parts) for name in shard]
    assert sorted(names) == sorted(FILES)


def test_a_run_of_each_shard_is_a_run_of_everything() -> None:
    some = dict(list(FILES.items())[:5])
    runs = [_derived(some, f"{part}/3") for part in (1, 2, 3)]
    assert all(runs)
    assert [name for run in runs for name in run] != sorted(some)
    assert {name: run[name] for run in runs for name in run} == _derived(some, "")
    assert sum(map(len, runs)) == len(some)


def test_shards_are_of_about_the_same_size() -> None:
    mutants = {"a": 5, "b": 4, "c": 3, "d": 3, "e": 1}
    assert shards(mutants, 2) == [["a", "d"], ["b", "c", "e"]]


def test_everything_is_one_shard() -> None:
    assert _part("") == (1, 1)


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "1/", "a/b", "-1/2", "1/2/3"])
def test_what_is_no_shard_is_told(shard: str) -> None:
    with pytest.raises(UsageError, match="is no shard"):
        _part(shard)
