"""The record of every failure scenario: what was injected, what had to happen, what was seen.

``catalogue.yaml`` beside the scenarios lists each one with the environments it concerns; what is listed and was not
run fails the run, unless the list gives a reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

CATALOGUE = Path(__file__).parents[1] / "local" / "scenarios" / "catalogue.yaml"


@dataclass
class Scenario:
    """One scenario in one environment.

    Attributes:
        id: as in the catalogue.
        environment: its name.
        injected: what was done to the deployed stack.
        expected: what had to happen.
        how: ``real`` traffic and real faults, ``published`` where the metric had to be published by hand, or
            ``not run``.
        seen: what happened, in the order it was seen.
        outcome: ``passed``, ``failed`` or ``not run``.
    """

    id: str
    environment: str
    injected: str
    expected: str
    how: str = "real"
    seen: list[str] = field(default_factory=list)
    outcome: str = "failed"

    def saw(self, what: str) -> None:
        """Add an observation."""
        self.seen.append(what)

    def told(self) -> tuple[str, str]:
        """Return name and value of a JUnit property."""
        facts = {"injected": self.injected, "expected": self.expected, "seen": "; ".join(self.seen)}
        told = ". ".join(f"{name}: {fact}" for name, fact in facts.items() if fact)
        return f"scenario {self.id} in {self.environment}", f"{self.outcome} ({self.how}). {told}"


@dataclass
class Report:
    """All scenarios of a run."""

    scenarios: list[Scenario] = field(default_factory=list)

    @contextmanager
    def scenario(self, name: str, environment: str, *, injected: str, expected: str, how: str = "real") -> Any:
        """Record what happens inside; an error inside is recorded and goes on."""
        entry = Scenario(name, environment, injected, expected, how)
        self.scenarios.append(entry)
        try:
            yield entry
        except BaseException as error:
            entry.saw(f"{type(error).__name__}: {error}"[:500])
            raise
        entry.outcome = "passed"

    def close(self, catalogue: Path = CATALOGUE) -> list[str]:
        """Add what the catalogue excuses; return what it lists and nobody ran, and what ran and it does not list."""
        listed = dict(_listed(catalogue))
        ran = {(entry.id, entry.environment) for entry in self.scenarios}
        for (name, environment), reason in listed.items():
            if reason and (name, environment) not in ran:
                self.scenarios.append(Scenario(name, environment, "", "", "not run", [reason], "not run"))
        missing = [f"{' in '.join(key)} was not run" for key, reason in listed.items() if not reason and key not in ran]
        return missing + [f"{' in '.join(key)} is not in {catalogue.name}" for key in sorted(ran - listed.keys())]

    def write(self, folder: Path) -> None:
        """Write ``scenarios.json`` and ``scenarios.md``."""
        folder.mkdir(parents=True, exist_ok=True)
        entries = sorted(self.scenarios, key=lambda entry: (entry.id, entry.environment))
        (folder / "scenarios.json").write_text(json.dumps([asdict(entry) for entry in entries], indent=2) + "\n")
        (folder / "scenarios.md").write_text(_markdown(entries))


def _listed(catalogue: Path) -> Iterator[tuple[tuple[str, str], str | None]]:
    """Read (scenario, environment) -> the reason why it is not run, None when it is."""
    for name, entry in yaml.safe_load(catalogue.read_text()).items():
        for environment in entry["environments"]:
            yield (name, environment), entry.get("not_run")


def _markdown(entries: list[Scenario]) -> str:
    counts = {
        outcome: sum(entry.outcome == outcome for entry in entries) for outcome in ("passed", "failed", "not run")
    }
    lines = ["# Failure scenarios", "", ", ".join(f"{count} {outcome}" for outcome, count in counts.items()), ""]
    lines += [
        "| scenario | environment | outcome | how | injected | expected | seen |",
        "|---|---|---|---|---|---|---|",
    ]
    for entry in entries:
        cells = [entry.id, entry.environment, entry.outcome, entry.how, entry.injected, entry.expected]
        cells.append("; ".join(entry.seen))
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
