"""Wrong names, clashes and missing options are one line, and not a file is touched."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.unit.scaffold.conftest import Run, contents

from harness.base.errors import HarnessError
from harness.facts import read_blueprint, read_routes, service_names
from harness.scaffold.hcl_text import HclText

ENVIRONMENTS, SERVICES = tuple(read_blueprint().environments), service_names()
LIKE, SERVICE = ENVIRONMENTS[0], SERVICES[0]
ROUTE = sorted(read_routes(SERVICE))[0]
BAD_NAMES = ("../x", "Made", "ab", "account", "shared", f"pre-{LIKE}", f"{LIKE}-restore-eu", "a" * 21, "-made", "a/b")
BAD_SERVICES = (
    *("../x", "Parcels", "my-parcels", "1parcels", "class", "json", "true", "rest", "boto3", "tests", "x" * 60),
)
BAD_ROUTES = {
    "FETCH /parcels": "FETCH is no method",
    "POST": "write METHOD /path",
    "/parcels": "is no method",
    "POST parcels": "a segment of parcels is neither",
    "POST /parcels/": "without a slash at the end",
    "POST /../parcels": "is neither {name} nor",
    "POST /a/b/c/d/e/f": "deeper than 5 levels",
    "POST /parcels/{id}/{id}": "has {id} twice",
    "POST /par cels": "is neither {name} nor",
    ROUTE: f"{SERVICE} has this route",
}
CASES: list[tuple[str, dict[str, str], str]] = [
    ("new", {}, "nothing is given"),
    ("new", {"ENVIRONMENT": "made", "SERVICE": "parcels", "FROM": LIKE}, "ENVIRONMENT and SERVICE is given"),
    ("new", {"ENVIRONMENT": "made", "ROUTE": "GET /made", "FROM": LIKE}, "ENVIRONMENT and ROUTE is given"),
    ("new", {"SERVICE": "parcels", "FROM": LIKE}, "is for an environment"),
    ("new", {"ENVIRONMENT": "made"}, "FROM is not set"),
    ("new", {"ENVIRONMENT": "made", "FROM": "nowhere"}, "FROM=nowhere: blueprint.yaml lists no such environment"),
    ("new", {"ENVIRONMENT": LIKE, "FROM": LIKE}, "blueprint.yaml lists it"),
    *(("new", {"ENVIRONMENT": name, "FROM": LIKE}, f"ENVIRONMENT={name}: ") for name in BAD_NAMES),
    ("new", {"SERVICE": SERVICE}, f"lambda/{SERVICE} exists"),
    *(("new", {"SERVICE": name}, name) for name in BAD_SERVICES),
    *(("new", {"ROUTE": route}, said) for route, said in BAD_ROUTES.items()),
    ("new", {"ROUTE": "GET /parcels", "SERVICE": "nowhere"}, "lambda has no such service"),
    ("remove", {}, "remove takes one thing"),
    ("remove", {"ENVIRONMENT": LIKE, "SERVICE": SERVICE}, "remove takes one thing"),
    ("remove", {"ENVIRONMENT": "../envs"}, "blueprint.yaml lists no such environment"),
    ("remove", {"SERVICE": ".."}, "lambda has no such service"),
    ("remove", {"SERVICE": "rest"}, "lambda has no such service"),
    ("rename", {}, "nothing to rename is given"),
    ("rename", {"PREFIX": "Shop"}, "'Shop' is no prefix"),
    ("rename", {"PREFIX": "x" * 21}, "is no prefix"),
    ("rename", {"PROJECT": "my shop"}, "is no project"),
    ("rename", {"REGION": "Ireland"}, "is no region"),
    ("rename", {"PREFIX": read_blueprint().prefix}, "has these names already"),
]


@pytest.mark.parametrize(("verb", "given", "said"), CASES)
def test_what_cannot_be_done_is_one_line(verb: str, given: dict[str, str], said: str, copy: Path, run: Run) -> None:
    refused(copy, run, verb, said, **given)


def refused(copy: Path, run: Run, verb: str, said: str, **given: Any) -> None:
    before = contents(copy)
    with pytest.raises(HarnessError) as error:
        run(verb, **given)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.remedy
    assert contents(copy) == before


@pytest.mark.parametrize("place", ["envs/made/locals.tf", "tests/envs/made.yaml"])
def test_what_exists_is_not_overwritten(place: str, copy: Path, run: Run) -> None:
    (copy / place).parent.mkdir(exist_ok=True)
    (copy / place).write_text("mine\n")
    refused(copy, run, "new", f"{Path(*Path(place).parts[: 2 if place.startswith('envs') else 3])} exists",
            ENVIRONMENT="made", FROM=LIKE)  # fmt: skip


def test_a_share_that_is_no_number_is_refused(copy: Path, run: Run) -> None:
    run("new", SERVICE="parcels")
    place = f"envs/{LIKE}/locals.tf"
    text = (copy / place).read_text().replace("    parcels = {\n", "    parcels = {\n      share = local.most\n", 1)
    (copy / place).write_text(text)
    line = text.splitlines().index("      share = local.most") + 1
    for verb, name in (("new", "boxes"), ("remove", "parcels")):
        refused(copy, run, verb, f"{place}:{line}: share is no number", SERVICE=name)


def test_values_that_are_there_are_not_doubled(copy: Path, run: Run) -> None:
    place = copy / "envs" / LIKE / "locals.tf"
    text = HclText(Path(place.name), place.read_text())
    place.write_text(text.add("services", "parcels", {"memory_mb": "512"}).text)
    refused(copy, run, "new", f"envs/{LIKE}/locals.tf has parcels in services already", SERVICE="parcels")


@pytest.mark.parametrize("closed", ["envs", "tests/lambda", f"envs/{ENVIRONMENTS[-1]}/locals.tf"])
def test_a_place_that_cannot_be_written_is_named(
    closed: str, copy: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, _: not copy.joinpath(closed).samefile(path))
    given = {"ENVIRONMENT": "made", "FROM": LIKE} if closed == "envs" else {"SERVICE": "parcels"}
    refused(copy, run, "new", f"{closed} cannot be written", **given)


def test_a_file_in_the_place_of_a_folder_is_named(copy: Path, run: Run) -> None:
    shutil.rmtree(copy / "tests/lambda")
    (copy / "tests/lambda").write_text("mine")
    refused(copy, run, "new", "tests/lambda cannot be written", SERVICE="parcels")


@pytest.mark.parametrize("closed", ["lambda", "lambda/parcels/inner"])
def test_a_folder_that_cannot_be_emptied_is_named(
    closed: str, copy: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("new", SERVICE="parcels")
    (copy / "lambda/parcels/inner").mkdir()
    monkeypatch.setattr("os.access", lambda path, _: not copy.joinpath(closed).samefile(path))
    refused(copy, run, "remove", f"{closed} cannot be written", SERVICE="parcels")


def test_tests_of_a_service_are_not_overwritten(copy: Path, run: Run) -> None:
    (copy / "tests/lambda/parcels").mkdir()
    refused(copy, run, "new", "tests/lambda/parcels exists", SERVICE="parcels")


def test_the_last_of_a_kind_stays(copy: Path, run: Run) -> None:
    for name in ENVIRONMENTS[1:]:
        run("remove", ENVIRONMENT=name)
    refused(copy, run, "remove", f"ENVIRONMENT={LIKE} is the last environment", ENVIRONMENT=LIKE)
    for name in SERVICES[1:]:
        run("remove", SERVICE=name)
    refused(copy, run, "remove", f"SERVICE={SERVICE} is the last service", SERVICE=SERVICE)


def test_an_environment_that_another_is_compared_with_stays(copy: Path, run: Run) -> None:
    run("new", ENVIRONMENT="made", FROM=LIKE)
    text = (copy / "blueprint.yaml").read_text()
    (copy / "blueprint.yaml").write_text(text + "  more: {compared_with: made, guarded: true}\n")
    refused(copy, run, "remove", "another environment is compared with made", ENVIRONMENT="made")


def test_a_service_whose_table_another_uses_stays(copy: Path, run: Run) -> None:
    run("new", SERVICE="parcels")
    file = copy / "lambda" / SERVICE / "permissions.yaml"
    file.write_text(file.read_text() + "  - {sid: Look, resource: table:parcels, reason: r, actions: []}\n")
    refused(copy, run, "remove", "names table:parcels, a table of parcels", SERVICE="parcels")


def test_a_service_clashes_with_paths_operations_and_tables_of_others(copy: Path, run: Run) -> None:
    run("new", SERVICE="parcels")
    refused(copy, run, "new", "parcels has createParcel in its contract", SERVICE="parcel")
    run("new", ROUTE="GET /crates/{id}", SERVICE="parcels")
    refused(copy, run, "new", "parcels has /crates/{id} in its contract", SERVICE="crates")
    file = copy / "lambda/parcels/service.yaml"
    file.write_text(
        file.read_text().replace("\ntables:\n", "\ntables:\n  boxes: {hash_key: {name: id}, per_request: {}}\n")
    )
    refused(copy, run, "new", "parcels has a table of this name", SERVICE="boxes")


def test_a_route_takes_the_variables_that_are_there(copy: Path, run: Run) -> None:
    run("new", SERVICE="parcels")
    said = "parcels has /parcels/{id}, with another variable at the same place"
    refused(copy, run, "new", said, ROUTE="GET /parcels/{parcel}/weight")
    refused(copy, run, "new", "its service is not plain", ROUTE="GET /other")


def test_a_prefix_leaves_room_for_the_longest_service(copy: Path, run: Run) -> None:
    name = "p" * (64 - 20 - 2 - len(read_blueprint().prefix))
    run("new", SERVICE=name)
    refused(copy, run, "rename", "longer than the 64 characters", PREFIX="x" * 20)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("blueprint.yaml", r"environments:\n(.|\n)*", "environments: {live: {}, made: {}}\n", "on lines of their own"),
        ("blueprint.yaml", r"environments:\n(.|\n)*", "sites:\n  live: {}\n", "blueprint.yaml has no environments"),
    ],
)
def test_a_file_of_another_layout_is_refused_by_its_line(
    file: str, old: str, new: str, said: str, copy: Path, run: Run
) -> None:
    (copy / file).write_text(re.sub(old, new, (copy / file).read_text()))
    refused(copy, run, "new", said, ENVIRONMENT="other", FROM="live")


def test_a_handler_without_an_app_is_refused(copy: Path, run: Run) -> None:
    run("new", SERVICE="parcels")
    handler = copy / "lambda/parcels/handler.py"
    before = handler.read_text()
    for text, said in (
        ("def handler(event, context):\n    return {}\n", "has no function under @app.answers"),
        ("def handler(:\n", "handler.py:1 is no Python"),
        (before + "\n\nweigh_parcel = 1\n", "has weigh_parcel already"),
        (before.replace("from rest.app import App, Request", "import rest.app"), "no line that imports from rest.app"),
    ):
        handler.write_text(text)
        refused(copy, run, "new", said, ROUTE="POST /parcels/{id}/weigh")
