"""One scan of all fixtures: the Terraform of every policy and IAM case, planned together, and planted secrets."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from harness.base.paths import REPO
from harness.scan.launch import Scanned, Scanner
from harness.scan.plans import make_plans
from harness.terraform.sandbox import LOCK, lock_file

FIXTURES = Path(__file__).parent / "fixtures"
ACCOUNT = "HOUSE_07_account"
_PROVIDER = 'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n'
# Put together here, so that the repository holds none.
PLANTED = {
    "aws": "AKIA" + "IOSFODNN7" + "EXAMPLQ",
    "github": "ghp_" + "aB3" * 12,
    "key": "-----BEGIN RSA PRIVATE " + "KEY-----\n" + "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xf" * 2 + "\n-----END",
    "password": 'db_password = "' + "Tr0ub4dor" + '&3x"',
    "entropy": 'value = "' + "q83vEjRWeJCrze8S" + 'NFZ4kKvN7xI0VniQ"',
}


@pytest.fixture(scope="session")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with the fixtures as modules of envs/fixtures, one of them as envs/account, and planted secrets."""
    tree = tmp_path_factory.mktemp("fixtures")
    root, account = tree / "envs" / "fixtures", tree / "envs" / "account"
    shutil.copytree(FIXTURES / ACCOUNT, account)
    root.mkdir()
    calls = []
    for folder in sorted(FIXTURES.iterdir()):
        if folder.name == ACCOUNT:
            continue
        shutil.copytree(folder, tree / "modules" / folder.name)
        calls.append(f'module "{folder.name}" {{\n  source = "../../modules/{folder.name}"\n}}\n')
    (root / "main.tf").write_text(_PROVIDER + "".join(calls))
    shutil.copy(lock_file(REPO), root / LOCK)
    for name, secret in PLANTED.items():
        (tree / f"{name}.py").write_text(f"# line 1\n{secret}\n")
    with zipfile.ZipFile(tree / "items.zip", "w") as archive:
        archive.writestr("items/settings.py", f"# line 1\n# line 2\nKEY = '{PLANTED['aws']}'\n")
    return tree


@pytest.fixture(scope="session")
def scanned(fixtures: Path) -> Scanned:
    """The one scan."""
    with Scanner() as scanner:
        plans = make_plans(fixtures, ("fixtures",))
        return scanner.scan(
            plans,
            fixtures,
            tree=fixtures,
            suffixes={"fixtures": "fixtures"},
            archives=(fixtures / "items.zip",),
            files=[f"{name}.py" for name in PLANTED],
        )
