"""A verdict is by the day of the latest commit, whoever looks at it and when; what is due soon is by the clock."""

from __future__ import annotations

import ast
import datetime
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from harness.base.errors import ToolError
from harness.base.findings import failing
from harness.base.paths import REPO
from harness.scan.dates import PACKED, day_of, due, notes
from harness.scan.exceptions import Waiver
from harness.verbs.due import report_of
from harness.verbs.mutate import SURVIVORS

DAY = datetime.date


def git(tree: Path, *words: str, day: str = "2026-01-31") -> None:
    env = {
        "PATH": "/usr/bin:/bin",
        "GIT_COMMITTER_DATE": f"{day}T23:30:00-0500",
        "GIT_AUTHOR_DATE": "2020-02-02T00:00:00",
    }
    command = ["git", "-C", str(tree), "-c", "user.name=n", "-c", "user.email=n@example.com", *words]
    subprocess.run(command, env=env, check=True, capture_output=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with one commit, which has what is filled in when it is packed."""
    for name in (".gitattributes", str(PACKED)):
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPO / name, tmp_path / "tree" / name)
    git(tmp_path, "init", "--quiet", "tree")
    git(tmp_path / "tree", "add", "--all")
    git(tmp_path / "tree", "commit", "--quiet", "--message", "first")
    return tmp_path / "tree"


def test_the_day_is_that_of_the_latest_commit_where_it_was_made(tree: Path) -> None:
    assert day_of(tree) == DAY(2026, 1, 31)
    git(tree, "commit", "--quiet", "--allow-empty", "--message", "second", day="2035-03-01")
    assert day_of(tree) == DAY(2035, 3, 1)


def test_what_is_not_committed_changes_nothing(tree: Path) -> None:
    (tree / "new").write_text("x")
    (tree / ".gitattributes").write_text("")
    assert day_of(tree) == DAY(2026, 1, 31)


def test_a_shallow_clone_and_a_worktree_have_the_same_day(tree: Path, tmp_path: Path) -> None:
    git(tree, "commit", "--quiet", "--allow-empty", "--message", "second", day="2026-02-01")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{tree}", "shallow")
    git(tree, "worktree", "add", "--detach", "--quiet", str(tmp_path / "beside"))
    assert {day_of(tmp_path / name) for name in ("shallow", "beside")} == {DAY(2026, 2, 1)}


def test_a_packed_tree_has_the_day_of_what_was_packed(tree: Path, tmp_path: Path) -> None:
    git(tree, "archive", "--output", str(tmp_path / "packed.tar"), "HEAD")
    with tarfile.open(tmp_path / "packed.tar") as packed:
        packed.extractall(tmp_path / "packed", filter="data")
    assert day_of(tmp_path / "packed") == DAY(2026, 1, 31)


def test_without_a_commit_there_is_no_day(tree: Path, tmp_path: Path) -> None:
    shutil.rmtree(tree / ".git")
    assert day_of(tree) is None, "copied by hand: nothing was filled in"
    (tmp_path / "empty").mkdir()
    assert day_of(tmp_path / "empty") is None
    git(tmp_path, "init", "--quiet", "empty")
    assert day_of(tmp_path / "empty") is None


def test_a_repository_that_git_refuses_is_no_tree_without_commits(tree: Path) -> None:
    (tree / ".git" / "HEAD").write_text("nonsense")
    with pytest.raises(ToolError, match="git failed"):
        day_of(tree)


def waiver(expires: DAY, line: int = 7) -> Waiver:
    return Waiver("CKV_1", (), ("a.b",), "", "a reason", "platform", expires, "envs/exceptions.yaml", line)


TODAY = DAY(2027, 6, 10)


@pytest.mark.parametrize(
    ("day", "expires", "said"),
    [
        (DAY(2027, 6, 1), DAY(2027, 6, 10), []),
        (DAY(2027, 6, 1), DAY(2027, 6, 9), ["1 exceptions hold for this commit and for no later one: "]),
        (DAY(2027, 6, 10), DAY(2027, 6, 9), []),
        (DAY(2099, 1, 1), DAY(2100, 1, 1), ["the latest commit is of 2099-01-01, after this machine's 2027-06-10"]),
        (None, DAY(2028, 1, 1), ["there is no commit whose day"]),
        (None, DAY(2027, 6, 9), ["there is no commit whose day", "1 exceptions hold for this commit"]),
    ],
)
def test_what_a_verdict_leaves_open_is_told(day: DAY | None, expires: DAY, said: list[str]) -> None:
    found = list(notes([waiver(expires)], day, TODAY))
    assert [one.startswith(start) for one, start in zip(found, said, strict=True)] == [True] * len(said)
    if said and "hold for this commit" in said[-1]:
        assert f"envs/exceptions.yaml:7 was until {expires}" in found[-1]


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        (DAY(2027, 6, 9), ["exception CKV_1 of platform ended on 2027-06-09, 1 days ago"]),
        (DAY(2027, 6, 10), ["exception CKV_1 of platform ends on 2027-06-10, in 0 days"]),
        (DAY(2027, 7, 10), ["exception CKV_1 of platform ends on 2027-07-10, in 30 days"]),
        (DAY(2027, 7, 11), []),
    ],
)
def test_what_ends_within_thirty_days_is_due(expires: DAY, said: list[str]) -> None:
    found = due([waiver(expires)], TODAY)
    assert [one.message for one in found] == said
    assert failing(found) is bool(said)
    assert {(one.file, one.line) for one in found} <= {("envs/exceptions.yaml", 7)}


@pytest.mark.parametrize(
    ("expires", "fails"),
    [
        (DAY(2027, 6, 10), "The first commit after its last day fails"),
        (DAY(2027, 6, 9), "Each commit since then fails"),
    ],
)
def test_which_commits_fail_is_told(expires: DAY, fails: str) -> None:
    (found,) = due([waiver(expires)], TODAY)
    assert found.guideline.startswith(f"{fails} for it: ")


def test_two_that_stand_on_one_line_are_both_due() -> None:
    assert len(due([waiver(TODAY), replace(waiver(TODAY), check="CKV_0")], TODAY)) == 2


def test_every_file_with_dates_is_asked() -> None:
    found = {one.file for one in report_of(DAY.max - datetime.timedelta(days=60)).findings}
    listed = {str(file.relative_to(REPO)) for file in (*REPO.glob("envs/**/*.yaml"), *REPO.glob("lambda/*/*.yaml"))}
    dated = {name for name in listed if "\n  expires:" in (REPO / name).read_text()}
    assert found == dated | {str(SURVIVORS.relative_to(REPO))}
    assert not report_of(DAY.min).failed


def test_only_what_is_due_what_is_known_by_now_and_notes_ask_the_clock_for_a_date() -> None:
    asking = set()
    for file in (REPO / "scripts" / "harness").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and node.attr == "today":
                asking.add(file.stem)
            if isinstance(node, ast.Attribute) and node.attr == "date" and "now(" in ast.unparse(node.value):
                asking.add(file.stem)
    assert asking == {"audit", "due", "scan"}
