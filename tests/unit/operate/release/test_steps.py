"""Steps of every environment, and that their waits are long enough for the alarms."""

import re
from pathlib import Path

import pytest

from harness.base.paths import REPO
from harness.facts import FactError, Release, read_blueprint
from harness.facts.stacks import environments
from harness.operate.release import steps
from harness.operate.release.steps import steps_of

CATALOGUE = (REPO / "modules" / "alarms" / "catalogue.tf").read_text()


def test_every_way_of_releasing_has_its_steps() -> None:
    assert steps._STEPS.keys() == set(Release)


@pytest.mark.parametrize("environment", environments())
def test_steps_rise_to_every_request(environment: str) -> None:
    percents = [step.percent for step in steps_of(environment)]
    assert percents == sorted(set(percents))
    assert percents[0] >= 1
    assert percents[-1] == 100


def test_the_blueprint_says_which_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "project: shop\nprefix: shop\nregion: eu-west-1\nenvironments:\n"
    (tmp_path / "blueprint.yaml").write_text(head + "  fast: {release: at-once}\n  silent: {}\n")
    monkeypatch.setattr(steps, "read_blueprint", lambda: read_blueprint(tmp_path))
    assert [step.percent for step in steps_of("fast")] == [100]
    assert [step.percent for step in steps_of("silent")] == [10, 50, 100]
    with pytest.raises(FactError, match="lists no environment unheard-of"):
        steps_of("unheard-of")


def test_every_wait_of_a_canary_outlasts_the_slowest_alarm_that_pages() -> None:
    alarms = re.findall(r"period\s+= (\d+), periods = \d+, breaching = (\d+), page = true", CATALOGUE)
    assert len(alarms) >= 4, "the catalogue is written differently now"
    slowest = max(int(period) * int(breaching) for period, breaching in alarms) / 60
    assert all(step.minutes > slowest for step in steps._STEPS[Release.CANARY])
