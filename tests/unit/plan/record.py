"""Record the plans under ``recorded/`` from ``situations/``, with the real Terraform.

Run from the repository root: ``build/venv/bin/python tests/unit/plan/record.py``. Only Terraform's built-in
``terraform_data`` is used, so no provider, account or network is needed. A situation's ``apply.tf``, when it
has one, is applied first. ``deposed`` then gets its left-over object written into the state, because a
built-in resource never fails to be destroyed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def terraform(folder: Path, *arguments: str, fails: bool = False) -> bytes:
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
    environment.pop("TF_CLI_CONFIG_FILE", None)
    done = subprocess.run(["terraform", *arguments], cwd=folder, env=environment, capture_output=True, check=False)
    if bool(done.returncode) is not fails:
        raise SystemExit(f"terraform {arguments} exited {done.returncode}:\n{done.stderr.decode()}")
    return done.stdout


def leave_deposed(state: Path) -> None:
    content = json.loads(state.read_text())
    instances = content["resources"][0]["instances"]
    instances.append({**instances[0], "deposed": "0badcafe"})
    content["serial"] += 1
    state.write_text(json.dumps(content))


def prepare(situation: Path, folder: Path) -> None:
    shutil.copytree(situation, folder, ignore=shutil.ignore_patterns("plan.tf", "apply.tf"))
    before = situation / "apply.tf"
    if before.exists():
        shutil.copy(before, folder / "main.tf")
        terraform(folder, "init")
        terraform(folder, "apply", "-auto-approve")
        if situation.name == "deposed":
            leave_deposed(folder / "terraform.tfstate")
    shutil.copy(situation / "plan.tf", folder / "main.tf")
    terraform(folder, "init")


def record(situation: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "root"
        prepare(situation, folder)
        wrong = situation.name == "errored"
        terraform(folder, "plan", "-out=plan.bin", fails=wrong)
        plan = json.loads(terraform(folder, "show", "-json", "plan.bin"))
    plan.pop("timestamp", None)
    (HERE / "recorded" / f"{situation.name}.json").write_text(json.dumps(plan, indent=1) + "\n")


if __name__ == "__main__":
    for folder in sorted((HERE / "situations").iterdir()):
        record(folder)
        print(f"recorded {folder.name}")
