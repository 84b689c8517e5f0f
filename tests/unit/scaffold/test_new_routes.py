"""A new route: in the contract, the handler, the mix and the smoke requests; comments and order of each file stay."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.scaffold.conftest import Run, contents

from harness.base.paths import contract_source
from harness.contract import compile_text
from harness.facts import read_mix, read_routes, read_service
from harness.facts.script import script_of
from harness.scaffold.contract_text import first_tag, path_variables
from harness.scaffold.route_words import clash, read_route
from harness.scaffold.tree_edits import ScaffoldError
from harness.scaffold.yaml_text import YamlText

ROUTES = (
    "POST /parcels/{id}/weigh",
    "GET /parcels",
    "PUT /parcels/{id}",
    "PATCH /parcels/{id}",
    "HEAD /parcels/{id}",
    "OPTIONS /parcels",
    "DELETE /parcels/{id}/labels/{label}",
    "GET /parcels/{id}/labels/{label}/lines",
    "POST /notes/{note}/{status}/{own_note}",
    "PUT /switches/{yes}/{null}",
)


@pytest.fixture
def parcels(copy: Path, run: Run) -> Path:
    """The folder of a new service."""
    run("new", SERVICE="parcels")
    return copy / "lambda/parcels"


def contract_of(tree: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(compile_text(contract_source("parcels", tree).read_bytes(), "parcels"))
    return found


@pytest.mark.parametrize("route", ROUTES)
def test_contract_handler_and_smoke_requests_know_it(route: str, copy: Path, parcels: Path, run: Run) -> None:
    before = {place: text for place, text in contents(copy).items() if isinstance(text, bytes)}
    run("new", ROUTE=route, SERVICE="parcels")
    contract = contract_of(copy)
    method, path = route.split(" ")
    operation = contract["paths"][path][method.lower()]
    assert route in read_routes("parcels", copy)
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    assert names == {part.strip("{}") for part in path.split("/") if part.startswith("{")}
    script = script_of("parcels", read_service("parcels", copy), contract)
    asked = next(step for step in script.requests if step.route == route)
    assert str(asked.status) in operation["responses"]
    assert not any(step.cleanup for step in script.requests[: script.requests.index(asked)])
    tree = ast.parse((parcels / "handler.py").read_text())
    answers = [[ast.unparse(key) for key in one.keys if key] for one in ast.walk(tree) if isinstance(one, ast.Dict)]
    assert all(len({*keys}) == len(keys) for keys in answers)
    answered = {
        ast.literal_eval(one.args[0])
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for one in node.decorator_list
        if isinstance(one, ast.Call)
    }
    assert operation["operationId"] in answered
    for place in ("openapi.yaml", "service.yaml", "handler.py"):
        old, new = before[f"lambda/parcels/{place}"].decode().splitlines(), (parcels / place).read_text().splitlines()
        kept = iter(new)
        assert all(line in kept for line in old), f"{place} lost a line"


def test_a_second_verb_joins_the_path(copy: Path, parcels: Path, run: Run) -> None:
    run("new", ROUTE="PUT /parcels/{id}")
    text = (parcels / "openapi.yaml").read_text()
    assert text.count("  /parcels/{id}:\n") == 1
    assert text.index("operationId: deleteParcel\n") < text.index("operationId: replaceParcel\n")
    handler = (parcels / "handler.py").read_text()
    places = [handler.index(f"def {name}(") for name in ("get_parcel", "delete_parcel", "replace_parcel")]
    assert [*places, handler.index("handler = app.handler")] == sorted(
        [*places, handler.index("handler = app.handler")]
    )
    assert set(contract_of(copy)["paths"]["/parcels/{id}"]) >= {"get", "put", "delete"}


def test_parameters_of_the_path_are_not_said_twice(copy: Path, parcels: Path, run: Run) -> None:
    file = parcels / "openapi.yaml"
    shared = "    parameters:\n      - {name: box, in: path, required: true, schema: {type: string, maxLength: 9}}\n"
    get = "    get:\n      operationId: getBox\n      responses: {'200': {description: It.}}\n"
    item = f"  /boxes/{{box}}:\n{shared}{get}"
    file.write_text(file.read_text().replace("paths:\n", f"paths:\n{item}", 1))
    handler = parcels / "handler.py"
    run("new", ROUTE="PUT /boxes/{box}", SERVICE="parcels")
    (parameter,) = contract_of(copy)["paths"]["/boxes/{box}"]["put"]["parameters"]
    assert parameter["schema"] == {"type": "string", "maxLength": 9}
    assert "def replace_box(request: Request)" in handler.read_text()


@pytest.mark.parametrize(
    ("parameters", "own"),
    [
        ("[{name: box, in: path, required: true, schema: {type: string}}]", None),
        ("\n      - {name: box, in: header, schema: {type: string}}", ["box"]),
        ("\n      - {name: boxes, in: path}", ["box"]),
        ("\n      # - {name: box, in: path}\n      - {name: size, in: query}", ["box"]),
        ("\n      - in: path\n        required: true\n        name: 'box'", []),
        ('\n      - $ref: "#/components/parameters/Box"', []),
    ],
)
def test_only_variables_count_that_the_path_declares(parameters: str, own: list[str] | None) -> None:
    shared = "components:\n  parameters:\n    Box:\n      name: box\n      in: path\n"
    text = YamlText(Path("a.yaml"), f"paths:\n  /boxes/{{box}}:\n    parameters: {parameters}\n{shared}")
    if own is None:
        with pytest.raises(ScaffoldError, match=r"a\.yaml:3: parameters does not hold"):
            path_variables(text, "/boxes/{box}")
    else:
        assert [name for name in ["box"] if name not in path_variables(text, "/boxes/{box}")] == own


@pytest.mark.parametrize(
    ("tags", "tag"),
    [
        ("  - {name: parcels, description: The one.}", "parcels"),
        ("  - {name: parcels} # all", "parcels"),
        ("  # first\n  - name: 'parcels, boxes'\n", "parcels, boxes"),
        ("  - name: parcels, boxes # both\n    description: d", "parcels, boxes"),
        ('  - {description: "d", name: "a, {b}"}', "a, {b}"),
        ("  - {name: my parcels}", "my parcels"),
        ("  - description: d\n    name: parcels", "parcels"),
    ],
)
def test_the_first_tag_is_read_whole(tags: str, tag: str) -> None:
    text = f"tags:\n{tags}\n"
    assert yaml.safe_load(text)["tags"][0]["name"] == tag
    assert yaml.safe_load(f"[{first_tag(YamlText(Path('a.yaml'), text))}]") == [tag]
    assert first_tag(YamlText(Path("a.yaml"), "paths: {}\n")) == ""


def test_a_title_is_text(copy: Path, run: Run) -> None:
    run("new", SERVICE="no_")
    assert isinstance(yaml.safe_load(contract_source("no_", copy).read_bytes())["info"]["title"], str)


def test_the_share_is_taken_from_the_largest(copy: Path, parcels: Path, run: Run) -> None:
    mix = "mix:\n  POST /parcels: 20\n  GET /parcels/{id}: 70 # most\n  DELETE /parcels/{id}: 10\n\n"
    file = parcels / "service.yaml"
    file.write_text(file.read_text().replace("# Tables of this service", f"{mix}# Tables of this service", 1))
    run("new", ROUTE="GET /parcels")
    assert read_mix("parcels", copy) == {
        "DELETE /parcels/{id}": 0.1,
        "GET /parcels": 0.05,
        "GET /parcels/{id}": 0.65,
        "POST /parcels": 0.2,
    }
    assert (
        "  GET /parcels/{id}: 65 # most\n  DELETE /parcels/{id}: 10\n  GET /parcels: 5\n\n# Tables" in file.read_text()
    )


def test_variables_that_no_earlier_step_keeps_are_any_text(copy: Path, parcels: Path, run: Run) -> None:
    file = parcels / "service.yaml"
    file.write_text(file.read_text() + "  - {name: late, send: POST /parcels, status: 201, keep: {label: id}}\n")
    run("new", ROUTE="DELETE /parcels/{id}/labels/{label}")
    assert '"DELETE /parcels/{id}/labels/example"' in (parcels / "service.yaml").read_text()


def test_tests_are_written_where_there_is_a_client(copy: Path, parcels: Path, run: Run) -> None:
    assert "tests/lambda/parcels/test_weigh_parcel.py" in run("new", ROUTE="POST /parcels/{id}/weigh")
    (copy / "tests/lambda/parcels/conftest.py").unlink()
    said = run("new", ROUTE="GET /parcels")
    assert "test_list_parcels.py" not in said
    assert "tests/lambda/parcels: a test of it" in said


@pytest.mark.parametrize(
    ("route", "operation"),
    [
        ("GET /orders", "listOrders"),
        ("POST /orders", "createOrder"),
        ("GET /orders/{id}", "getOrder"),
        ("PUT /orders/{id}", "replaceOrder"),
        ("PATCH /orders/{id}", "updateOrder"),
        ("DELETE /orders/{id}", "deleteOrder"),
        ("POST /orders/{id}/pay", "payOrder"),
        ("POST /orders/{id}/lines", "createOrderLine"),
        ("GET /orders/{id}/lines", "listOrderLines"),
        ("GET /stock", "getStock"),
        ("GET /my-orders/{id}", "getMyOrder"),
        ("GET /{id}", "getRoot"),
    ],
)
def test_an_operation_is_called_as_a_person_would(route: str, operation: str) -> None:
    assert next(read_route(route).operation_ids()) == operation


def test_a_name_that_is_taken_gives_way_to_a_longer_one(parcels: Path, run: Run) -> None:
    file = parcels / "openapi.yaml"
    file.write_text(file.read_text().replace("deleteParcel", "weighParcel"))
    run("new", ROUTE="POST /parcels/{id}/weigh")
    assert "operationId: createParcelWeigh\n" in file.read_text()


@pytest.mark.parametrize(
    ("path", "known", "clashing"),
    [
        ("/a/{x}", ["/a/{y}"], "/a/{y}"),
        ("/a/{x}/b", ["/a/{y}"], "/a/{y}"),
        ("/a/{x}", ["/b/{y}", "/a/b", "/a/{x}/{y}"], ""),
        ("/{x}", ["/{y}/c"], "/{y}/c"),
        ("/a/b/{x}", ["/a/{z}/{y}"], ""),
    ],
)
def test_another_variable_at_the_same_place_clashes(path: str, known: list[str], clashing: str) -> None:
    assert clash(path, known) == clashing
