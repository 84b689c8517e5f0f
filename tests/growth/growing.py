"""Grow a copy of the repository as a team would: a second service with a table of another key, a queue, alarms on both,
a third environment. Touched are ``lambda/<service>/``, values, wiring and ``blueprint.yaml``; nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from harness.facts import read_blueprint

HERE = Path(__file__).parent / "tree"
SERVICE, ENVIRONMENT, LIKE = "orders", "zz-grown", "prod"
ORIGIN = "https://www.example.com"
VALUES = "    orders = { memory_mb = 256, reserved_concurrency = 50, timeout_seconds = 12 }\n"
NAME = "${local.prefix}jobs-${local.suffix}"
PLACE = "${local.location.partition}:sqs:${local.location.region}:${local.location.account_id}"
QUEUE = f'  own_resources = {{ "queue:jobs" = {{ arn = "arn:{PLACE}:{NAME}", name = "{NAME}" }} }}'

QUEUE_ALARM, CUSTOM_ALARM, MAX_AGE_SECONDS = "queue-age-jobs", "large-orders", 600
ALARMS = f"""\
    queues = {{ jobs = {{ max_age_seconds = {MAX_AGE_SECONDS}, name = local.own_resources["queue:jobs"].name }} }}
    custom = {{
      {CUSTOM_ALARM} = {{
        namespace      = local.blueprint.project
        metric         = "LargeOrders"
        dimensions     = {{ environment = local.environment, service = local.names.functions["{SERVICE}"] }}
        statistic      = "Sum"
        above          = 0
        period_seconds = 60
        periods        = 1
        breaching      = 1
        page           = true
        missing_data   = "notBreaching"
        why_missing    = "the metric is sent only when a large order is taken"
        summary        = "Somebody ordered more than the storehouse may hold"
      }}
    }}
"""


def add_service(tree: Path) -> None:
    """Add the service's folder and one entry of values in every environment."""
    shutil.copytree(HERE / "lambda", tree / "lambda", dirs_exist_ok=True)
    for root in _environments(tree):
        _change(root / "locals.tf", r"^  services = \{\n", r"\g<0>" + VALUES)


def add_queue(tree: Path) -> None:
    """Add an ordinary resource to the wiring, and name it for permissions and environment variables."""
    shared = tree / "envs" / "shared"
    shutil.copy(HERE / "queue.tf", shared / "queue.tf")
    _change(shared / "resources.tf", r"^  own_resources = \{\}", QUEUE.replace("\\", "\\\\"))
    for root in _environments(tree):
        _link(root, "queue.tf")
        _link(root, "resources.tf")


def add_alarms(tree: Path) -> None:
    """Have the queue and a metric of the service watched where alarms are."""
    for root in _environments(tree):
        _change(root / "locals.tf", r"^  alarms = \{\n", r"\g<0>" + ALARMS)


def add_browsers(tree: Path) -> None:
    """Let pages of one origin call the API of every environment."""
    for root in _environments(tree):
        _change(root / "locals.tf", r"^  api = \{\n", rf'\g<0>    cors = {{ allow_origin = "{ORIGIN}" }}\n')


def add_environment(tree: Path) -> None:
    """Add a folder of values, like another environment's, and its line in ``blueprint.yaml``, as those ask for it."""
    shutil.copytree(tree / "envs" / LIKE, tree / "envs" / ENVIRONMENT, symlinks=True)
    (tree / "envs" / ENVIRONMENT / "parity.yaml").write_text("differences: []\n")
    (tree / "blueprint.yaml").open("a").write(f"  {ENVIRONMENT}: {{compared_with: {LIKE}, quota_minutes: 15}}\n")


def grow(tree: Path) -> None:
    """Add all of it; in this order the third environment has the second service."""
    add_service(tree)
    add_queue(tree)
    add_alarms(tree)
    add_environment(tree)


def _environments(tree: Path) -> list[Path]:
    """List the folders of the environments that the blueprint has so far."""
    return [tree / "envs" / name for name in read_blueprint(tree).environments]


def _link(root: Path, name: str) -> None:
    (root / name).unlink(missing_ok=True)
    (root / name).symlink_to(Path("../shared") / name)


def _change(file: Path, old: str, new: str) -> None:
    text, count = re.subn(old, new, file.read_text(), flags=re.MULTILINE)
    assert count == 1, f"{old!r} stands {count} times in {file.name}"
    file.write_text(text)
