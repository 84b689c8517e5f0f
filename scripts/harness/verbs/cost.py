"""``make cost``: what an environment costs a month. Plans offline; asks neither AWS nor a price list."""

import tempfile
from pathlib import Path

from harness.base.options import Options
from harness.base.paths import REPO
from harness.base.progress import phase
from harness.base.results import write_report
from harness.bundle.archive import build_bundle
from harness.cost import PRICES, as_content, as_text, estimate, read_prices
from harness.facts import read_blueprint
from harness.facts.stacks import stack_of
from harness.plan import read_plan
from harness.scan.plans import copy_tree, make_plans


def run(options: Options) -> int:
    """Estimate one environment; what has no price in it is told."""
    environment = stack_of(options).environment
    prices = read_prices(PRICES.read_bytes())
    load = read_blueprint().environment(environment).load
    with tempfile.TemporaryDirectory(prefix="cost-") as folder:
        build_bundle()
        copy_tree(REPO, Path(folder))
        with phase(f"plan {environment}, offline"):
            plan = read_plan(make_plans(Path(folder), (environment,))[environment])
    found = estimate(plan, prices, load)
    print(as_text(found, prices, load, environment), end="")
    write_report(f"cost-{environment}", as_content(found, prices, load))
    return 0
