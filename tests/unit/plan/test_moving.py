"""Addresses follow ``moved`` blocks as Terraform leads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.builder import Res, plan

from harness.base.errors import HarnessError
from harness.changes import changes
from harness.plan import Action, since
from harness.plan.moving import Moved, successors
from harness.scan.moves import moves_of


@pytest.mark.parametrize(
    ("old", "new", "blocks"),
    [
        ("module.a.aws_x.y", "module.b.aws_x.y", [("module.a", "module.b")]),
        ('module.a["k"].aws_x.y[0]', 'module.b["k"].aws_x.y[0]', [("module.a", "module.b")]),
        ('module.a["k"].aws_x.y', "module.b.aws_x.y", [('module.a["k"]', "module.b")]),
        ("module.a.aws_x.y", 'module.a["k.1"].aws_x.y', [("module.a", 'module.a["k.1"]')]),
        ("aws_x.y[0]", "module.b.aws_x.z[0]", [("aws_x.y", "module.b.aws_x.z")]),
        ("aws_x.y", 'aws_x.y["k"]', [("aws_x.y", 'aws_x.y["k"]')]),
        ("module.a.aws_x.y", "module.c.aws_x.z", [("module.c.aws_x.y", "module.c.aws_x.z"), ("module.a", "module.c")]),
    ],
)
def test_what_a_block_moves_is_followed(old: str, new: str, blocks: list[tuple[str, str]]) -> None:
    assert successors({old: 1}, {new}, [Moved(*block) for block in blocks]) == {old: new}


@pytest.mark.parametrize(
    ("old", "new", "block"),
    [
        ("module.ab.aws_x.y", "module.b.aws_x.y", ("module.a", "module.b")),
        ('aws_x.y["k"]', 'aws_x.z["l"]', ("aws_x.y", 'aws_x.z["l"]')),
        ('module.a["k"].aws_x.y', "module.b.aws_x.y", ('module.a["l"]', "module.b")),
        ("module.a.aws_x.y", "module.a.aws_x.y", ("module.a", "module.b")),
        ("module.a", "module.a", ("module.a.aws_x.y", "module.b.aws_x.y")),
    ],
)
def test_what_no_block_speaks_of_stays(old: str, new: str, block: tuple[str, str]) -> None:
    assert successors({old: 1}, {new}, [Moved(*block)]) in ({}, {old: old})


def test_nothing_moves_to_where_something_stood_and_a_circle_ends() -> None:
    blocks = [Moved("aws_x.a", "aws_x.b"), Moved("aws_x.b", "aws_x.a")]
    assert successors({"aws_x.a": 1, "aws_x.b": 1}, {"aws_x.b"}, blocks[:1]) == {}
    assert successors({"aws_x.a": 1}, {"aws_x.b"}, blocks) == {}


def test_a_move_between_two_commits_is_shown_as_one_with_what_else_changes() -> None:
    base = plan(Res("aws_x.a", {"size": 1}), Res("aws_x.b", {"size": 1}), Res("aws_x.gone", {}))
    head = plan(Res("aws_x.c", {"size": 1}), Res("aws_x.d", {"size": 2}), Res("aws_x.new", {}))
    found = changes(since(base, head, [Moved("aws_x.a", "aws_x.c"), Moved("aws_x.b", "aws_x.d")])).resources
    assert {one.address: (one.action, one.previous_address, len(one.edits)) for one in found} == {
        "aws_x.c": (Action.NO_OP, "aws_x.a", 0),
        "aws_x.d": (Action.UPDATE, "aws_x.b", 1),
        "aws_x.gone": (Action.DELETE, "", 0),
        "aws_x.new": (Action.CREATE, "", 0),
    }


def test_blocks_are_read_from_every_file_of_a_root(tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_text('moved {\n  from = module.a["x"]\n  to   = module.b\n}\n')
    (tmp_path / "b.tf").write_text("moved {\n  from = aws_x.y[0]\n  to = aws_x.y\n}\n# moved {\n")
    (tmp_path / "c.tf").write_text('locals { moved = "${")"}" }\n')
    assert moves_of(tmp_path) == (Moved('module.a["x"]', "module.b"), Moved("aws_x.y[0]", "aws_x.y"))
    (tmp_path / "d.tf").write_text("moved {\n  from =\n}\n")
    with pytest.raises(HarnessError, match=r"d\.tf: its moved blocks cannot be read"):
        moves_of(tmp_path)
