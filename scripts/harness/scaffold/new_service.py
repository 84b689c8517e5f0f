"""Make a service: a small one that works, with a table of its own, in every environment."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.base.errors import UsageError
from harness.base.names import package_fault
from harness.base.paths import SHARED
from harness.scaffold.hcl_text import HclText
from harness.scaffold.naming import placeholders
from harness.scaffold.new_environment import ROOTS
from harness.scaffold.product import (
    BLUEPRINT,
    SERVICES,
    contracts,
    environments,
    read_yaml,
    require_room,
    tables,
)
from harness.scaffold.tree_edits import Edits, read_text, refuse_existing
from harness.scaffold.yaml_text import scalar

TESTS = Path("tests/lambda")
TEMPLATES = Path(__file__).parent / "templates"
_SUFFIX = ".txt"
# Packages that a zip or Lambda's Python has, and the harness's own: a service of such a name would hide one.
_TAKEN = {
    "aws_lambda_powertools", "boto3", "botocore", "dateutil", "harness", "jmespath", "rest", "s3transfer", "six",
    "tests", "typing_extensions", "urllib3",
}  # fmt: skip
_VALUES = {"memory_mb": "512", "reserved_concurrency": "10", "timeout_seconds": "10"}
_PROTECTION = ("deletion_protection_enabled", "recovery_days")


def new_service(tree: Path, name: str) -> Edits:
    """Compute the files of a service and its values in every environment.

    Raises:
        UsageError: the name cannot be taken: by itself, or as routes, operations or a table of another service have it.
        ScaffoldError: something of this name is there, or a file cannot be edited.
    """
    _refuse_name(name, read_yaml(tree, BLUEPRINT).need("prefix").value.strip("\"'"), tree)
    words = placeholders(name)
    texts = {SERVICES / name / file: text for file, text in rendered("service/code", words).items()}
    texts |= {TESTS / name / file: text for file, text in rendered("service/tests", words).items()}
    _refuse_clash(name, texts[SERVICES / name / "openapi.yaml"], tree)
    roots = [key.name for key in environments(read_yaml(tree, BLUEPRINT))]
    for root in roots:
        place = ROOTS / root / "locals.tf"
        texts[place] = _with_values(HclText(place, read_text(tree, place)), name).text
    return Edits(texts, decide=tuple(_decide(name, words["__path__"], roots)))


def rendered(folder: str, words: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a folder of templates by their names, with words in the place of placeholders."""
    found = {}
    for file in sorted((TEMPLATES / folder).glob(f"*{_SUFFIX}")):
        found[filled(file.name.removesuffix(_SUFFIX), words)] = filled(file.read_text(encoding="utf-8"), words)
    return found


def filled(text: str, words: Mapping[str, str]) -> str:
    """Put words in the place of placeholders, and imports in order: a service's name may stand anywhere in it."""
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return re.sub(
        r"(?:^from \S+ import .*\n)+",
        lambda found: "".join(sorted(found[0].splitlines(True), key=_module)),
        text,
        flags=re.MULTILINE,
    )


def _module(line: str) -> str:
    return line.split()[1]


def _refuse_name(name: str, prefix: str, tree: Path) -> None:
    if fault := package_fault(name, "service"):
        raise UsageError(f"SERVICE={name}{fault.said}", fault.remedy)
    if name in _TAKEN or scalar(name) != name:
        raise UsageError(f"SERVICE={name}: the name means something else in code", "call the service otherwise")
    require_room(tree, prefix, name)
    refuse_existing(tree, SERVICES / name, TESTS / name)


def _refuse_clash(name: str, contract: str, tree: Path) -> None:
    """Refuse a service whose table, paths or operations another one has."""
    if owner := tables(tree).get(name):
        raise UsageError(f"SERVICE={name}: {owner} has a table of this name", "call the service otherwise")
    path = f"/{placeholders(name)['__path__']}"
    own = set(re.findall(r"operationId: (\w+)$", contract, re.MULTILINE))
    for other, theirs in contracts(tree).items():
        claimed = [one for one in theirs.paths if one == path or one.startswith(f"{path}/")]
        claimed += sorted(own & theirs.operations)
        if claimed:
            raise UsageError(f"SERVICE={name}: {other} has {claimed[0]} in its contract", "call the service otherwise")


def _with_values(text: HclText, name: str) -> HclText:
    """Return an environment's values with those of the service, like its neighbours'."""
    neighbours = text.entries("services")
    values = {key: neighbours[0].value(key) for key in _VALUES if neighbours and neighbours[0].value(key)} or _VALUES
    shares = text.numbers("services", "share")
    if shares:
        giver = max(shares, key=lambda one: shares[one])
        half = min(shares[giver] / 2, 100 / (len(neighbours) + 1))
        own = int(half) or half
        text = text.put("services", giver, "share", f"{shares[giver] - own:g}")
        values = {**values, "share": f"{own:g}"}
    text = text.add("services", name, dict(sorted(values.items())))
    protected = text.entries("tables") if text.has("tables") else ()
    own_table = {key: protected[0].value(key) for key in _PROTECTION if protected and protected[0].value(key)}
    return text.add("tables", name, own_table) if own_table else text


def _decide(name: str, path: str, roots: list[str]) -> Iterator[str]:
    yield f"lambda/{name}/openapi.yaml, handler.py, store.py: your own fields beside name; more routes: make new ROUTE="
    listed = ", ".join(f"envs/{root}" for root in roots)
    yield f"locals.tf of {listed}: memory, timeout and concurrency are its neighbour's; share: whose rate it takes"
    yield f"lambda/{name}/service.yaml: mix, where its routes do not share /{path}'s requests evenly"
    yield f"envs/{SHARED}/resources.tf: a queue or a bucket, if it needs one"
    yield f"then: make inventory ENV= WRITE=1 for {', '.join(roots)} and account, make docs, make test-plan"
