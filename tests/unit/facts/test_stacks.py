"""Names of environments: what is accepted, and the one clear line for what is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.base.errors import HarnessError, UsageError
from harness.base.options import read_options
from harness.base.paths import Stack, Target
from harness.facts import FactError, read_blueprint
from harness.facts.stacks import environments, stack_of, with_default_environment

HEAD = "project: shop\nprefix: shop\nregion: eu-west-1\nenvironments:\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree that lists a free and a guarded environment, one without a folder, and has a folder that is not listed."""
    listed = "  try-out: {guarded: false}\n  live: {}\n  planned: {}\n"
    (tmp_path / "blueprint.yaml").write_text(HEAD + listed)
    for name in ("try-out", "live", "account", "shared", "production"):
        (tmp_path / "envs" / name).mkdir(parents=True)
        (tmp_path / "envs" / name / "main.tf").write_text("")
    (tmp_path / "envs" / "planned").mkdir()
    return tmp_path


def stack(tree: Path, environment: str, suffix: str = "", target: str = "local") -> Stack:
    given = {"ENV": environment, "SUFFIX": suffix, "TARGET": target}
    return stack_of(read_options(given), tree)


def test_environments_are_what_is_listed_in_that_order(tree: Path) -> None:
    assert environments(tree) == ("try-out", "live", "planned")


@pytest.mark.parametrize(
    ("environment", "suffix", "message"),
    [
        ("", "", "ENV is not set -> .*ENV=try-out .there are: try-out, live, planned"),
        ("zz-none", "", "ENV=zz-none is not an environment: blueprint.yaml does not list it -> list it, or use one of"),
        ("production", "", "blueprint.yaml does not list it, although envs/production exists -> list it"),
        ("account", "", "ENV=account is not an environment"),
        ("shared", "", "ENV=shared is not an environment"),
        ("..", "", r"ENV=\.\. is not an environment"),
        ("planned", "", "ENV=planned cannot be planned: blueprint.yaml lists it, and envs/planned holds no main.tf"),
        ("live", "ab", "SUFFIX='ab' is not valid -> use 3 to 20"),
        ("live", "a" * 21, "is not valid"),
        ("live", "-ab", "is not valid"),
        ("live", "ab-", "is not valid"),
        ("live", "Alice", "is not valid"),
        ("live", "al ice", "is not valid"),
        ("live", "alice\n", "is not valid"),
        ("live", "try-out", "SUFFIX=try-out is the name of environment try-out -> choose another one for live"),
        ("live", "my-try-out", "SUFFIX=my-try-out ends with the name of environment try-out -> choose another one"),
        ("try-out", "planned", "SUFFIX=planned is the name of environment planned"),
    ],
)
def test_a_wrong_name_is_refused(tree: Path, environment: str, suffix: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        stack(tree, environment, suffix)
    assert caught.value.remedy
    assert "\n" not in caught.value.tried.replace(suffix, "")


def test_a_folder_whose_link_leads_nowhere_is_none(tree: Path) -> None:
    (tree / "envs" / "planned" / "main.tf").symlink_to("../shared/gone.tf")
    with pytest.raises(UsageError, match=r"holds no main\.tf"):
        stack(tree, "planned")


@pytest.mark.parametrize("suffix", ["abc", "a" * 20, "team-1", "1st", "live"])
def test_a_right_suffix_is_taken(tree: Path, suffix: str) -> None:
    assert stack(tree, "live", suffix) == Stack("live", suffix, Target.LOCAL)


def test_the_suffix_defaults_to_the_environment(tree: Path) -> None:
    assert stack(tree, "live", "", "aws").state_key == "live/live/terraform.tfstate"


def test_two_suffixes_and_two_targets_share_no_folder(tree: Path) -> None:
    stacks = [stack(tree, "live", suffix, target) for suffix in ("", "alice") for target in ("local", "aws")]
    assert len({each.folder for each in stacks}) == len({each.data_dir for each in stacks}) == 4


def test_make_words_can_be_pasted(tree: Path) -> None:
    assert stack(tree, "live", "alice", "aws").make_words == "ENV=live SUFFIX=alice TARGET=aws"
    assert stack(tree, "live").make_words == "ENV=live"


def test_the_default_is_the_first_environment_that_is_not_guarded(tree: Path) -> None:
    options = read_options({})
    assert options.environment == ""
    assert with_default_environment(options, tree).environment == "try-out"
    assert with_default_environment(replace(options, environment="live"), tree).environment == "live"
    (tree / "blueprint.yaml").write_text(HEAD + "  live: {}\n  spare: {guarded: false}\n")
    assert with_default_environment(options, tree).environment == "spare"


def test_where_every_environment_is_guarded_one_has_to_be_named(tree: Path) -> None:
    (tree / "blueprint.yaml").write_text(HEAD + "  live: {}\n  spare: {}\n")
    with pytest.raises(
        UsageError, match="every environment is guarded -> say which one to bring up: --env live or ENV=live"
    ):
        with_default_environment(read_options({}), tree)


@pytest.mark.parametrize("name", ["account", "shared"])
def test_a_folder_of_another_use_cannot_be_listed(tree: Path, name: str) -> None:
    (tree / "blueprint.yaml").write_text(HEAD + f"  {name}: {{}}\n")
    with pytest.raises(FactError, match=f"envs/{name} is no environment"):
        read_blueprint(tree)


def test_no_blueprint_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"blueprint\.yaml cannot be read"):
        stack(tmp_path, "live")
