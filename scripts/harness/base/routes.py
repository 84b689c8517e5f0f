"""Limits of a route that API Gateway takes. Standard library only."""

import re

VERBS = ("delete", "get", "head", "options", "patch", "post", "put")
"""Methods that API Gateway and OpenAPI 3.0 both have."""
MAX_DEPTH = 5
"""Segments that a path may have (modules/api/problems.tf)."""


def variables(path: str) -> list[str]:
    """Return the variables of a path in their order."""
    return re.findall(r"\{([^{}/]+)\}", path)
