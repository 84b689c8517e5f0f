"""Known vulnerabilities of pins: found, accepted with a reason, and never taken for none where nobody was asked."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import ToolError
from harness.base.findings import Severity
from harness.base.options import Options
from harness.base.paths import AUDIT_VENV
from harness.base.pins import REQUIREMENTS, Pin, pin_files, read_pins
from harness.base.toolset import install_pins
from harness.scan import vulnerabilities
from harness.scan.vulnerabilities import ask, judged, read_all, rounds, told
from harness.verbs import audit, scan

SUM = "a" * 64
PINS = {
    Pin("one", "1", "", ()): (("requirements/a.txt", 3), ("requirements/b.txt", 1)),
    Pin("two", "2", "", ()): (("requirements/b.txt", 5),),
}
FOUND = {
    "id": "GHSA-1",
    "fix_versions": ["1.1"],
    "aliases": ["CVE-2026-1"],
    "description": "It\nlets anybody in. " + "x" * 900,
}


def answer(**vulns: list[dict[str, Any]]) -> str:
    packages = [{"name": name, "version": "1" if name == "one" else "2", "vulns": one} for name, one in vulns.items()]
    return json.dumps({"dependencies": packages, "fixes": []})


@contextmanager
def listing(answers: dict[str, dict[str, Any]], status: int = 200) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Serve a list of vulnerabilities in OSV's way on this machine; yield its address and what it was asked."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((query["package"]["name"], query["version"]))
            body = json.dumps(answers.get(query["package"]["name"], {})).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def osv(address: str) -> list[str]:
    return ["--vulnerability-service", "osv", "--osv-url", address]


@pytest.fixture(scope="session")
def scanner() -> Path:
    """The pinned pip-audit."""
    install_pins(AUDIT_VENV, REQUIREMENTS / "audit.txt")
    return AUDIT_VENV


def test_a_vulnerability_is_found_in_each_file_that_pins_the_package() -> None:
    asked = judged(told(answer(one=[FOUND], two=[])).dependencies, PINS)
    assert [(one.check, one.severity, one.address, one.file, one.line) for one in asked.findings] == [
        ("GHSA-1", Severity.ERROR, "one", "requirements/a.txt", 3),
        ("GHSA-1", Severity.ERROR, "one", "requirements/b.txt", 1),
    ]
    assert asked.findings[0].message.startswith("one==1 (CVE-2026-1): fixed in 1.1. It lets anybody in. xxx")
    assert len(asked.findings[0].message) < 300
    assert (asked.packages, asked.unchecked) == (2, ())


def test_one_that_no_version_mends_says_so() -> None:
    (one,) = judged(told(answer(two=[{"id": "X"}], one=[])).dependencies, PINS).findings
    assert one.message == "two==2: no version mends it yet. "


@pytest.mark.parametrize(
    "packages",
    [
        [{"name": "one", "version": "1", "vulns": []}, {"name": "two", "skip_reason": "not known"}],
        [{"name": "one", "version": "1", "vulns": []}, {"name": "two", "version": "2", "skip_reason": "not known"}],
        [{"name": "one", "version": "1", "vulns": []}],
        [{"name": "one", "version": "1", "vulns": []}, {"name": "two", "version": "3", "vulns": []}],
    ],
)
def test_a_package_that_nobody_answered_for_was_not_checked(packages: list[dict[str, Any]]) -> None:
    asked = judged(told(json.dumps({"dependencies": packages})).dependencies, PINS)
    assert asked.unchecked == ("two==2",)
    assert asked.findings == ()
    report = audit.judged(asked, datetime.date(2026, 1, 1))
    assert report.failed
    assert "1 of 2 packages were not checked (two==2): " in report.findings[0].message
    assert report.checks[0].looked_at == 1


@pytest.mark.parametrize("printed", ["", "No known vulnerabilities found", "[]", '{"dependencies": [{"vulns": []}]}'])
def test_an_answer_that_means_nothing_is_refused(printed: str) -> None:
    with pytest.raises(ToolError, match="pip-audit's answer cannot be read"):
        told(printed)


def test_every_package_of_every_file_is_asked_about_for_whatever_system_it_is() -> None:
    pins = read_all()
    assert {(pin.name, pin.version) for pin in pins} == {
        (pin.name, pin.version) for file in pin_files() for pin in read_pins(file)
    }
    for pin, places in pins.items():
        for file, line in places:
            text = (REQUIREMENTS.parent / file).read_text().splitlines()[line - 1]
            assert text.partition(" ")[0].lower().replace("_", "-") == pin.title


def test_a_pin_is_found_however_its_line_is_written(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    text = f"  one==1 --hash=sha256:{SUM}\nTwo_2==2; python_version>'3' \\\n    --hash=sha256:{SUM}\n"
    (tmp_path / "requirements" / "x.txt").write_text(text)
    assert read_all(tmp_path) == {
        Pin("one", "1", "", ()): (("requirements/x.txt", 1),),
        Pin("two-2", "2", "", ()): (("requirements/x.txt", 2),),
    }


def test_a_list_is_asked_about_several_versions_one_after_the_other() -> None:
    a1, a2, b1 = (Pin(name, version, "", ()) for name, version in (("a", "1"), ("a", "2"), ("b", "1")))
    assert rounds([a1, b1, a2]) == [[a1, b1], [a2]]
    assert rounds([]) == []


def test_a_list_on_this_machine_is_asked_by_pip_audit_itself(scanner: Path) -> None:
    bad = {
        "vulns": [
            {
                "id": "GHSA-1",
                "summary": "bad",
                "affected": [
                    {
                        "package": {"name": "one", "ecosystem": "PyPI"},
                        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}],
                    }
                ],
            }
        ]
    }
    pins = {**PINS, Pin("one", "2", "", ()): (("requirements/c.txt", 1),)}
    with listing({"one": bad}) as (address, seen):
        asked = ask(pins, osv(address), scanner)
    assert sorted(seen) == [("one", "1"), ("one", "2"), ("two", "2")]
    assert {(one.check, one.file) for one in asked.findings} == {
        ("GHSA-1", f"requirements/{name}.txt") for name in ("a", "b", "c")
    }
    assert "fixed in 9. bad" in asked.findings[0].message
    assert asked.unchecked == ()


def test_a_list_that_knows_nothing_bad_is_clean(scanner: Path) -> None:
    with listing({}) as (address, seen):
        asked = ask(PINS, osv(address), scanner)
    assert sorted(seen) == [("one", "1"), ("two", "2")]
    assert (asked.findings, asked.unchecked, asked.packages) == ((), (), 2)


def test_a_list_that_fails_or_is_away_is_not_clean(scanner: Path) -> None:
    unanswered = pytest.raises(
        ToolError, match=r"^no package was checked, the list of vulnerabilities did not answer: "
    )
    with listing({}, status=500) as (address, _), unanswered:
        ask(PINS, osv(address), scanner)
    with pytest.raises(ToolError) as refused:
        ask(PINS, osv(address), scanner)
    assert "no package was checked" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree's pins in the place of this one's, and reports of its own."""
    monkeypatch.setattr(audit, "REQUIREMENTS", tmp_path)
    monkeypatch.setattr(audit, "REPO", tmp_path)
    monkeypatch.setattr(scan, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(audit, "read_all", lambda: PINS)
    monkeypatch.setattr(audit, "install_pins", lambda *_: None)
    return tmp_path


def say(monkeypatch: pytest.MonkeyPatch, printed: str) -> list[Sequence[str]]:
    """Let pip-audit print something; return the words it is given."""
    words: list[Sequence[str]] = []

    def asked(_venv: Path, _pins: object, given: Sequence[str]) -> str:
        words.append(given)
        return printed

    monkeypatch.setattr(vulnerabilities, "_asked", asked)
    return words


def test_the_verb_is_clean_finds_or_could_not_run(
    pinned: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = say(monkeypatch, answer(one=[], two=[]))
    assert audit.run(Options(arguments="--timeout 3")) == 0
    assert words == [["--timeout", "3"]]
    assert "audit: clean (1 checks, 2 looks)" in capsys.readouterr().out
    say(monkeypatch, answer(one=[FOUND], two=[]))
    assert audit.run(Options()) == 1
    assert "GHSA-1" in (pinned / "reports" / "audit.sarif").read_text()
    capsys.readouterr()
    say(monkeypatch, answer(one=[FOUND]))
    with pytest.raises(ToolError, match=r"^1 of 2 packages were not checked \(two==2\): ") as refused:
        audit.run(Options())
    assert refused.value.exit_code == 2
    out = capsys.readouterr().out
    assert "GHSA-1" in out
    assert "clean" not in out


def test_a_vulnerability_is_accepted_with_a_reason_until_a_day(pinned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = (
        "- {check: GHSA-1, resources: [one], owner: us, expires: 2026-06-30,\n"
        "   reason: we never call the function that is at fault}\n"
    )
    (pinned / "exceptions.yaml").write_text(accepted)
    asked = judged(told(answer(one=[FOUND], two=[])).dependencies, PINS)
    report = audit.judged(asked, datetime.date(2026, 6, 30))
    assert (report.failed, len(report.waived)) == (False, 2)
    late = audit.judged(asked, datetime.date(2026, 7, 1))
    assert {one.check for one in late.findings} == {"GHSA-1", "exception-expired"}
    (pinned / "exceptions.yaml").write_text(accepted.replace("[one]", "[two]"))
    wrong = audit.judged(asked, datetime.date(2026, 6, 30))
    assert {one.check for one in wrong.findings} == {"GHSA-1", "exception-unused"}
