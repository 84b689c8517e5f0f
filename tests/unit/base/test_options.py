"""Options are read from variables: what is accepted, and the one clear line for what is not."""

import pytest

from harness.base.errors import UsageError
from harness.base.options import DEFAULT_PORT, read_options
from harness.base.paths import Target


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


def test_what_is_not_given_is_left_open() -> None:
    options = read_options({})
    assert (options.environment, options.suffix, options.port) == ("", "", DEFAULT_PORT)


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_a_wrong_port_is_refused(port: str) -> None:
    with pytest.raises(UsageError, match="is not a port"):
        read_options({"PORT": port})


def test_a_wrong_target_is_refused() -> None:
    with pytest.raises(UsageError, match="TARGET=cloud is not a target"):
        read_options({"TARGET": "cloud"})
