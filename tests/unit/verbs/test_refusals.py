"""Bad input through the real command line: one clear line, exit 2, nothing half-written. No AWS is running."""

import re
import resource
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.clone import Clone, clone_tree

from harness.base.verb_list import VERBS
from harness.facts import service_names
from harness.facts.stacks import environments
from harness.verbs.help import listed

# No metadata service is waited for, and no file of whoever runs the test is read.
NO_LOGIN = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}

ENVIRONMENTS = environments()
LISTED = ", ".join(ENVIRONMENTS)
FIRST, LAST = ENVIRONMENTS[0], ENVIRONMENTS[-1]
SERVICE = service_names()[0]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return clone_tree(tmp_path_factory.mktemp("refusals") / "tree")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def refused(result: subprocess.CompletedProcess[str], message: str) -> None:
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert result.returncode == 2, result.stdout + result.stderr
    assert len(errors) == 1, result.stderr
    assert message in errors[0]
    assert " -> " in errors[0]
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("verb", "settings", "message"),
    [
        (
            "plan",
            {},
            f"--env {FIRST} or ENV={FIRST} (there are: {LISTED})",
        ),
        ("apply", {}, "ENV is not set"),
        ("destroy", {}, "ENV is not set"),
        ("outputs", {}, "ENV is not set"),
        ("plan", {"ENV": "zz-none"}, "ENV=zz-none is not an environment: blueprint.yaml does not list it"),
        ("up", {"ENV": FIRST, "SUFFIX": "Bad_Suffix"}, "SUFFIX='Bad_Suffix' is not valid"),
        *(
            ("up", {"ENV": FIRST, "SUFFIX": name}, f"SUFFIX={name} is the name of environment {name}")
            for name in ENVIRONMENTS[1:]
        ),
        ("up", {"ENV": FIRST, "TARGET": "aws"}, f"make up is for the local AWS -> make plan ENV={FIRST} TARGET=aws"),
        ("plan", {"ENV": FIRST, "TARGET": "moon"}, "TARGET=moon is not a target"),
        ("plan", {"ENV": FIRST, "TARGET": "aws", "AWS_PROFILE": "nobody"}, "AWS_PROFILE cannot be used"),
        ("plan", {"ENV": FIRST, "TARGET": "aws", **NO_LOGIN}, "AWS does not accept the credentials"),
        ("plan", {"ENV": FIRST}, "the local AWS is not running -> make up starts it"),
        ("smoke", {"ENV": LAST}, "the local AWS is not running"),
        ("up", {"PORT": "no"}, "PORT=no is not a port"),
        ("dance", {}, "dance is not a verb"),
    ],
)
def test_one_clear_line(clone: Clone, verb: str, settings: dict[str, str], message: str) -> None:
    refused(clone.run(verb, **settings), message)


def test_a_taken_port_is_named(clone: Clone, taken_port: int) -> None:
    refused(clone.run("up", PORT=str(taken_port)), str(taken_port))


def test_a_disk_without_room_keeps_the_old_zip(clone: Clone) -> None:
    assert clone.run("bundle").returncode == 0
    zip_file = clone.root / "build" / "bundle" / f"{SERVICE}.zip"
    before = zip_file.read_bytes()
    handler = next((clone.root / "lambda" / SERVICE).glob("*.py"))
    handler.write_text(handler.read_text() + "\n# changed\n")
    command, env = clone.command("bundle")
    full = subprocess.run(
        command,
        cwd=clone.root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        # No file may grow beyond 64 KB: the kernel refuses the write as it would on a full disk.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)),
    )
    refused(full, f"build/bundle/{SERVICE}.zip: File too large")
    assert zip_file.read_bytes() == before
    expected = {f"{service}.{kind}" for service in service_names() for kind in ("json", "sha256", "zip")}
    assert {path.name for path in zip_file.parent.iterdir()} == expected


@pytest.mark.parametrize(("verb", "settings"), [("bundle", {}), ("cost", {"ENV": FIRST}), ("docs", {})])
def test_a_contract_with_problems_is_refused_line_by_line(tmp_path: Path, verb: str, settings: dict[str, str]) -> None:
    """Every problem at once, before Terraform is asked; what stood in the build folder stays."""
    clone = clone_tree(tmp_path / "tree")
    contract = clone.root / "lambda" / SERVICE / "openapi.yaml"
    text = re.sub(r"(?<= version: )[\w.]+", "1.0", contract.read_text(), count=1) + "externalDocs: {url: 1.5}\n"
    contract.write_text(text)
    version, url = (
        f"  lambda/{SERVICE}/openapi.yaml:{text[: text.index(sign)].count(chr(10)) + 1}"
        for sign in (" version: 1.0", "{url: 1.5}")
    )
    result = clone.run(verb, **settings)
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stderr.splitlines()[-3:] == [
        f"error: lambda/{SERVICE}/openapi.yaml has 2 problems -> correct each, then run the same command again",
        f'{version}: "version" is 1.0, but must be a string: write it in quotes: "1.0"',
        f'{url}: "url" is 1.5, but must be a string: write it in quotes: "1.5"',
    ]
    assert "Traceback" not in result.stderr
    assert not (clone.root / "build" / "bundle").exists()


def test_a_build_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be: unlike permissions, that stops root too."""
    clone = clone_tree(tmp_path / "tree")
    (clone.root / "build" / "bundle").write_text("in the way")
    refused(clone.run("bundle"), "build/bundle")


def test_no_terraform_says_what_to_install(clone: Clone) -> None:
    """The local AWS is asked for first, so the linter is what meets a machine without Terraform."""
    refused(clone.run("lint", PATH="/nonexistent"), "Terraform is not installed -> run make setup")


def test_help_lists_verbs_environments_and_settings(clone: Clone) -> None:
    result = clone.run("help", ENV=FIRST, SUFFIX="alice")
    assert result.returncode == 0
    assert f"environments: {LISTED}" in result.stdout
    assert "SUFFIX=alice TARGET=local" in result.stdout


def test_help_shows_the_environments_that_the_blueprint_lists(clone: Clone) -> None:
    text = (clone.root / "blueprint.yaml").read_text()
    assert listed(text) == list(environments())
    (clone.root / "blueprint.yaml").write_text(text + "  zz-more: {guarded: false}\n")
    try:
        assert f"environments: {', '.join((*environments(), 'zz-more'))}\n" in clone.run("help").stdout
    finally:
        (clone.root / "blueprint.yaml").write_text(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("environments:\n  one: {}\n  two-2:\n    load: {}\n", ["one", "two-2"]),
        ("a: b\nenvironments: # of ours\n\n    # first\n    one: {}\n    'two': {}\nb:\n  three: x\n", ["one", "two"]),
        ("environments:\n  one: {}\n# between\n\n  two: {}", ["one", "two"]),
        ("environments: {one: {}}\n", []),
        ("", []),
    ],
)
def test_help_reads_one_environment_a_line(text: str, names: list[str]) -> None:
    assert listed(text) == names


def test_make_alone_is_the_help(clone: Clone) -> None:
    result = subprocess.run(
        ["make"], cwd=clone.root, env=clone.environment(), capture_output=True, text=True, check=True
    )
    listed = {line.split()[0] for line in result.stdout.splitlines() if line.startswith("  ")}
    assert listed == set(VERBS)


def test_make_knows_every_verb(clone: Clone) -> None:
    command = ["make", "-n", *VERBS]
    result = subprocess.run(
        command, cwd=clone.root, env=clone.environment(), capture_output=True, text=True, check=True
    )
    assert [line.split()[-2:] for line in result.stdout.splitlines()] == [["scripts/blueprint", verb] for verb in VERBS]
