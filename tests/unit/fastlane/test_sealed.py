"""A cache file is believed only when it is whole, unaltered and of the very binary it was made from."""

from __future__ import annotations

import os
from pathlib import Path

from harness.fastlane import sealed

CONTENT = b"schema\nwith a line break" * 3


def test_what_was_stored_is_loaded(tmp_path: Path) -> None:
    sealed.store(tmp_path / "deep" / "file", "key", CONTENT)

    assert sealed.load(tmp_path / "deep" / "file", "key") == CONTENT
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file"], "a draft was left behind"


def test_nothing_is_loaded_under_another_key_or_from_nowhere(tmp_path: Path) -> None:
    sealed.store(tmp_path / "file", "key", CONTENT)

    assert sealed.load(tmp_path / "file", "other key") is None
    assert sealed.load(tmp_path / "nothing", "key") is None


def test_no_torn_or_altered_file_is_believed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    sealed.store(file, "key", CONTENT)
    whole = file.read_bytes()
    torn = [whole[:length] for length in range(len(whole))]
    altered = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]

    for content in (*torn, *altered, whole + b" "):
        file.write_bytes(content)
        assert sealed.load(file, "key") is None, content


def test_a_binary_swapped_for_one_of_the_same_size_and_date_is_another(tmp_path: Path) -> None:
    binary = tmp_path / "provider"
    binary.write_bytes(b"good")
    before, times = sealed.identity(binary), (binary.stat().st_atime_ns, binary.stat().st_mtime_ns)
    assert sealed.identity(binary) == before

    binary.write_bytes(b"evil")
    os.utime(binary, ns=times)

    assert sealed.identity(binary) != before


def test_a_link_stands_for_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "provider").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "provider")

    assert sealed.identity(tmp_path / "link") == sealed.identity(tmp_path / "provider")
