"""Make a route: its operation in the contract, a function that answers, what service.yaml says of it, a test."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.base.errors import UsageError
from harness.base.paths import contract_source
from harness.scaffold.contract_text import first_tag, path_variables
from harness.scaffold.handler_text import with_function
from harness.scaffold.naming import snake
from harness.scaffold.new_service import TEMPLATES, TESTS, filled
from harness.scaffold.product import SERVICES, Contract, contracts, listed_service, read_yaml
from harness.scaffold.route_words import Route, clash, read_route
from harness.scaffold.service_text import with_share, with_smoke
from harness.scaffold.tree_edits import Edits, ScaffoldError, read_text
from harness.scaffold.yaml_text import YamlText, scalar

# Problems by the response that a contract has for them, and when a route can meet them.
_REFUSALS = (
    (400, "BadRequest"), (403, "Forbidden"), (404, "NotFound"), (413, "TooLarge"), (415, "UnsupportedMediaType"),
    (429, "TooManyRequests"), (500, "Internal"), (503, "Unavailable"), (504, "Timeout"),
)  # fmt: skip
_OF_BODIES, _OF_VARIABLES = (413, 415), (404,)
_VARIABLE = '{type: string, pattern: "^[A-Za-z0-9_-]{1,64}$"}'
_NOTE = (
    '{type: string, description: No control characters., maxLength: 200, pattern: "^[^\\\\u0000-\\\\u001f\\\\u007f]*$"}'
)


def new_route(tree: Path, text: str, service: str) -> Edits:
    """Compute the edits that a route takes.

    Args:
        service: whose it is; empty: the one whose paths begin alike, or the only one.

    Raises:
        UsageError: the route is none, clashes with another, or its service is not plain.
        ScaffoldError: a file of the service cannot be edited.
    """
    route, known = read_route(text), contracts(tree)
    owner = listed_service(service, tree) if service else _owner(route, known)
    if owner not in known:
        raise ScaffoldError(f"{SERVICES / owner} has no openapi.yaml", "write the contract first")
    _refuse_clash(route, known)
    operation = _operation(route, known)
    contract = read_yaml(tree, contract_source(owner, tree).relative_to(tree))
    facts = read_yaml(tree, SERVICES / owner / "service.yaml")
    handler = SERVICES / owner / "handler.py"
    words = {"__operation__": operation, "__route__": route.name, "__function__": snake(operation)}
    texts = {
        contract.place: with_operation(contract, route, words).text,
        handler: with_function(handler, read_text(tree, handler), _function(route), words),
        facts.place: with_smoke(with_share(facts, route.name), route, operation).text,
        **_test(tree, owner, route, words),
    }
    return Edits(texts, decide=tuple(_decide(owner, route, words["__function__"], texts)))


def with_operation(contract: YamlText, route: Route, words: Mapping[str, str]) -> YamlText:
    """Return a contract with the operation at the end of its path, or with the path at the end of its paths."""
    paths = contract.need("paths")
    own = contract.find("paths", route.path)
    lines = list(_operation_lines(contract, route, words))
    if own is None:
        end = contract.held(paths)[-1].end if contract.held(paths) else paths.start + 1
        return contract.replace(end, end, [f"  {route.path}:", *lines])
    contract.held(own)  # refuses what is not in block style
    return contract.replace(own.end, own.end, lines)


def _operation_lines(contract: YamlText, route: Route, words: Mapping[str, str]) -> Iterator[str]:
    """Write the operation, strict as those of new services are."""
    at_path = path_variables(contract, route.path)
    tag = first_tag(contract)
    parts = {
        "__verb__": route.verb,
        "__summary__": f"{snake(words['__operation__']).replace('_', ' ').capitalize()}",
        "__tags__": f"      tags: [{tag}]" if tag else "",
        "__parameters__": "\n".join(_parameters([name for name in route.variables if name not in at_path])),
        "__body__": "\n".join(_body(route)),
        "__status__": str(route.status),
        "__answer__": "\n".join(_answer(route)),
        "__refusals__": "\n".join(_refusals(contract, route)),
        **words,
    }
    template = (TEMPLATES / "route" / "operation.yaml.txt").read_text(encoding="utf-8")
    yield from (line for line in filled(template, parts).splitlines() if line.strip())


def _parameters(names: list[str]) -> Iterator[str]:
    if names:
        yield "      parameters:"
    for name in names:
        yield from (f"        - name: {scalar(name)}", "          in: path", "          required: true")
        yield f"          schema: {_VARIABLE}"


def _body(route: Route) -> Iterator[str]:
    if route.has_body:
        yield from ("      requestBody:", "        required: true", "        content:", "          application/json:")
        yield from _schema(12, {"note": _NOTE}, required=[])
        yield "            example: {note: Example}"


def _answer(route: Route) -> Iterator[str]:
    yield "          description: Done."
    if route.status != 200:
        return
    note, status = _own_fields(route)
    fields = {**dict.fromkeys(route.variables, _VARIABLE), **({note: _NOTE} if route.has_body else {})}
    fields |= {status: "{type: string, enum: [ok]}"}
    yield from ("          content:", "            application/json:")
    yield from _schema(14, fields, required=list(fields))
    sent = {note: "Example"} if route.has_body else {}
    example = {**dict.fromkeys(route.variables, "example"), **sent, status: "ok"}
    yield f"              example: {{{', '.join(f'{scalar(name)}: {value}' for name, value in example.items())}}}"


def _own_fields(route: Route) -> tuple[str, str]:
    """Name the fields of an answer that stand for those to come, beside the variables, which are fields, too."""
    before = ""
    while {f"{before}note", f"{before}status"} & {*route.variables}:
        before += "own_"
    return f"{before}note", f"{before}status"


def _schema(indent: int, fields: Mapping[str, str], required: list[str]) -> Iterator[str]:
    space = " " * indent
    yield from (f"{space}schema:", f"{space}  type: object")
    if required:
        yield f"{space}  required: [{', '.join(map(scalar, required))}]"
    yield from (f"{space}  additionalProperties: false", f"{space}  properties:")
    yield from (f"{space}    {scalar(name)}: {schema}" for name, schema in fields.items())


def _refusals(contract: YamlText, route: Route) -> Iterator[str]:
    held = contract.find("components", "responses")
    known = {key.name for key in contract.held(held)} if held else set()
    for status, name in _REFUSALS:
        met = (route.has_body or status not in _OF_BODIES) and (bool(route.variables) or status not in _OF_VARIABLES)
        if met and name in known:
            yield f'        "{status}": {{$ref: "#/components/responses/{name}"}}'


def _function(route: Route) -> str:
    """Write what the function does: answer as the contract promises, with what the request brought."""
    if route.status != 200:
        return f"    return text_answer({route.status})"
    note, status = _own_fields(route)
    fields = [f'"{name}": request.parameters.path["{name}"]' for name in route.variables]
    fields += [f'"{note}": request.body().get("note", "")'] if route.has_body else []
    lines = [f"        {field}," for field in (*fields, f'"{status}": "ok"')]
    return "\n".join(["    answer = {", *lines, "    }", "    return json_answer(200, answer)"])


def _test(tree: Path, owner: str, route: Route, words: Mapping[str, str]) -> dict[Path, str]:
    """Write a test, where the service's tests have a client to ask with."""
    fixtures = tree / TESTS / owner / "conftest.py"
    place = TESTS / owner / f"test_{words['__function__']}.py"
    if not fixtures.exists() or "\ndef api(" not in fixtures.read_text(encoding="utf-8") or (tree / place).exists():
        return {}
    url = route.path
    for name in route.variables:
        url = url.replace(f"{{{name}}}", "example")
    template = (TEMPLATES / "route" / "test.py.txt").read_text(encoding="utf-8")
    sent = ', body={"note": "Example"}' if route.has_body else ""
    parts = {"__METHOD__": route.verb.upper(), "__url__": url, "__sent__": sent, "__status__": str(route.status)}
    return {place: filled(template, {**parts, **words})}


def _owner(route: Route, known: Mapping[str, Contract]) -> str:
    """Return the service whose paths begin as the route does, or the only one."""
    first = route.path.split("/")[1]
    alike = [name for name, contract in known.items() if any(path.split("/")[1] == first for path in contract.paths)]
    found = alike or list(known)
    if len(found) != 1:
        raise UsageError(f"ROUTE={route.name}: its service is not plain", f"say SERVICE= one of {', '.join(known)}")
    return found[0]


def _refuse_clash(route: Route, known: Mapping[str, Contract]) -> None:
    for service, contract in known.items():
        if route.name in contract.routes:
            raise UsageError(f"ROUTE={route.name}: {service} has this route", "choose another one")
        if other := clash(route.path, contract.paths):
            said = f"ROUTE={route.name}: {service} has {other}, with another variable at the same place"
            raise UsageError(said, "give the variable the same name, as the gateway takes one there")


def _operation(route: Route, known: Mapping[str, Contract]) -> str:
    taken = {operation for contract in known.values() for operation in contract.operations}
    for name in route.operation_ids():
        if name not in taken:
            return name
    raise UsageError(f"ROUTE={route.name}: operation {name} is in a contract already", "write this route by hand")


def _decide(owner: str, route: Route, function: str, texts: Mapping[Path, str]) -> Iterator[str]:
    yield f"lambda/{owner}/openapi.yaml: the fields of {route.name}; note and status stand for yours"
    yield f"lambda/{owner}/handler.py: {function} answers without doing anything yet"
    yield f"lambda/{owner}/service.yaml: per_request of the tables that it reads or writes; its share in mix"
    if not any(place.is_relative_to(TESTS) for place in texts):
        yield f"tests/lambda/{owner}: a test of it"
    yield "then: make bundle, make inventory ENV= WRITE=1 for each environment"
