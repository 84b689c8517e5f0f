"""A service.yaml: a share of its requests and a smoke request for a route more."""

import re

from harness.scaffold.naming import snake
from harness.scaffold.route_words import Route
from harness.scaffold.tree_edits import ScaffoldError
from harness.scaffold.yaml_text import Key, YamlText, scalar

_SHARE = 5
"""Percent that a new route gets, where the largest can spare it."""


def with_share(facts: YamlText, route: str) -> YamlText:
    """Return a service.yaml in whose mix a route has a share, taken from the largest; as it is where it has no mix.

    Raises:
        ScaffoldError: the mix does not hold a number a line.
    """
    mix = facts.find("mix")
    if mix is None or mix.value == "{}":
        return facts
    shares = {key: _percent(facts, key) for key in facts.held(mix)}
    largest = max(shares, key=lambda key: shares[key])
    given = min(_SHARE, shares[largest] / 2)
    given = float(int(given)) or given
    indent = " " * largest.indent
    text = facts.put(largest, f"{shares[largest] - given:g}")
    end = max(key.end for key in shares)
    return text.replace(end, end, [f"{indent}{route}: {given:g}"])


def with_smoke(facts: YamlText, route: Route, operation: str) -> YamlText:
    """Return a service.yaml whose smoke requests ask the route, too, before what they made is cleaned up.

    Raises:
        ScaffoldError: the requests do not stand on lines of their own.
    """
    smoke = facts.find("smoke")
    if smoke is None:
        return facts.replace(len(facts.lines), len(facts.lines), ["", "smoke:", f"  {_step(route, operation, set())}"])
    if smoke.value:
        raise facts.refusal(smoke.start, "smoke does not hold its requests on lines of their own")
    lines = range(smoke.start + 1, smoke.end)
    items = [at for at in lines if facts.lines[at].lstrip().startswith("- ")]
    if not items:
        raise facts.refusal(smoke.start, "smoke holds no request")
    place = facts.indent(items[0])
    starts = [at for at in items if facts.indent(at) == place]
    spans = list(zip(starts, [*starts[1:], smoke.end], strict=True))
    clean = next((start for start, end in spans if _says(facts, start, end, r"\bcleanup: true")), smoke.end)
    kept = {name for start, end in spans if start < clean for name in _kept("\n".join(facts.lines[start:end]))}
    return facts.replace(clean, clean, [f"{' ' * place}{_step(route, operation, kept)}"])


def _says(facts: YamlText, start: int, end: int, pattern: str) -> bool:
    return re.search(pattern, "\n".join(facts.lines[start:end])) is not None


def _kept(step: str) -> list[str]:
    """List the names under which a step keeps fields of its answer."""
    found = re.search(r"\bkeep: \{([^}]*)\}", step)
    return re.findall(r"([\w-]+):", found[1]) if found else []


def _step(route: Route, operation: str, kept: set[str]) -> str:
    """Write the request; a variable that no earlier step keeps is any text."""
    path = route.path
    for name in route.variables:
        path = path if name in kept else path.replace(f"{{{name}}}", "example")
    send = f"{route.verb.upper()} {path}"
    quoted = f'"{send}"' if "{" in send else send
    name = snake(operation).replace("_", " ")
    return f"- {{name: {scalar(name) if ' ' not in name else name}, send: {quoted}, status: {route.status}}}"


def _percent(facts: YamlText, key: Key) -> float:
    try:
        return float(key.value)
    except ValueError as error:
        said = f"{facts.place}:{key.start + 1}: {key.value} is no percent"
        raise ScaffoldError(said, "write a number") from error
