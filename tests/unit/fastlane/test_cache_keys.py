"""A key of a binary is of that very binary."""

from __future__ import annotations

import os
from pathlib import Path

from harness.fastlane.cache_keys import identity


def test_a_binary_swapped_for_one_of_the_same_size_and_date_is_another(tmp_path: Path) -> None:
    binary = tmp_path / "provider"
    binary.write_bytes(b"good")
    before, times = identity(binary), (binary.stat().st_atime_ns, binary.stat().st_mtime_ns)
    assert identity(binary) == before

    binary.write_bytes(b"evil")
    os.utime(binary, ns=times)

    assert identity(binary) != before


def test_a_link_stands_for_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "provider").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "provider")

    assert identity(tmp_path / "link") == identity(tmp_path / "provider")
