"""Starting, finding and stopping the local AWS."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from tests.local.gaps.conftest import Emulator, eventually, make_stack

from harness.base.errors import HarnessError
from harness.base.paths import REPO
from harness.facts import read_blueprint
from harness.localaws import control, patching, pidfile
from harness.localaws.control import LocalAws

_START_SECONDS = 60


def _start(folder: Path, port: int | None = None) -> LocalAws:
    return control.start(folder, port, _START_SECONDS, die_with_parent=True)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[LocalAws]:
    local = _start(tmp_path / "state")
    yield local
    control.stop(local)


def test_it_is_found_by_its_folder_and_refuses_a_second_start(started: LocalAws) -> None:
    assert control.running(started.state_dir) == started
    with pytest.raises(HarnessError, match="already serves") as refused:
        _start(started.state_dir)
    assert refused.value.remedy
    assert "\n" not in str(refused.value)


def test_a_taken_port_and_a_folder_that_cannot_be_written_are_named(started: LocalAws, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=f"port {started.port} .* cannot be taken"):
        _start(tmp_path / "other", started.port)
    (tmp_path / "file").write_text("")
    with pytest.raises(HarnessError, match="cannot write its state folder"):
        _start(tmp_path / "file")


def test_of_two_starts_at_once_one_wins(tmp_path: Path) -> None:
    def attempt(_: int) -> LocalAws | str:
        try:
            return _start(tmp_path)
        except HarnessError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(attempt, range(2)))
    [winner] = [outcome for outcome in outcomes if isinstance(outcome, LocalAws)]
    [loser] = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert "already serves" in loser
    control.stop(winner)


def test_a_stale_record_counts_as_none_and_its_process_is_never_touched(tmp_path: Path) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        started = psutil.Process(bystander.pid).create_time()
        stale = {"pid": bystander.pid, "started": started, "port": 1}
        (tmp_path / pidfile.RECORD).write_text(json.dumps(stale))
        assert control.running(tmp_path) is None
        control.stop(LocalAws("http://127.0.0.1:1", bystander.pid, 1, tmp_path))
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_hung_server_is_stopped_by_force(tmp_path: Path) -> None:
    local = _start(tmp_path)
    os.kill(local.pid, signal.SIGSTOP)
    control.stop(local, timeout_seconds=0.5)
    assert not psutil.pid_exists(local.pid)
    assert control.running(tmp_path) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_saves_and_ends_though_whoever_started_it_ignores_the_signal(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        local = _start(tmp_path)
    finally:
        signal.signal(number, before)
    Emulator(local).client("sns").create_topic(Name="kept")
    os.kill(local.pid, number)
    control._children.pop(local.pid).wait(timeout=_START_SECONDS)
    assert pidfile.read(tmp_path) is None, "its end was orderly"
    again = _start(tmp_path)
    try:
        assert len(Emulator(again).client("sns").list_topics()["Topics"]) == 1
    finally:
        control.stop(again)


@pytest.mark.parametrize("bound", [True, False])
def test_it_dies_with_its_parent_only_when_asked_to(tmp_path: Path, bound: bool) -> None:
    code = (
        "from pathlib import Path; from harness.localaws import control; import os, signal\n"
        f"control.start(Path({str(tmp_path)!r}), None, 60, die_with_parent={bound})\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    scripts = str(Path(control.__file__).parents[2])
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": scripts}, check=False)
    if bound:
        assert eventually(lambda: pidfile.read(tmp_path) is None)
        return
    time.sleep(1)
    survivor = control.running(tmp_path)
    assert survivor
    control.stop(survivor)


def test_nothing_of_the_callers_environment_reaches_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "leaked")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://leaked")
    monkeypatch.setenv("AUTH", "false")
    local = _start(tmp_path)
    try:
        assert '"auth": "enabled"' in Emulator(local).http("/_ministack/health").body
        sts = Emulator(local).client("sts")
        assert sts.get_caller_identity()["Arn"].endswith(":root")
    finally:
        control.stop(local)


def test_functions_call_the_address_they_are_given(tmp_path: Path) -> None:
    proxy = "http://127.0.0.1:9"
    local = control.start(tmp_path, None, _START_SECONDS, die_with_parent=True, function_endpoint=proxy)
    try:
        assert make_stack(Emulator(local), "proxied").get("endpoint").body == proxy
    finally:
        control.stop(local)


def test_every_gap_is_listed_and_probed() -> None:
    package = Path(control.__file__).parent
    gaps = {path.stem.removeprefix("gap_") for path in package.glob("gap_*.py")}
    listed = re.findall(r'Fill\("(\w+)"', (package / "fills.py").read_text(encoding="utf-8"))
    probed = {path.stem.removeprefix("test_gap_") for path in Path(__file__).parent.glob("test_gap_*.py")}
    assert gaps
    assert sorted(gaps) == sorted(listed) == sorted(probed)


def test_it_listens_on_the_loopback_interface_only(started: LocalAws) -> None:
    listening = [c for c in psutil.Process(started.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    assert {(c.laddr.ip, c.laddr.port) for c in listening} == {("127.0.0.1", started.port)}
    with socket.create_connection(("127.0.0.1", started.port), timeout=2):
        pass


def test_another_ministack_or_a_missing_function_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patching, "version", lambda _: "1.5.34")
    with pytest.raises(HarnessError, match=r"1\.5\.34 is installed"):
        patching.require_version()
    with pytest.raises(HarnessError, match="has no function _gone"):
        patching.original(SimpleNamespace(__name__="m"), "_gone")  # type: ignore[arg-type]


def test_its_keys_are_new_at_each_start_and_told_to_its_user_alone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o777)
    seen: list[dict[str, str]] = []
    for _ in range(2):
        local = _start(state)
        env = control.environment(local)
        seen.append(env)
        secret, of_root = env["AWS_SECRET_ACCESS_KEY"], env["AWS_ACCESS_KEY_ID"]
        assert re.fullmatch("AKIA[A-Z2-7]{16}", of_root)
        assert re.fullmatch("[A-Za-z0-9]{40}", secret)
        make_stack(Emulator(local), f"run-{len(seen)}").get()
        process = psutil.Process(local.pid)
        assert secret not in " ".join(process.cmdline())
        shown = repr(local) + repr(pidfile.read(state)) + (state / "server.log").read_text()
        control.stop(local)
        assert secret not in shown
        assert [path for path in state.rglob("*") if secret.encode() in _bytes(path)] == []
        with pytest.raises(HarnessError, match="has ended"):
            control.environment(local)
    assert seen[0]["AWS_ACCESS_KEY_ID"] != seen[1]["AWS_ACCESS_KEY_ID"]
    assert seen[0]["AWS_SECRET_ACCESS_KEY"] != seen[1]["AWS_SECRET_ACCESS_KEY"]


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def test_nobody_else_can_read_what_it_writes(tmp_path: Path) -> None:
    state = tmp_path / "state"
    old = os.umask(0)
    try:
        local = _start(state)
    finally:
        os.umask(old)
    emulator = Emulator(local)
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="kept", Key="a/b", Body=b"text")
    make_stack(emulator, "written").get()
    keys = {path.name for path in state.rglob("*") if _secret(local).encode() in _bytes(path)}
    assert keys == {pidfile.RECORD, pidfile.CONFIGURATION}
    control.stop(local)
    assert state.stat().st_mode & 0o777 == 0o700
    written = [path for path in state.rglob("*") if not path.is_symlink()]
    assert {"lock", "server.log", "state.sqlite3"} <= {path.name for path in written}
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def _secret(local: LocalAws) -> str:
    return control.environment(local)["AWS_SECRET_ACCESS_KEY"]


def test_a_person_works_with_the_profile_that_the_runbooks_name(tmp_path: Path) -> None:
    page = (REPO / "docs" / "runbooks" / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)[1]
    assert "aws-config" in lines
    local = _start(tmp_path / "build" / "local")
    ask = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'], boto3.client('s3').meta.region_name)"
    foreign = {"AWS_ACCESS_KEY_ID": "real", "AWS_SECRET_ACCESS_KEY": "real", "AWS_SESSION_TOKEN": "real"}
    try:
        done = subprocess.run(
            ["/bin/sh", "-ec", f'{lines}\n"{sys.executable}" -c "{ask}"'],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **foreign},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        control.stop(local)
    assert done.stdout.split() == ["arn:aws:iam::000000000000:root", read_blueprint().region], done.stderr
