"""``make`` alone: the verbs, the environments and the settings in effect. Standard library only."""

from __future__ import annotations

from harness.base.errors import HarnessError
from harness.base.options import Options
from harness.base.paths import environments
from harness.base.verb_list import VERBS


def run(options: Options) -> int:
    """Print the help."""
    print("make VERB [ENV=…] [SUFFIX=…] [TARGET=local|aws]\n")
    for name, verb in VERBS.items():
        print(f"  {name:<12} {verb.summary}")
    print(f"\nenvironments: {', '.join(environments())}")
    print(f"settings:     {effective(options)}")
    print("start here:   make up        then: make test")
    return 0


def effective(options: Options) -> str:
    """The settings a command would use now, in one line."""
    words = [f"ENV={options.environment or '(not set)'}", f"TARGET={options.target}", f"PORT={options.port}"]
    try:
        words.insert(1, f"SUFFIX={options.stack().suffix}")
    except HarnessError:
        words.insert(1, f"SUFFIX={options.suffix or '(the environment)'}")
    return " ".join(words)
