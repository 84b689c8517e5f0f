"""``make inventory``: what a plan shows, as expectations to pick from; with WRITE=1 those that are red, rewritten."""

from collections.abc import Callable

from tests.support import expectations

from harness.base.errors import UsageError
from harness.base.options import Options
from harness.base.progress import phase

_WORK: dict[tuple[str, bool], Callable[[str], str | tuple[str, ...]]] = {
    ("environment", False): expectations.suggest_environment,
    ("environment", True): expectations.rewrite_environment,
    ("module", False): expectations.suggest_module,
    ("module", True): expectations.rewrite_module,
}


def run(options: Options) -> int:
    """Print a suggestion for ENV (the account's root, too) or for the cases of MODULE, or rewrite what is red.

    Raises:
        UsageError: neither ENV nor MODULE is given, or both are.
        HarnessError: the root or the module is unknown, or cannot be planned.
    """
    module = options.module
    if bool(module) == bool(options.environment):
        raise UsageError(
            "inventory takes ENV or MODULE", "give one: ENV=<folder of envs/> or MODULE=<folder of modules/>"
        )
    what, name = ("module", module) if module else ("environment", options.environment)
    with phase(f"plan {name}, offline"):
        made = _WORK[what, options.write](name)
    if isinstance(made, str):
        print(made, end="")
        return 0
    for line in made:
        print(line)
    print(f"{name}: rewritten; review the diff" if made else f"{name}: everything holds, nothing written")
    return 0
