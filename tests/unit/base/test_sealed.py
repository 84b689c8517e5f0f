"""A cache file is believed only when it is whole, unaltered and of the key it was kept under."""

from __future__ import annotations

from pathlib import Path

from harness.base import sealed

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
