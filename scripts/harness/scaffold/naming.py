"""Words that follow from a service's name: a record of ``orders`` is an ``order``, in code ``Order``."""

import re
from collections.abc import Mapping

_PLURALS = ((r"ies$", "y"), (r"(ss|x|z|ch|sh)es$", r"\1"), (r"(?<=[^su])s$", ""))


def singular(name: str) -> str:
    """Return the singular of an English plural in snake or kebab case; the name itself where it is none."""
    for ending, one in _PLURALS:
        if re.search(ending, name):
            return re.sub(ending, one, name)
    return name


def camel(*words: str) -> str:
    """Join words in snake, kebab or camel case as ``OneTwo``."""
    parts = (part for word in words for part in re.split(r"[^A-Za-z0-9]+", word) if part)
    return "".join(part[0].upper() + part[1:] for part in parts)


def snake(name: str) -> str:
    """Write ``oneTwo`` as ``one_two``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def placeholders(service: str) -> Mapping[str, str]:
    """Return what stands for each word of the templates."""
    one = singular(service)
    said = one.replace("_", " ")
    return {
        "__service__": service,
        "__path__": service.replace("_", "-"),
        "__words__": service.replace("_", " "),
        "__Title__": service.replace("_", " ").capitalize(),
        "__one__": one,
        "__One__": camel(one),
        "__said__": said,
        "__a__": "an" if said[0] in "aeiou" else "a",
    }
