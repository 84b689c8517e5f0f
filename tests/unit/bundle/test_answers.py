"""A service on rest.app answers each operation of its contract with one function, or its bundle is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.contract import document

from harness.base.errors import HarnessError
from harness.base.paths import REPO
from harness.bundle.answers import require_answers
from harness.bundle.service_files import own_code
from harness.facts import service_names

CONTRACT = {"paths": {"/x": {"get": {"operationId": "getX"}, "put": {"operationId": "putX"}, "parameters": []}}}
BOTH = 'app = App()\n@app.answers("getX")\ndef one(): pass\n@app.answers("putX")\ndef two(): pass\n'


@pytest.mark.parametrize("imported", ["from rest.app import App", "from rest import app", "import rest.app"])
def test_each_operation_has_a_function(imported: str) -> None:
    code = f"{imported}\n{BOTH}"
    require_answers("orders", {"handler.py": code.encode()}, CONTRACT)
    with pytest.raises(HarnessError, match=r"^lambda/orders: no function answers putX -> write one function under "):
        require_answers("orders", {"handler.py": code.replace('@app.answers("putX")\n', "").encode()}, CONTRACT)


def test_functions_may_stand_in_several_files() -> None:
    first, second = BOTH.split('@app.answers("putX")')
    files = {
        "a.py": f"from rest.app import App\n{first}",
        "b.py": f'from orders.a import app\n@app.answers("putX"){second}',
    }
    require_answers("orders", {name: text.encode() for name, text in files.items()}, CONTRACT)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('@app.answers("getY")\ndef three(): pass', "answers('getY') names no operation of the contract"),
        ('app.answers("getX")(print)', "answers('getX') answers it again"),
        ("app.answers(NAME)(print)", "answers() takes an id in quotes"),
        ("app.answers()(print)", "answers() takes an id in quotes"),
        ("app.answers(1)(print)", "answers() takes an id in quotes"),
    ],
)
def test_a_function_of_no_operation_or_of_an_answered_one_is_told(more: str, told: str) -> None:
    code = f"from rest.app import App\n{BOTH}{more}\n"
    with pytest.raises(HarnessError) as refused:
        require_answers("orders", {"handler.py": code.encode()}, CONTRACT)
    assert refused.value.tried == f"lambda/orders/handler.py:7: {told}"


def test_everything_is_told_at_once() -> None:
    code = 'import rest.app\napp.answers("a")(print)\napp.answers(b)(print)\n'
    with pytest.raises(HarnessError) as refused:
        require_answers("orders", {"handler.py": code.encode()}, CONTRACT)
    assert [part.partition(": ")[2] for part in refused.value.tried.split("; ")] == [
        "answers('a') names no operation of the contract",
        "answers() takes an id in quotes",
        "no function answers getX, putX",
    ]


@pytest.mark.parametrize(
    "code", ["handler = print", "from rest.answers import Answer", "from rest import body", "import rest"]
)
def test_a_service_without_the_app_answers_as_it_likes(code: str) -> None:
    require_answers("orders", {"handler.py": code.encode()}, CONTRACT)


def test_services_of_this_product_are_held_to_it() -> None:
    for name in service_names():
        code = own_code(Path(REPO / "lambda" / name))
        if any(b"rest.app" in text for text in code.values()):
            with pytest.raises(HarnessError, match="no function answers addedHere"):
                added = {"/added": {"get": {"operationId": "addedHere"}}}
                require_answers(name, code, {"paths": document(name)["paths"] | added})
