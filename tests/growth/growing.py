"""Grow a copy of the repository as a team would: a second service with a table of another key, a queue, alarms on both,
a third environment. Touched are ``lambda/<service>/``, values, wiring and ``blueprint.yaml``; nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.example import ENVIRONMENTS as EXAMPLE_ENVIRONMENTS
from tests.example import SERVICE as EXAMPLE

from harness.base.paths import REPO
from harness.facts import Feature, read_blueprint, read_routes, read_services

HERE = Path(__file__).parent / "tree"
WRITTEN = "orders"
"""Name of the service, its table and its route in the files of the tree."""


def free_name(tree: Path = REPO) -> str:
    """Return a name for the service that no service, table or route of the product has."""
    services = read_services(tree)
    taken = {*services, *(table for each in services.values() for table in each.tables)}
    taken |= {route.split("/")[1] for service in services for route in read_routes(service, tree)}
    name = WRITTEN
    while name in taken:
        name = f"more{name}"
    return name


def strictest(tree: Path = REPO) -> str:
    """Return the environment that has most to keep: a guarded one with an alarm of every family, where there is one."""
    known = read_blueprint(tree).environments
    return max(known, key=lambda name: (Feature.EVERY_ALARM in known[name].requires, known[name].guarded))


SERVICE, ENVIRONMENT, LIKE = free_name(), "zz-grown", strictest()
ORIGIN = "https://www.example.com"
VALUES = f"    {SERVICE} = {{ memory_mb = 256, reserved_concurrency = 50, timeout_seconds = 12 }}\n"
NAME = "${local.prefix}jobs-${local.suffix}"
PLACE = "${local.location.partition}:sqs:${local.location.region}:${local.location.account_id}"
QUEUE = f'"queue:jobs" = {{ arn = "arn:{PLACE}:{NAME}", name = "{NAME}" }}'

OTHER_NAMES = dict(zip(EXAMPLE_ENVIRONMENTS, ("try-out", "public"), strict=True))
"""What the worked example's environments are called in another product."""

_SHARE = re.compile(r"\bshare += [\d.]+,? *")

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
    folder = tree / "lambda" / SERVICE
    shutil.copytree(HERE / "lambda" / WRITTEN, folder)
    for file in folder.iterdir():
        text = file.read_text().replace(WRITTEN, SERVICE)
        file.write_text(re.sub(r"(operationId: \w+?)Order\b", rf"\1{SERVICE.title()}", text))
    for root in _environments(tree):
        _change(root / "locals.tf", r"^  services = \{\n", r"\g<0>" + VALUES)
        if _SHARE.search((root / "locals.tf").read_text()):  # in all entries or in none
            share_out(root / "locals.tf", 10)


def share_out(values: Path, percent: int) -> None:
    """Give the added service its percent of the API's rate, and the other services equal parts of the rest."""
    text = _SHARE.sub("", values.read_text())
    block = re.search(r"^  services = \{\n(?:.*\n)*?  \}\n", text, re.MULTILINE)
    assert block, f"{values.name} has no services"
    entry = re.compile(r"^    (\w+) += \{", re.MULTILINE)
    others = [name for name in entry.findall(block[0]) if name != SERVICE]
    parts = {SERVICE: percent} | {
        name: (100 - percent) // len(others) + (place < (100 - percent) % len(others))
        for place, name in enumerate(others)
    }
    shared = entry.sub(lambda found: f"{found[0]}\n      share = {parts[found[1]]}\n", block[0])
    values.write_text(text.replace(block[0], shared))


def add_queue(tree: Path) -> None:
    """Add an ordinary resource to the wiring, and name it for permissions and environment variables."""
    shared = tree / "envs" / "shared"
    shutil.copy(HERE / "queue.tf", shared / "queue.tf")
    add_entry(shared / "resources.tf", "own_resources", QUEUE)
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


def replace_example(tree: Path) -> None:
    """Make the product another one, as a team does that ships its own API: its service, other names of environments.

    Of the example's service and environments nothing is left but values; expectations are to be rewritten.
    """
    add_service(tree)
    permissions, facts = (tree / "lambda" / SERVICE / name for name in ("permissions.yaml", "service.yaml"))
    permissions.write_text(permissions.read_text().partition("  - sid: TellTheQueue")[0])
    _change(facts, r', QUEUE_NAME: "queue:jobs"', "")
    shutil.rmtree(tree / "lambda" / EXAMPLE)
    shutil.rmtree(tree / "tests" / "lambda" / EXAMPLE, ignore_errors=True)
    for root in _environments(tree):
        _change(
            root / "locals.tf",
            rf"^  services = \{{\n{re.escape(VALUES)}    {EXAMPLE} = ",
            f"  services = {{\n    {SERVICE} = ",
        )
        _change(root / "locals.tf", rf"^  tables = \{{\n    {EXAMPLE} = ", f"  tables = {{\n    {SERVICE} = ")
    for old, new in OTHER_NAMES.items():
        (tree / "envs" / old).rename(tree / "envs" / new)
        (tree / "tests" / "envs" / f"{old}.yaml").rename(tree / "tests" / "envs" / f"{new}.yaml")
        for file in (tree / "blueprint.yaml", *(tree / "envs").glob("*/parity.yaml")):
            file.write_text(re.sub(rf"\b{old}\b", new, file.read_text()))


def grow(tree: Path) -> None:
    """Add all of it; in this order the third environment has the second service."""
    add_service(tree)
    add_queue(tree)
    add_alarms(tree)
    add_environment(tree)


def add_entry(file: Path, mapping: str, entry: str) -> None:
    """Add a line to a mapping of ``locals``, whatever it holds."""
    _change(file, rf"^  {mapping} = \{{", f"  {mapping} = {{\n    {entry}\n  ")


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
