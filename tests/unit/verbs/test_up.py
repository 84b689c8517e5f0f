"""Curl lines of make up are made from the services' smoke steps and work when pasted into a shell."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from harness.base.options import DEFAULT_PORT, Options
from harness.base.paths import Stack, Target
from harness.facts.script import Request, Script
from harness.localaws import control
from harness.operate.deployed import Deployed
from harness.verbs.up import ensure_running, instructions

STACK = Stack("somewhere", "alice", Target.LOCAL)
KEYED = Deployed("http://local/x", "secret", True, (), (), "r", "v1", ())
BODY = '{"text": "it\'s $HOME"}'


def request(name: str, send: str, status: int, *, body: str | None = None, is_open: bool = False) -> Request:
    method, _, path = send.partition(" ")
    keep = {"id": "id"} if status == 201 else {}
    return Request(name, method, path, send, status, body, "application/json", keep, False, False, is_open, False)


STEPS = (
    request("up", "GET /status", 200, is_open=True),
    request("create", "POST /orders", 201, body=BODY),
    request("read", "GET /orders/{id}", 200),
    request("list", "GET /orders?limit=1&a=b", 200),
)
ORDERS = Script("orders", STEPS, (), ("GET /status",))
NOTES = Script("notes", (request("list", "GET /notes", 200),), (), ())


def lines(deployed: Deployed, *scripts: Script) -> list[list[str]]:
    """Return the arguments that a shell gives to curl, line by line."""
    shown = instructions(STACK, deployed, scripts).splitlines()
    pasted = [line for line in shown if line.startswith("  curl ")]
    fake = "curl() { printf '%s\\0' \"$@\"; }; KEY=the-key;"
    run = [subprocess.run(["sh", "-c", f"{fake}{line}"], capture_output=True, text=True, check=True) for line in pasted]
    return [one.stdout.split("\0")[:-1] for one in run]


def test_every_service_has_the_lines_that_its_steps_give() -> None:
    assert lines(KEYED, ORDERS, NOTES) == [
        ["-s", "http://local/x/status"],
        ["-s", "-H", "x-api-key: the-key", "-H", "content-type: application/json", "-d", BODY, "http://local/x/orders"],
        ["-s", "-H", "x-api-key: the-key", "http://local/x/orders?limit=1&a=b"],
        ["-s", "-H", "x-api-key: the-key", "http://local/x/notes"],
    ]  # fmt: skip


def test_the_key_is_named_and_never_printed() -> None:
    shown = instructions(STACK, KEYED, [ORDERS])
    assert (
        "every route but GET /status needs the API key (make -s outputs ENV=somewhere SUFFIX=alice REVEAL=1)" in shown
    )
    assert "secret" not in shown
    assert "every route needs the API key" in instructions(STACK, KEYED, [NOTES])


@pytest.mark.parametrize("scripts", [(ORDERS, NOTES), ()])
def test_without_a_key_no_line_speaks_of_one(scripts: tuple[Script, ...]) -> None:
    shown = instructions(STACK, replace(KEYED, api_key="", api_key_required=False), scripts)
    assert "key" not in shown
    assert shown.splitlines()[-1] == "next: make plan ENV=somewhere SUFFIX=alice   make test   make down"


@pytest.mark.parametrize(("port", "told"), [(None, False), (4600, False), (4601, True)])
def test_another_port_than_the_running_one_is_told(
    port: int | None, told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running = control.LocalAws("http://127.0.0.1:4600", 1, 4600, Path())
    monkeypatch.setattr(control, "running", lambda _: running)
    monkeypatch.setattr(control, "start", lambda *_: pytest.fail("it runs"))
    ensure_running(Options(port=port))
    said = capsys.readouterr().err
    assert ("runs on port 4600 and stays there: for PORT=4601 make down first" in said) is told
    assert bool(said) is told


@pytest.mark.parametrize(("port", "taken"), [(None, DEFAULT_PORT), (4601, 4601)])
def test_it_starts_on_the_port_that_is_asked_for(
    port: int | None, taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[int] = []
    monkeypatch.setattr(control, "running", lambda _: None)
    monkeypatch.setattr(control, "start", lambda _folder, asked, _seconds: started.append(asked))
    ensure_running(Options(port=port))
    assert started == [taken]
