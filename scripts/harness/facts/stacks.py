"""Environments that can be deployed: listed in ``blueprint.yaml``, and with a folder below ``envs/``."""

from dataclasses import replace
from pathlib import Path

from harness.base.errors import UsageError
from harness.base.options import Options, wrong
from harness.base.paths import REPO, SUFFIX_PATTERN, Stack, Target
from harness.facts.blueprint import BLUEPRINT, Blueprint, read_blueprint


def environments(tree: Path = REPO) -> tuple[str, ...]:
    """List the environments of ``blueprint.yaml``, in its order.

    Raises:
        FactError: the file is missing, or a line of it means nothing.
    """
    return tuple(read_blueprint(tree).environments)


def stack_of(options: Options, tree: Path = REPO) -> Stack:
    """Return the stack that a command's options name.

    Raises:
        UsageError: ENV is missing, not listed or without a folder, or SUFFIX is malformed or another environment's.
        FactError: ``blueprint.yaml`` cannot be read.
    """
    blueprint = read_blueprint(tree)
    name = options.environment
    _require_environment(name, blueprint, tree)
    suffix = options.suffix or name
    if not SUFFIX_PATTERN.fullmatch(suffix):
        raise wrong(
            "SUFFIX",
            repr(suffix),
            "is not valid",
            "use 3 to 20 lower-case letters, digits or hyphens, no hyphen first or last",
        )
    taken = next((one for one in blueprint.environments if one != name and f"-{suffix}".endswith(f"-{one}")), None)
    if taken is not None:
        how = "is" if taken == suffix else "ends with"
        raise wrong("SUFFIX", suffix, f"{how} the name of environment {taken}", f"choose another one for {name}")
    return Stack(name, suffix, Target(options.target))


def with_default_environment(options: Options, tree: Path = REPO) -> Options:
    """Fill in ENV, where it was not given, with the first environment that is not guarded: for ``make up`` alone.

    Raises:
        UsageError: every environment is guarded, so that one has to be named.
    """
    if options.environment:
        return options
    listed = read_blueprint(tree).environments
    free = next((name for name, environment in listed.items() if not environment.guarded), None)
    if free is None:
        first = next(iter(listed))
        raise UsageError(
            "ENV is not set, and every environment is guarded",
            f"say which one to bring up: --env {first} or ENV={first} (there are: {', '.join(listed)})",
        )
    return replace(options, environment=free)


def _require_environment(name: str, blueprint: Blueprint, tree: Path) -> None:
    listed = ", ".join(blueprint.environments)
    if not name:
        first = next(iter(blueprint.environments))
        raise UsageError("ENV is not set", f"say which environment: --env {first} or ENV={first} (there are: {listed})")
    folder = f"envs/{name}"
    if name not in blueprint.environments:
        found = f", although {folder} exists" if "/" not in name and (tree / folder).is_dir() else ""
        raise wrong(
            "ENV",
            name,
            f"is not an environment: {BLUEPRINT} does not list it{found}",
            f"list it, or use one of: {listed}",
        )
    if not (tree / folder / "main.tf").is_file():
        raise wrong(
            "ENV",
            name,
            f"cannot be planned: {BLUEPRINT} lists it, and {folder} holds no main.tf",
            f"make {folder} as another environment's folder is, or take {name} off the list",
        )
