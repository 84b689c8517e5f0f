"""Read what the rules know besides the plan: the blueprint, the services and what each may do."""

from pathlib import Path

from harness.base.paths import REPO
from harness.facts import read_base_grants, read_blueprint, read_grants, read_routes, read_services
from harness.rules.rule import Sources


def read_sources(tree: Path = REPO) -> Sources:
    """Read the facts of the repository or a copy of it.

    Raises:
        FactError: a file is missing, or a line of it means nothing.
    """
    services = read_services(tree)
    grants = {name: read_grants(name, tree) for name in services}
    routes = {name: read_routes(name, tree) for name in services}
    return Sources(read_blueprint(tree), services, grants, read_base_grants(tree), routes)
