"""A plan of 50,000 resources is read in seconds and in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RECORDED = Path(__file__).parent / "recorded" / "first.json"
RESOURCES = 50_000
READ = """
import sys, time
from pathlib import Path
import psutil
from harness.plan import read_plan
data = Path(sys.argv[1]).read_bytes()
before = psutil.Process().memory_info().rss
started = time.process_time()
plan = read_plan(data)
spent = time.process_time() - started
names = sum(1 for change in plan.of_type("terraform_data") if change.value("input.number") == 1)
after = psutil.Process().memory_info().rss
print(len(plan.resources), names, spent, after - before)
"""


def test_fifty_thousand_resources(tmp_path: Path) -> None:
    document = json.loads(RECORDED.read_bytes())
    entry = next(one for one in document["resource_changes"] if one["address"] == "terraform_data.source")
    entry["change"]["after"]["input"]["padding"] = "x" * 1200
    text = json.dumps(entry)
    entries = ",".join(text.replace("terraform_data.source", f"terraform_data.n{at}") for at in range(RESOURCES))
    document["resource_changes"] = []
    whole = json.dumps(document).replace('"resource_changes": []', f'"resource_changes": [{entries}]')
    big = tmp_path / "plan.json"
    big.write_text(whole)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(big)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "scripts"},
        cwd=Path(__file__).parents[3],
    )
    count, read, seconds, grown = done.stdout.split()
    assert (int(count), int(read)) == (RESOURCES, RESOURCES)
    assert float(seconds) < 5, "0.5 s when this was written"
    # the input itself is not counted; a full decode would take several times its size
    assert int(grown) < 2 * len(whole)
    print(f"{len(whole) / 1e6:.0f} MB read in {float(seconds):.2f} s, {int(grown) / 2**20:.0f} MiB more")
