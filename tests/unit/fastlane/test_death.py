"""However a run ends, it leaves no provider, proxy, watcher or folder behind; and runs do not disturb each other."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from tests.support.lanes import Tools, living, slow_sts, topic, write_root
from tests.support.waiting import eventually

import harness
from harness.fastlane import keeper

#: After which something hangs; all of it is a matter of a second or two on a machine that has nothing else to do.
HANGS_SECONDS = 120.0
RUN = """
import os, signal, sys
from pathlib import Path
# Whoever runs the tests in the background of a shell has them ignore it, and all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
if os.environ.get("IGNORED"):
    signal.signal(int(os.environ["IGNORED"]), signal.SIG_IGN)
from harness.fastlane.lane import Lane
terraform, provider, cache, root = sys.argv[1:]
with Lane(terraform, Path(provider), Path(cache), os.environ) as lane:
    for turn in range(2):
        lane.plan(Path(root))
        print("planned", flush=True)
    if os.environ.get("FORK"):
        child = os.fork() or __import__("time").sleep(600) or os._exit(0)
    if os.environ.get("LINGER"):
        __import__("time").sleep(600)
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A temporary folder that all of a run's files lie in, and whose name marks all its processes."""
    folder = Path(tempfile.mkdtemp(prefix="fl-test-"))
    yield folder
    shutil.rmtree(folder)


def start(tools: Tools, place: Path, root: Path, **env: str) -> subprocess.Popen[bytes]:
    """A run of its own, which plans ``root`` twice."""
    mark = {"TMPDIR": str(place), "PYTHONPATH": str(Path(harness.__file__).parents[1])}
    command = [sys.executable, "-c", RUN, tools.terraform, tools.provider, tools.cache_dir, root]
    return subprocess.Popen(
        [str(part) for part in command],
        env={**tools.env, **mark, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def assert_nothing_left(place: Path) -> None:
    """No process, no folder, after a short while."""
    if not eventually(lambda: not living(str(place)) and not any(place.iterdir()), HANGS_SECONDS):
        pytest.fail(f"left: {[line for _, line in living(str(place))]}, {sorted(place.rglob('*'))}")


def roles(place: Path) -> set[str]:
    """Which processes of a run live."""
    signs = {"provider": "-debug", "server": "harness.fastlane.server", "watcher": "fastlane-watcher"}
    lines = [line for _, line in living(str(place))]
    return {role for role, sign in signs.items() if any(sign in line for line in lines)}


def forked(run: int) -> list[int]:
    """The children of a run that are the same program."""
    found = []
    for child in psutil.Process(run).children():
        with suppress(psutil.NoSuchProcess):  # Terraform, at its end
            found += [child.pid] if RUN in child.cmdline() else []
    return found


def kill(run: subprocess.Popen[bytes]) -> None:
    run.kill()
    run.communicate()


def test_killed_in_the_middle_of_a_plan(tools: Tools, place: Path, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("held"))
    with slow_sts({1: threading.Event()}) as sts:
        run = start(tools, place, root, AWS_ENDPOINT_URL=sts.url)
        assert sts.wait_for(1)
        assert roles(place) == {"provider", "server", "watcher"}
        kill(run)
        assert_nothing_left(place)


def test_killed_with_its_whole_process_group(tools: Tools, place: Path, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("group"))
    with slow_sts({1: threading.Event()}) as sts:
        run = start(tools, place, root, AWS_ENDPOINT_URL=sts.url)
        assert sts.wait_for(1)
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        assert_nothing_left(place)


@pytest.mark.parametrize("milliseconds", [30, 60, 100, 150, 250, 400, 700, 1000])
def test_killed_at_any_moment(tools: Tools, place: Path, tmp_path: Path, milliseconds: int) -> None:
    run = start(tools, place, write_root(tmp_path, topic("any")))
    time.sleep(milliseconds / 1000)
    kill(run)
    assert_nothing_left(place)


def test_killed_together_with_the_server(tools: Tools, place: Path, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("both"))
    with slow_sts({1: threading.Event()}) as sts:
        run = start(tools, place, root, AWS_ENDPOINT_URL=sts.url)
        assert sts.wait_for(1)
        (server,) = [one for one, line in living(str(place)) if "harness.fastlane.server" in line]
        server.suspend()  # it can do nothing for itself: the watcher must
        kill(run)
        assert_nothing_left(place)


def test_the_server_alone_killed_takes_the_provider_with_it(tools: Tools, place: Path, tmp_path: Path) -> None:
    run = start(tools, place, write_root(tmp_path, topic("server")), LINGER="1")
    assert run.stdout and run.stdout.readline() and run.stdout.readline()
    (server,) = [one for one, line in living(str(place)) if "harness.fastlane.server" in line]
    server.kill()
    assert eventually(lambda: roles(place) == {"watcher"}, HANGS_SECONDS), roles(place)
    kill(run)
    assert_nothing_left(place)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop(tools: Tools, place: Path, tmp_path: Path, number: signal.Signals) -> None:
    run = start(tools, place, write_root(tmp_path, topic("told")), LINGER="1")
    assert run.stdout and run.stdout.readline()
    run.send_signal(number)
    run.communicate(timeout=HANGS_SECONDS)
    assert_nothing_left(place)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_server_heeds_a_signal_that_whoever_started_it_ignores(
    tools: Tools, place: Path, tmp_path: Path, number: signal.Signals
) -> None:
    root = write_root(tmp_path, topic("deaf"))
    run = start(tools, place, root, LINGER="1", IGNORED=str(int(number)))
    assert run.stdout and run.stdout.readline() and run.stdout.readline()
    (server,) = [one for one, line in living(str(place)) if "harness.fastlane.server" in line]
    server.send_signal(number)
    assert eventually(lambda: roles(place) == {"watcher"}, HANGS_SECONDS), roles(place)
    kill(run)
    assert_nothing_left(place)


def test_a_forked_child_that_outlives_the_run_does_not_keep_the_provider(
    tools: Tools, place: Path, tmp_path: Path
) -> None:
    run = start(tools, place, write_root(tmp_path, topic("fork")), FORK="1", LINGER="1")
    assert run.stdout and run.stdout.readline() and run.stdout.readline()
    children = eventually(lambda: forked(run.pid), HANGS_SECONDS)
    run.kill()
    run.wait()
    assert eventually(lambda: roles(place) <= {"watcher"} and not any(place.iterdir()), HANGS_SECONDS), roles(place)
    os.kill(children[0], signal.SIGKILL)
    run.communicate()
    assert_nothing_left(place)


def test_two_runs_at_once_and_one_of_them_killed(tools: Tools, place: Path, tmp_path: Path) -> None:
    root = write_root(tmp_path, topic("two"))
    survivor, victim = (start(tools, place, root) for _ in range(2))
    assert victim.stdout and victim.stdout.readline()
    kill(victim)

    out, err = survivor.communicate(timeout=HANGS_SECONDS)

    assert (out.split(), survivor.returncode) == ([b"planned", b"planned"], 0), err
    assert_nothing_left(place)


def test_litter_of_a_machine_that_went_down_is_swept_and_a_living_lane_is_not(
    tools: Tools, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    litter, foreign = place / f"{keeper.PREFIX}litter", place / "something-else"
    for folder in (litter, foreign):
        folder.mkdir()
        (folder / keeper.LOCK).touch()
    alive = keeper.Keeper(tools.provider, tools.cache_dir, tools.env)
    try:
        keeper.sweep()
        assert sorted(place.iterdir()) == sorted([alive.folder, foreign])
        assert alive.folder.stat().st_mode & 0o777 == 0o700
        assert alive.serve(()) and alive.alive
    finally:
        alive.close()
    assert sorted(place.iterdir()) == [foreign]


def test_a_long_temporary_folder_does_not_make_the_sockets_path_too_long(
    tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("x" * 90)))
    alive = keeper.Keeper(tools.provider, tools.cache_dir, tools.env)
    try:
        assert len(str(alive.folder / "proxy")) < 104 and alive.serve(())
    finally:
        alive.close()
