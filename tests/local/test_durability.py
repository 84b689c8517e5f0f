"""What was acknowledged is there after a kill -9 at any moment; what could not be saved was not acknowledged."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support.durability import kill_again_and_again

_KILLS = 3


def test_an_acknowledged_write_survives_a_kill(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    ledger, lost = kill_again_and_again(tmp_path, _KILLS, seed)
    assert len(ledger.count) == len(ledger.acknowledged), f"seed {seed}: {ledger.count}"
    print(ledger.count)
    assert lost == [], f"seed {seed}"
