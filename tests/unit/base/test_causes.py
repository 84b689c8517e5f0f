"""Causes that lie outside a command have remedies of their own."""

import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import botocore.config
import botocore.session
import pytest

from harness.aws.missing import refusing
from harness.base import causes
from harness.base.errors import HarnessError, ToolError
from harness.base.process import run
from harness.base.refusals import cause_in
from harness.cli import told
from harness.terraform.detached import run_detached
from harness.terraform.runner import diagnose

REFUSED = """
╷
│ Error: reading S3 Bucket (states): operation error S3: GetBucket, https response error StatusCode: 403, AccessDenied
│
│   with aws_s3_bucket.state,
│   on main.tf line 3, in resource "aws_s3_bucket" "state":
│    3: resource "aws_s3_bucket" "state" {
│
╵
"""


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("OSError: [Errno 28] No space left on device", causes.ROOM),
        ("write terraform.tfstate: no space left on device", causes.ROOM),
        ("sqlite3.OperationalError: database or disk is full", causes.ROOM),
        ("dial tcp 127.0.0.1:9: connect: connection refused", causes.UNREACHABLE),
        ("dial tcp: lookup sts.nowhere: no such host", causes.UNREACHABLE),
        ("Failed to establish a new connection: [Errno -2] Name or service not known", causes.UNREACHABLE),
        ("net/http: TLS handshake timeout", causes.LATE),
        ("dial tcp 10.0.0.1:443: i/o timeout", causes.LATE),
        ("HTTPSConnectionPool(host='x', port=443): Read timed out. (read timeout=15)", causes.LATE),
        ("api error ExpiredToken: The provided token has expired.", causes.LOG_IN),
        ("User: arn:aws:iam::1:user/a is not authorized to perform: s3:ListBucket", causes.DENIED),
        ("api error ThrottlingException: Rate exceeded", causes.SLOWER),
        ("timed out while waiting for state to become 'ACTIVE'", ""),
        ("Invalid value for variable", ""),
    ],
)
def test_a_programs_words_give_the_cause(words: str, remedy: str) -> None:
    assert causes.remedy_of(words) == remedy


def test_a_program_that_fails_gets_the_remedy_of_its_cause_and_else_that_of_the_caller() -> None:
    for words, remedy in (("No space left on device", causes.ROOM), ("no such package", "look at the pins")):
        with pytest.raises(ToolError) as failed:
            run([sys.executable, "-c", f"import sys; sys.exit({words!r})"], remedy="look at the pins")
        assert failed.value.remedy == remedy


def test_terraform_is_told_with_the_cause_and_its_source_gives_none() -> None:
    assert diagnose("plan", REFUSED, Path("root"))[1] == causes.DENIED
    assert diagnose("apply", REFUSED, Path("root"))[1] == (
        f"what was done before it is in the state: {causes.DENIED.partition(', then')[0]}, "
        "then make plan and make apply again"
    )
    assert cause_in(REFUSED.replace(", AccessDenied", "").replace('"state" {', '"AccessDenied" {')) == ""


def test_an_aws_that_nobody_reaches_is_no_refusal() -> None:
    """A port that nobody listens on, and one where nobody answers: real connections."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        for listening, remedy in ((False, causes.UNREACHABLE), (True, causes.LATE)):
            if listening:
                silent.listen()
            with pytest.raises(HarnessError) as failed, refusing("tried", "check the permissions"):
                _ask(silent.getsockname()[1])
            assert failed.value.remedy == remedy


def _ask(port: int) -> None:
    config = botocore.config.Config(connect_timeout=60, read_timeout=1, retries={"total_max_attempts": 1})
    client: Any = botocore.session.Session().create_client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
        config=config,
    )
    client.get_caller_identity()


def test_errors_of_the_system_have_remedies_of_their_own() -> None:
    assert told(OSError(28, os.strerror(28), "plan.bin")).remedy == causes.ROOM
    assert told(ConnectionRefusedError(111, os.strerror(111))).remedy == causes.UNREACHABLE
    assert told(TimeoutError()).remedy == causes.LATE
    assert "ended the connection" in told(ConnectionResetError(104, os.strerror(104))).remedy
    assert "allow it" in told(PermissionError(13, os.strerror(13), "build")).remedy


def test_a_file_that_cannot_be_copied_is_named(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "main.tf").symlink_to("nowhere.tf")
    with pytest.raises(shutil.Error) as failed:
        shutil.copytree(tmp_path / "from", tmp_path / "to")
    assert told(failed.value).tried.startswith(f"{tmp_path / 'from' / 'main.tf'}: No such file or directory")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no file that is always full")
def test_an_apply_whose_log_finds_no_room_names_the_full_disk(tmp_path: Path) -> None:
    log = tmp_path / "apply.log"
    log.symlink_to("/dev/full")
    words = [str(shutil.which("false")), str(tmp_path), str(tmp_path / "plan.bin"), str(tmp_path / "mark")]
    with pytest.raises(HarnessError, match="is the disk full") as failed:
        run_detached(words, log, os.environ)
    assert "make room" in failed.value.remedy
