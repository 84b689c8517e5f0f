"""The command line's names: what is accepted, and the one clear line for what is not."""

import pytest

from harness.base.errors import UsageError
from harness.base.options import read_options, with_default_environment
from harness.base.paths import Stack, Target, environments, stack


def test_the_environments_are_the_deployable_roots() -> None:
    assert environments() == ("dev", "prod")


@pytest.mark.parametrize(
    ("environment", "suffix", "target", "message"),
    [
        ("", "", "local", r"ENV is not set -> .*there are: dev, prod"),
        ("staging", "", "local", "ENV=staging is not an environment -> use one of: dev, prod"),
        ("account", "", "local", "ENV=account is not an environment"),
        ("dev", "", "cloud", "TARGET=cloud is not a target"),
        ("dev", "ab", "local", "SUFFIX='ab' is not valid -> use 3 to 20"),
        ("dev", "a" * 21, "local", "is not valid"),
        ("dev", "-ab", "local", "is not valid"),
        ("dev", "ab-", "local", "is not valid"),
        ("dev", "Alice", "local", "is not valid"),
        ("dev", "al ice", "local", "is not valid"),
        ("dev", "alice\n", "local", "is not valid"),
        ("dev", "prod", "local", "SUFFIX=prod is the name of environment prod"),
        ("prod", "dev", "local", "SUFFIX=dev is the name of environment dev"),
    ],
)
def test_a_wrong_name_is_refused(environment: str, suffix: str, target: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        stack(environment, suffix, target)
    assert caught.value.remedy


@pytest.mark.parametrize("suffix", ["abc", "a" * 20, "team-1", "1st"])
def test_a_right_suffix_is_taken(suffix: str) -> None:
    assert stack("dev", suffix, "local") == Stack("dev", suffix, Target.LOCAL)


def test_the_suffix_defaults_to_the_environment() -> None:
    assert stack("prod", "", "aws").state_key == "prod/prod/terraform.tfstate"


def test_two_suffixes_and_two_targets_share_no_folder() -> None:
    stacks = [stack("dev", suffix, target) for suffix in ("", "alice") for target in ("local", "aws")]
    assert len({each.folder for each in stacks}) == len({each.data_dir for each in stacks}) == 4


def test_make_words_can_be_pasted() -> None:
    assert stack("dev", "alice", "aws").make_words == "ENV=dev SUFFIX=alice TARGET=aws"
    assert stack("dev", "", "local").make_words == "ENV=dev"


def test_options_are_read_from_variables() -> None:
    source = {
        "ENV": "prod",
        "ALLOW_DESTROY": "module.a.b, module.c.d",
        "ALLOW_UNCOMPARED": "one,two",
        "REVEAL": "1",
        "PORT": "4600",
        "CONFIRM": "prod",
    }
    options = read_options(source)
    assert options.acknowledged == ("module.a.b", "module.c.d")
    assert options.uncompared == ("one", "two")
    assert read_options({}).uncompared == ()
    assert (options.reveal, options.port, options.confirm, options.target) == (True, 4600, "prod", Target.LOCAL)


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_a_wrong_port_is_refused(port: str) -> None:
    with pytest.raises(UsageError, match="is not a port"):
        read_options({"PORT": port})


def test_only_up_falls_back_to_dev() -> None:
    assert read_options({}).environment == ""
    assert with_default_environment(read_options({}), {}).environment == "dev"
    assert with_default_environment(read_options({"ENV": "prod"}), {}).environment == "prod"
