"""Smoke requests of one service: the steps of its service.yaml, checked against its contract and completed from it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.base.errors import HarnessError
from harness.contract.narrowing import resolved
from harness.facts import Service, SmokeStep

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """One step, ready to be sent.

    Attributes:
        path: with its query; ``{name}`` stands for what an earlier step kept.
        route: the operation it goes to, as ``GET /orders/{id}``.
        body: text that is sent; ``None`` for none.
        keep: fields of the answer by the name they are kept under.
        without_key: sent without the API key, and only where one is asked.
        cleanup: sent also after a step that failed.
        open: asks for no key.
        idempotent: takes an ``Idempotency-Key``.
    """

    name: str
    method: str
    path: str
    route: str
    status: int
    body: str | None
    content_type: str
    keep: Mapping[str, str]
    without_key: bool
    cleanup: bool
    open: bool
    idempotent: bool

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of kept values that the path asks for."""
        return tuple(_PLACEHOLDER.findall(self.path))


@dataclass(frozen=True, slots=True)
class Script:
    """Requests of one service, in order.

    Attributes:
        paths: every path of its contract.
        open_routes: routes that ask for no key.
    """

    service: str
    requests: tuple[Request, ...]
    paths: tuple[str, ...]
    open_routes: tuple[str, ...]

    @property
    def health(self) -> Request | None:
        """The first read that asks for no key and nothing else."""
        return next((one for one in self._reads() if one.open), None)

    @property
    def listing(self) -> Request | None:
        """The first read of the service's data that needs no name of an item."""
        return next((one for one in self._reads() if not one.open), None)

    @property
    def creation(self) -> Request | None:
        """The first creation that keeps something of its answer."""
        made = (one for one in self.requests if (one.method, one.status) == ("POST", 201) and one.keep)
        return next(made, None)

    @property
    def removal(self) -> Request | None:
        """The cleanup of the creation: the first that needs what it keeps and nothing else."""
        kept = self.creation.keep.keys() if self.creation else ()
        clean = (one for one in self.requests if one.cleanup and one.needs)
        return next((one for one in clean if set(one.needs) <= set(kept)), None)

    def has(self, path: str) -> bool:
        """Tell whether the contract has a path that ``path`` would be answered by."""
        return any(_matches(path, known) for known in self.paths)

    def _reads(self) -> Iterator[Request]:
        answers = (one for one in self.requests if one.method == "GET" and one.status == 200)
        return (one for one in answers if not one.needs and not one.without_key)


def script_of(name: str, service: Service, contract: Mapping[str, Any]) -> Script:
    """Complete the smoke steps of a service from its contract.

    Raises:
        HarnessError: a step names an operation that the contract does not have or a value that no earlier step keeps,
            or has no body where one is needed.
    """
    kept: set[str] = set()
    requests = []
    for step in service.smoke:
        request = _request(f"lambda/{name}/service.yaml (smoke: {step.name})", step, service, contract)
        unknown = [word for word in request.needs if word not in kept]
        if unknown:
            raise HarnessError(
                f"lambda/{name}/service.yaml (smoke: {step.name}): no earlier step keeps {unknown[0]}",
                f"add keep: {{{unknown[0]}: <field of the answer>}} to one",
            )
        kept |= step.keep.keys()
        requests.append(request)
    return Script(name, tuple(requests), tuple(contract["paths"]), service.open_routes)


def _request(place: str, step: SmokeStep, service: Service, contract: Mapping[str, Any]) -> Request:
    method, _, path = step.send.partition(" ")
    template = _template(path.partition("?")[0], method, contract)
    if not template:
        known = ", ".join(_routes(contract))
        file = place.partition(" ")[0]
        raise HarnessError(
            f"{place}: the contract has no operation {step.send}",
            f"remove that step in {file}, or let it send one of: {known}",
        )
    item = contract["paths"][template]
    operation, route = item[method.lower()], f"{method} {template}"
    content_type, body = _body(place, step, operation, contract)
    parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
    headers = {str(resolved(contract, one)["name"]).lower() for one in parameters}
    return Request(
        name=step.name,
        method=method,
        path=path,
        route=route,
        status=step.status,
        body=body,
        content_type=content_type,
        keep=step.keep,
        without_key=step.without_key,
        cleanup=step.cleanup,
        open=route in service.open_routes,
        idempotent="idempotency-key" in headers,
    )


def _body(
    place: str, step: SmokeStep, operation: Mapping[str, Any], contract: Mapping[str, Any]
) -> tuple[str, str | None]:
    asked = resolved(contract, operation.get("requestBody"))
    contents: Mapping[str, Mapping[str, Any]] = asked.get("content") or {_JSON: {}}
    content_type, media = next(iter(contents.items()))
    if step.raw is not None:
        return content_type, step.raw
    if step.body is not None:
        return content_type, json.dumps(step.body)
    examples = [media["example"]] if "example" in media else []
    examples += [resolved(contract, one)["value"] for one in (media.get("examples") or {}).values()]
    if examples:
        return content_type, json.dumps(examples[0])
    if asked.get("required"):
        raise HarnessError(
            f"{place}: {step.send} needs a body", "give the operation's request body an example, or the step a body"
        )
    return content_type, None


def _template(path: str, method: str, contract: Mapping[str, Any]) -> str:
    """Return the contract's path that a step's is answered by, the most literal first; empty when there is none."""
    fitting = [known for known, item in contract["paths"].items() if method.lower() in item and _matches(path, known)]
    return min(fitting, key=lambda known: (known != path, len(_PLACEHOLDER.findall(known))), default="")


def _matches(path: str, template: str) -> bool:
    """Tell whether a path, with placeholders of its own or without, is one of ``template``."""
    given, known = path.split("/"), template.split("/")
    if known[-1].endswith("+}") and len(given) >= len(known):
        given = given[: len(known)]
    if len(given) != len(known):
        return False
    return all(one == other or (one and _PLACEHOLDER.fullmatch(other)) for one, other in zip(given, known, strict=True))


def _routes(contract: Mapping[str, Any]) -> list[str]:
    verbs = ("get", "put", "post", "delete", "patch", "head")
    return [f"{verb.upper()} {path}" for path, item in contract["paths"].items() for verb in verbs if verb in item]
