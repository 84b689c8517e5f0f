"""Survivors are errors until they are accepted with a reason and a date; the share leaves Terraform's refusals out."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from harness.lab.mutation.derive import derive
from harness.lab.mutation.run import Outcome, Verdict
from harness.lab.mutation.tell import document, figures, report

TEXT = 'resource "a" "b" {\n  c = true\n  d = 1\n}\n'
FILE = "modules/x/main.tf"
TODAY = datetime.date(2026, 11, 1)


def verdicts(*outcomes: Outcome) -> list[Verdict]:
    mutants = derive(TEXT, FILE)
    return [Verdict(mutant, outcome, "t", "", 0.5) for mutant, outcome in zip(mutants, outcomes, strict=False)]


def accepted(tmp_path: Path, key: str, expires: str = "2027-01-01") -> Path:
    file = tmp_path / "survivors.yaml"
    entry = f"check: mutation, environments: [hcl], resources: ['{key}'], owner: platform, expires: {expires}"
    file.write_text(f"- {{{entry}, reason: nothing depends on this setting at all}}\n")
    return file


def test_the_share_is_of_what_terraform_takes() -> None:
    found = figures(verdicts(Outcome.KILLED, Outcome.HUNG, Outcome.REFUSED, Outcome.SURVIVED))
    assert found == {"total": 4, "killed": 2, "refused": 1, "survived": 1, "share_killed": 0.6667}
    assert figures(verdicts(Outcome.REFUSED))["share_killed"] is None


def test_a_survivor_is_an_error_with_its_place_and_key(tmp_path: Path) -> None:
    (tmp_path / "survivors.yaml").write_text("[]\n")
    survivor = verdicts(Outcome.SURVIVED)[0]
    found = report([survivor], tmp_path / "survivors.yaml", "survivors.yaml", TODAY, [FILE])
    assert [(one.address, one.file, one.line) for one in found.findings] == [(survivor.mutant.key, FILE, 1)]
    assert found.failed


def test_an_accepted_survivor_is_none_until_it_expires(tmp_path: Path) -> None:
    survivor = verdicts(Outcome.SURVIVED)[0]
    file = accepted(tmp_path, survivor.mutant.key)
    assert not report([survivor], file, "survivors.yaml", TODAY, [FILE]).failed
    late = report([survivor], file, "survivors.yaml", datetime.date(2027, 1, 2), [FILE])
    assert {one.check for one in late.findings} == {"mutation", "exception-expired"}


@pytest.mark.parametrize(("files", "checks"), [([FILE], ["exception-unused"]), (["modules/y/main.tf"], [])])
def test_an_entry_that_accepts_nothing_is_an_error_where_its_file_was_run(
    files: list[str], checks: list[str], tmp_path: Path
) -> None:
    file = accepted(tmp_path, f"{FILE}:resource.a.b.gone:delete-attribute")
    found = report(verdicts(Outcome.KILLED), file, "survivors.yaml", TODAY, files)
    assert [one.check for one in found.findings] == checks


def test_the_document_names_survivors_and_killers() -> None:
    found = document(verdicts(Outcome.SURVIVED, Outcome.KILLED), 30.0)
    assert (found["total"], found["a_minute"]) == (2, 4.0)
    assert [row["outcome"] for row in found["survivors"]] == ["survived"]  # type: ignore[attr-defined]
    assert [row["by"] for row in found["mutants"]] == ["t", "t"]  # type: ignore[attr-defined]
