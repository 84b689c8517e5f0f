"""``make`` alone: the verbs, the environments and the settings in effect; or one verb. Standard library only."""

import json
import re
import socket
import tomllib
from pathlib import Path

from harness.base.command_line import PROGRAM, VERSION, find_verb, parser_of
from harness.base.options import DEFAULT_PORT, Options
from harness.base.paths import LOCAL_STATE, REPO
from harness.base.verb_list import VERBS

# As harness.localaws.pidfile writes it, which needs a package to read it.
_RECORD = "server.json"


def run(options: Options) -> int:
    """Print the help, or that of one verb.

    Raises:
        UsageError: there is no such verb.
    """
    if options.arguments == VERSION:
        print(f"{PROGRAM} {version()}")
        return 0
    if options.arguments:
        find_verb(options.arguments)
        print(parser_of(options.arguments, *listed_environments()[:1]).format_help(), end="")
        return 0
    print(f"{PROGRAM} VERB [--env …] [--suffix …] [--target local|aws]      {PROGRAM} VERB --help: its options")
    print("make VERB [ENV=…] [SUFFIX=…] [TARGET=local|aws]      the same; every failure is exit code 2\n")
    for name, verb in VERBS.items():
        print(f"  {name:<12} {verb.summary}")
    print(f"\nenvironments: {', '.join(listed_environments()) or 'see blueprint.yaml'}")
    print(f"settings:     {effective(options)}")
    print("start here:   make up        then: make test")
    return 0


def effective(options: Options) -> str:
    """Return the settings a command would use now, in one line."""
    suffix = options.suffix or options.environment or "(the environment)"
    words = [f"ENV={options.environment or '(not set)'}", f"SUFFIX={suffix}"]
    return " ".join([*words, f"TARGET={options.target}", f"PORT={options.port or running_port() or DEFAULT_PORT}"])


def version() -> str:
    """Return the version that pyproject.toml gives."""
    return str(tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def running_port(state: Path = LOCAL_STATE) -> int | None:
    """Read on which port this clone's local AWS runs; ``None`` when its record is missing, or nobody listens there."""
    try:
        port = int(json.loads((state / _RECORD).read_text(encoding="utf-8"))["port"])
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    return port


def listed_environments() -> list[str]:
    """List the environments of this tree, as far as they can be told without a YAML reader."""
    blueprint = REPO / "blueprint.yaml"
    return listed(blueprint.read_text(encoding="utf-8", errors="replace")) if blueprint.exists() else []


def listed(blueprint: str) -> list[str]:
    """List environments of ``blueprint.yaml``'s text, to show them: the help runs before a YAML reader is installed.

    Nothing is found where they are written in another way than one a line; everything else asks ``harness.facts``.
    """
    found = re.search(r"^environments:[^\S\n]*(?:#.*)?\n((?:(?:[^\S\n].*|#.*)?\n?)+)", blueprint, re.MULTILINE)
    lines = found[1].splitlines() if found else []
    keys = [match for line in lines if (match := re.match(r"( +)(['\"]?)([a-z0-9-]+)\2:", line))]
    return [match[3] for match in keys if match[1] == keys[0][1]]
