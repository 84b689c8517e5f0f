"""A contract's text, as far as a route more needs it: its first tag, and the parameters that stand at a path."""

import re

from harness.scaffold.yaml_text import Key, YamlText, names_in, scalar

_QUOTED = r'"(?:\\.|[^"\\])*"|\'(?:\'\'|[^\'])*\''
_REFERENCE = re.compile(r"\$ref:\s*[\"']?#/components/parameters/([\w.-]+)")


def first_tag(contract: YamlText) -> str:
    """Return the first tag as it may stand in a list in flow style; empty: there is none."""
    tags = contract.find("tags")
    text = _bare(contract, tags) if tags else ""
    if found := re.search(rf"(\{{|^|- |, )\s*name:\s*({_QUOTED}|[^\n]+)", text, re.MULTILINE):
        name = found[2]
        if re.fullmatch(_QUOTED, name):
            return name
        # In flow style, a comma or a brace ends a name without quotes.
        flow = found[1] in ("{", ", ")
        return scalar(re.split(r"[,}]| #" if flow else r" #", name)[0].strip())
    return ""


def path_variables(contract: YamlText, path: str) -> set[str]:
    """Return the variables that the parameters of a path declare for all its operations.

    Raises:
        ScaffoldError: these do not stand on lines of their own.
    """
    declared = contract.find("paths", path, "parameters")
    if declared is None:
        return set()
    if declared.value:
        raise contract.refusal(declared.start, "parameters does not hold its entries on lines of their own")
    found: set[str] = set()
    for entry in re.split(r"^ *- ", _bare(contract, declared), flags=re.MULTILINE)[1:]:
        reference = _REFERENCE.search(entry)
        shared = contract.find("components", "parameters", reference[1]) if reference else None
        text = _bare(contract, shared) if shared else entry
        if next(names_in(text, "in"), "") == "path":
            found |= {*[*names_in(text, "name")][:1]}
    return found


def _bare(contract: YamlText, key: Key) -> str:
    """Return a key's lines without those that are comments."""
    lines = contract.lines[key.start : key.end]
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))
