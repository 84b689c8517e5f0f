"""The suite plans on fast lanes. The stock CLI, driven by tftest with the lock file verified, plans the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import tftest
from tests.support.planning import Plans, copy_tree

from harness.parity import Side, differences
from harness.plan import Plan, read_plan
from harness.toolchain import find_terraform, terraform_environment


@pytest.fixture(scope="session")
def stock(plans: Plans, tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """prod, planned by the stock CLI in a copy of its own: tftest deletes the lock file of where it worked."""
    folder = tmp_path_factory.mktemp("stock")
    copy_tree(tree, folder / "tree")
    test = tftest.TerraformTest(str(folder / "tree" / "envs" / "prod"), binary=str(find_terraform()))
    # tftest lays its env over the process's; ours replaces it, or the user's AWS settings leak in. It never caches
    # here: its key leaves the modules out.
    test.env = {**plans.env, **terraform_environment(folder / "data")}
    test.setup(lockfile="readonly")
    test.execute_command("plan", "-input=false", "-no-color", "-out=plan.bin")
    return read_plan(str(test.execute_command("show", "-no-color", "-json", "plan.bin").out).encode())


def test_the_stock_cli_plans_the_same(stock: Plan, prod: Plan) -> None:
    assert stock.resources.keys() == prod.resources.keys()
    assert differences(Side("stock", "prod", stock), Side("lane", "prod", prod)) == ()
    assert {name: output.action for name, output in stock.outputs.items()} == {
        name: output.action for name, output in prod.outputs.items()
    }
    for address in prod.resources:
        assert stock.resource(address).action is prod.resource(address).action
