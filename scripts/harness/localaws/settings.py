"""The settings of a local AWS: how it is to serve, and the whole environment of its process."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harness.facts import read_blueprint
from harness.localaws import throughput_clock
from harness.localaws.keys import Keys

TIME_FACTOR = "LOCALAWS_TIME_FACTOR"
"""Environment variable of the server that carries ``Options.time_factor`` to the alarms' evaluation."""

DECISIONS = "LOCALAWS_DECISIONS"
"""Environment variable of the server that names the file which ``decisions`` writes to, where it is to write."""

DECISIONS_FILE = "decisions.jsonl"
"""File below the state folder: one authorisation decision a line, see ``decisions.Decision``."""

ERROR_PREFIX = "error: "
"""Begins the one line on standard error that says why the server could not start."""

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")


class Kind(StrEnum):
    """Kinds of local AWS: what everybody uses is filled; the others are for tests."""

    FILLED = "filled"
    STOCK = "stock"
    """Without any fill: the probes of the gaps ask it."""
    RECORDED = "recorded"
    """Filled, and each authorisation decision is written down, see ``decisions``."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the server.

    Attributes:
        port: TCP port; 0 takes a free one.
        function_endpoint: URL that Lambda functions call instead of the server itself (a fault proxy), or "".
        parent: pid after whose death the server stops by itself; 0 for never.
        time_factor: seconds that pass on the metrics clock per real second, see ``gap_alarm_evaluation``.
    """

    state_dir: Path
    port: int
    function_endpoint: str = ""
    parent: int = 0
    time_factor: float = 1.0
    kind: Kind = Kind.FILLED


def environment(options: Options, port: int, keys: Keys) -> dict[str, str]:
    """Return the whole environment of server and Lambda workers: no AWS setting of the caller leaks in.

    Args:
        keys: of the account's root; a worker's are those of its function's role instead.
    """
    state = options.state_dir
    settings = {
        **keys.variables(),
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "DOCKER_HOST": f"unix://{state}/no-docker",  # a Docker that happens to run is none of our business
        "GATEWAY_PORT": str(port),
        TIME_FACTOR: str(options.time_factor),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_ACCOUNT_CONCURRENCY": "1000",  # a new AWS account's; else it follows the machine's memory
        "LOG_LEVEL": "WARNING",
        "MINISTACK_REGION": read_blueprint().region,
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state / "services"),
        "TMPDIR": str(state / "tmp"),
        throughput_clock.CLOCK_FILE: str(state / throughput_clock.NAME),
    }
    if options.function_endpoint:
        settings["AWS_ENDPOINT_URL"] = options.function_endpoint
    if options.kind is Kind.RECORDED:
        settings[DECISIONS] = str(state / DECISIONS_FILE)
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | settings
