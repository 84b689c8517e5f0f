"""A service on rest.app answers each operation of its contract with one function, or its bundle is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.contract import document

from harness.base.errors import HarnessError
from harness.base.paths import REPO
from harness.bundle.answers import require_answers
from harness.bundle.service_files import own_code
from harness.facts import read_service, service_names

CONTRACT = {"paths": {"/x": {"get": {"operationId": "getX"}, "put": {"operationId": "putX"}, "parameters": []}}}
BOTH = 'app = App()\n@app.answers("getX")\ndef one(): pass\n@app.answers("putX")\ndef two(): pass\n'


def require(code: str | dict[str, str], handler: str = "orders.handler.handler") -> None:
    files = {"handler.py": code} if isinstance(code, str) else code
    require_answers("orders", handler, {name: text.encode() for name, text in files.items()}, CONTRACT)


@pytest.mark.parametrize("imported", ["from rest.app import App", "from rest import app", "import rest.app"])
def test_each_operation_has_a_function(imported: str) -> None:
    made = "rest.app.App" if imported == "import rest.app" else "app.App"
    code = f"{imported}\n{BOTH if imported.endswith(' App') else BOTH.replace('App', made)}"
    require(code)
    with pytest.raises(HarnessError, match=r"^lambda/orders: no function answers putX -> write one function under "):
        require(code.replace('@app.answers("putX")\n', ""))


def test_functions_may_stand_in_several_files() -> None:
    first, second = BOTH.split('@app.answers("putX")')
    files = {
        "a.py": f"from rest.app import App\n{first}",
        "b.py": f'from orders.a import app\n@app.answers("putX"){second}',
    }
    require(files, "orders.b.handler")
    with pytest.raises(
        HarnessError, match=r"^lambda/orders: no function answers putX -> .* level of orders.a or of a "
    ):
        require(files, "orders.a.handler")


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
        require(code)
    assert refused.value.tried == f"lambda/orders/handler.py:7: {told}"


def test_everything_is_told_at_once() -> None:
    code = 'import rest.app\napp = rest.app.App()\napp.answers("a")(print)\napp.answers(b)(print)\n'
    with pytest.raises(HarnessError) as refused:
        require(code)
    assert [part.partition(": ")[2] for part in refused.value.tried.split("; ")] == [
        "answers('a') names no operation of the contract",
        "answers() takes an id in quotes",
        "no function answers getX, putX",
    ]


ONE, TWO = '@app.answers("getX")\ndef one(): pass\n', '@app.answers("putX")\ndef two(): pass\n'
APP, HANDLER = "from rest.app import App\napp = App()\n", "handler = app.handler\n"
LEFT = "lambda/orders: no function answers putX"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        pytest.param(
            APP + ONE + HANDLER + TWO,
            "lambda/orders/handler.py:5: reads app.handler above line 6, which it needs",
            id="above a function",
        ),
        pytest.param(
            {
                "handler.py": APP + ONE + HANDLER + "from orders import two",
                "two.py": f"from .handler import app\n{TWO}",
            },
            "lambda/orders/handler.py:5: reads app.handler above line 6, which it needs",
            id="above an import",
        ),
        pytest.param({"handler.py": APP + ONE, "b.py": f"from .handler import app\n{TWO}"}, LEFT, id="never imported"),
        pytest.param(
            {"handler.py": APP + ONE + "def f(): import orders.b\n", "b.py": f"from .handler import app\n{TWO}"},
            LEFT,
            id="imported at a request",
        ),
        pytest.param(
            {
                "a.py": APP + ONE + HANDLER,
                "b.py": f"from .a import app\n{TWO}",
                "handler.py": "from .a import handler\nfrom . import b\n",
            },
            "lambda/orders/a.py:5: reads app.handler and does not import b.py",
            id="read in a module that does not import all",
        ),
        pytest.param(
            APP + ONE + "other = App()\n" + TWO.replace("app", "other"),
            "lambda/orders/handler.py:5: makes a second App, one answers all operations",
            id="two Apps",
        ),
        pytest.param(
            "from rest.app import App\ndef made(): app = App()\nmade()\n" + ONE + TWO,
            "lambda/orders: no module makes its App at the top level, as app = App(); "
            "lambda/orders: no function answers getX, putX",
            id="made in a function",
        ),
        pytest.param(APP + ONE + "def f():\n " + TWO.replace("\n", "\n ", 1), LEFT, id="inside a function"),
        pytest.param(APP + ONE + 'app.answers("putX")\n', LEFT, id="given nothing"),
        pytest.param(APP + ONE + TWO.replace("def two()", "class Two"), LEFT, id="a class"),
        pytest.param(APP + ONE + TWO.replace("def", "async def"), LEFT, id="a coroutine"),
        pytest.param(
            "from rest import *\napp = app.App()\n" + ONE,
            "lambda/orders/handler.py:1: from rest import * imports none of its modules, name them",
            id="star",
        ),
    ],
)
def test_what_fails_at_every_cold_start_is_refused(code: str | dict[str, str], told: str) -> None:
    with pytest.raises(HarnessError) as refused:
        require(code)
    assert refused.value.tried == told


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(APP + ONE + TWO + HANDLER, id="plain"),
        pytest.param(APP + "quiz = Quiz()\nquiz.answers(1)\nhandler = quiz.handler\n" + ONE + TWO, id="another's"),
        pytest.param(
            {
                "__init__.py": "from .one import shared",
                "one.py": "from rest.app import *\nclass Own(App): pass\nshared = 1\napp: Own = Own()\n"
                "from . import two\n" + ONE,
                "two.py": "from orders.one import app as whole\n" + TWO.replace("app", "whole"),
                "handler.py": "from orders import one\nhandler = one.app.handler\n",
            },
            id="a package with a class of its own",
        ),
        pytest.param(
            APP.replace("app =", "def make(): return App()\napp =").replace("= App", "= make") + ONE + TWO, id="made"
        ),
        pytest.param(APP + ONE + TWO + "def handler(event, context): return app.handler(event, context)", id="later"),
    ],
)
def test_what_starts_is_taken(code: str | dict[str, str]) -> None:
    require(code)


@pytest.mark.parametrize(
    "code",
    [
        "handler = print",
        "from rest.answers import Answer",
        "from rest import body",
        "import rest",
        "from rest.app import Request",
        "if TYPE_CHECKING:\n from rest.app import App\nhandler = quiz.answers('x')(print)",
    ],
)
def test_a_service_without_the_app_answers_as_it_likes(code: str) -> None:
    require(code)


def test_services_of_this_product_are_held_to_it() -> None:
    for name in service_names():
        code = own_code(Path(REPO / "lambda" / name))
        if any(b"rest.app" in text for text in code.values()):
            with pytest.raises(HarnessError, match="no function answers addedHere"):
                added = {"/added": {"get": {"operationId": "addedHere"}}}
                handler = read_service(name).handler
                require_answers(name, handler, code, {"paths": document(name)["paths"] | added})
