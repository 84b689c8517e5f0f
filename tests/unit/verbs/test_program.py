"""The program as its user meets it: exit codes, errors of the system, a reader that goes away, completion."""

from __future__ import annotations

import errno
import importlib
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.clone import Clone, clone_tree

from harness import cli
from harness.base.errors import HarnessError
from harness.base.options import Options, flag
from harness.base.paths import REPO, VENV
from harness.base.verb_list import VERBS
from harness.facts.stacks import environments
from harness.localaws import pidfile
from harness.localaws.keys import make
from harness.verbs import completion
from harness.verbs import help as help_verb

PROGRAM = REPO / "scripts" / "blueprint"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return clone_tree(tmp_path_factory.mktemp("program") / "tree")


def program(clone: Clone, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(clone.root / "scripts" / "blueprint"), *words]
    env = clone.environment(**settings)
    del env["PYTHONPATH"]
    # Called from another folder: nothing depends on where somebody stands.
    return subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=False)


def test_options_and_variables_are_the_same(clone: Clone) -> None:
    name = environments()[0]
    for words, settings in ((("--env", name, "--suffix", "alice"), {}), ((), {"ENV": name, "SUFFIX": "alice"})):
        result = program(clone, "help", *words, **settings)
        assert (result.returncode, result.stderr) == (0, "")
        assert f"ENV={name} SUFFIX=alice TARGET=local" in result.stdout


def test_an_option_wins_over_a_variable(clone: Clone) -> None:
    assert "SUFFIX=bob" in program(clone, "help", "--suffix", "bob", SUFFIX="alice").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["plan", "--env", "nope"], "error: --env / ENV=nope is not an environment: blueprint.yaml does not list it"),
        (["pln"], "error: pln is not a verb -> did you mean plan?"),
        (["plan", "--reveal"], "error: plan takes no --reveal"),
    ],
)
def test_what_is_refused_is_one_line_and_2(clone: Clone, words: list[str], told: str) -> None:
    result = program(clone, *words)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(told)
    assert result.stderr.count("\n") == 1


def test_findings_are_1_and_make_makes_2_of_it(clone: Clone) -> None:
    verb = clone.root / "scripts" / "harness" / "verbs" / "lint.py"
    before = verb.read_text()
    verb.write_text(before.replace("    with ThreadPoolExecutor", "    return 1\n    with ThreadPoolExecutor", 1))
    try:
        assert program(clone, "lint").returncode == 1
        env = clone.environment(PYTHON=sys.executable)
        made = subprocess.run(["make", "lint"], cwd=clone.root, env=env, capture_output=True, text=True, check=False)
        assert made.returncode == 2
    finally:
        verb.write_text(before)


def test_the_examples_of_a_verb_are_for_an_environment_that_is_there(clone: Clone) -> None:
    said = program(clone, "plan", "--help").stdout
    assert f"  scripts/blueprint plan --env {environments()[0]}\n" in said


def test_byte_code_stays_below_build(clone: Clone) -> None:
    assert program(clone, "help", PYTHONDONTWRITEBYTECODE="").returncode == 0
    assert list((clone.root / "build" / "cache" / "pycache").rglob("command_line*.pyc"))
    assert list((clone.root / "scripts").rglob("*.pyc")) == []


def test_an_unknown_verb_of_make_has_the_nearest_match(clone: Clone) -> None:
    env = clone.environment()
    result = subprocess.run(["make", "pln"], cwd=clone.root, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "error: pln is not a verb -> did you mean plan?" in result.stderr


def test_make_tells_what_a_verb_does_not_take(clone: Clone) -> None:
    command = ["make", "help", "REVEAL=1", "SUFFIX=alice"]
    result = subprocess.run(
        command, cwd=clone.root, env=clone.environment(), capture_output=True, text=True, check=True
    )
    assert result.stderr == "note: help takes no REVEAL: it changes nothing\n"
    assert "SUFFIX=alice" in result.stdout


def test_a_note_is_told_once_though_the_command_goes_on_in_another_python(clone: Clone) -> None:
    env = clone.environment(MAKEFLAGS=" -- VERBOS=1")
    for prefix in (sys.executable, str(Path(sys.executable).resolve())):
        result = subprocess.run(
            [prefix, str(clone.root / "scripts" / "blueprint"), "plan"],
            env=env, cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.stderr.count("note: plan takes no VERBOS: did you mean VERBOSE?") == 1
        assert "ENV is not set" in result.stderr


def test_the_version_is_said(clone: Clone) -> None:
    result = program(clone, "--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"scripts/blueprint {help_verb.version()}\n"


def test_the_help_has_the_port_of_the_local_aws_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert help_verb._RECORD == pidfile.RECORD
    running_port = help_verb.running_port
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        pidfile.write(tmp_path, port, make())
        assert running_port(tmp_path) == port
        monkeypatch.setattr(help_verb, "running_port", lambda: port)
        assert f"PORT={port}" in help_verb.effective(Options())
        assert "PORT=4600" in help_verb.effective(Options(port=4600))
    assert running_port(tmp_path) is None
    (tmp_path / pidfile.RECORD).write_text("[]")
    assert running_port(tmp_path) is None


def test_packages_are_installed_first_and_the_command_goes_on_there(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []

    class Gone(Exception):
        """The process became another one."""

    def become(python: str, arguments: list[str], env: dict[str, str]) -> None:
        done.append((python, arguments, env["PYTHONPATH"]))
        raise Gone

    monkeypatch.setattr(sys, "prefix", "/usr")
    monkeypatch.setattr(os, "execve", become)
    monkeypatch.setattr(os, "chdir", done.append)
    setup = importlib.import_module("harness.verbs.setup")
    monkeypatch.setattr(setup, "run", lambda options: done.append("setup"))
    python = str(VENV / "bin" / "python")
    gone = [REPO, (python, [python, "-m", "harness", "lint"], str(REPO / "scripts"))]
    for ready, expected in ((False, ["setup", *gone]), (True, gone)):
        done.clear()
        monkeypatch.setattr(cli, "installed", lambda ready=ready: ready)
        with pytest.raises(Gone):
            cli.main(["lint"])
        assert done == expected
    done.clear()
    assert cli.main(["completion", "environments"]) == 0
    assert done == []


@pytest.mark.parametrize(
    ("error", "told", "remedy"),
    [
        (TimeoutError(), "the system: TimeoutError", "nobody answered in time"),
        (TimeoutError("timed out"), "the system: timed out", "nobody answered in time"),
        (TimeoutError(errno.ETIMEDOUT, ""), "the system: Connection timed out", "nobody answered in time"),
        (ConnectionResetError(errno.ECONNRESET, ""), "Connection reset by peer", "the other side ended the connection"),
        (ConnectionRefusedError(errno.ECONNREFUSED, ""), "Connection refused", "nobody listens there"),
        (BrokenPipeError(errno.EPIPE, ""), "the system: Broken pipe", "the other side ended the connection"),
        (OSError(errno.ENOSPC, "", "build/x"), "build/x: No space left on device", "make room"),
        (OSError(errno.EROFS, "", "build/x"), "build/x: Read-only file system", "allow it"),
        (PermissionError(errno.EACCES, "", "build/x"), "build/x: Permission denied", "allow it"),
        (FileNotFoundError(errno.ENOENT, "", "x"), "x: No such file or directory", "mend that"),
    ],
)
def test_each_error_of_the_system_has_its_own_remedy(
    error: OSError, told: str, remedy: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(_options: Options) -> int:
        raise error

    monkeypatch.setattr(help_verb, "run", fail)
    assert cli.main([]) == 2
    said = capfd.readouterr().err
    assert said.startswith("error: ")
    assert f"{told} -> {remedy}" in said
    assert ("make room" in said) is (error.errno == errno.ENOSPC)


def test_of_an_error_of_several_lines_the_others_are_indented(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_options: Options) -> int:
        raise HarnessError("summary\n  on main.tf line 3\ndetail", "mend it")

    monkeypatch.setattr(help_verb, "run", fail)
    assert cli.main([]) == 2
    assert capsys.readouterr().err == "error: summary\n    on main.tf line 3\n  detail\n  -> mend it\n"


@pytest.mark.parametrize("words", [["help"], ["plan", "--help"], ["completion", "bash"]])
def test_a_reader_that_goes_away_is_no_error(clone: Clone, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, str(clone.root / "scripts" / "blueprint"), *words]
    with os.fdopen(writing, "w") as stream:
        ended = subprocess.run(
            command, env=clone.environment(), stdout=stream, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (ended.returncode, ended.stderr) == (141, "")


def test_an_error_that_nobody_reads_is_no_trace(clone: Clone) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, str(clone.root / "scripts" / "blueprint"), "pln"]
    with os.fdopen(writing, "w") as stream:
        ended = subprocess.run(
            command, env=clone.environment(), stderr=stream, stdout=subprocess.PIPE, text=True, check=False
        )
    assert (ended.returncode, ended.stdout) == (141, "")


def by_shell(clone: Clone, shell: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program by a line of the shell, as ``$P``."""
    env = clone.environment(P=f"{sys.executable} {clone.root / 'scripts' / 'blueprint'}", **settings)
    return subprocess.run(["bash", "-c", shell], env=env, capture_output=True, check=False)


@pytest.mark.parametrize("file", ["scripts/harness/verbs/completion.py", "scripts/harness/base/options.py"])
@pytest.mark.parametrize(("fault", "code"), [("unforeseen", 2), ("raise KeyboardInterrupt", 130)])
def test_what_nobody_foresaw_is_no_finding(clone: Clone, file: str, fault: str, code: int) -> None:
    """In an import, too: of a verb, and of the command line itself."""
    path = clone.root / file
    before = path.read_text()
    path.write_text(f"{before}\n{fault}\n")
    try:
        ended = program(clone, "completion", "bash")
    finally:
        path.write_text(before)
    assert (ended.returncode, ended.stdout) == (code, "")
    if code == 2:
        assert "NameError: name 'unforeseen' is not defined" in ended.stderr
        assert ended.stderr.endswith("nothing is known of the result -> report it with the trace above\n")


def test_a_path_that_python_cannot_search_is_told(tmp_path: Path) -> None:
    tree = clone_tree(tmp_path / "a:b")
    ended = program(tree, "due")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"error: Python finds no module in a folder with : in its name: {tree.root} -> rename it\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_crash(clone: Clone, closed: str) -> None:
    assert by_shell(clone, f"$P completion environments {closed}").returncode == 0
    assert by_shell(clone, f"$P pln {closed}").returncode == 2


def test_a_full_device_is_told(clone: Clone) -> None:
    for unbuffered in ("1", ""):
        ended = by_shell(clone, "$P completion environments >/dev/full", PYTHONUNBUFFERED=unbuffered)
        assert ended.returncode == 2
        assert (
            ended.stderr
            == b"error: the system: No space left on device -> make room, then run the same command again\n"
        )


def completed(*words: str) -> list[str]:
    """Return what bash offers for the last of ``words``, which are what stands on the line behind the program."""
    line = [str(PROGRAM), *words]
    script = f"""
        eval "$({shlex.quote(sys.executable)} {shlex.quote(str(PROGRAM))} completion bash)"
        COMP_WORDS=({shlex.join(line)}) COMP_CWORD={len(words)}
        _blueprint
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    env = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(["bash", "-uc", script], env=env, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ([""], list(VERBS)),
        (["pl"], ["plan", "plan-offline"]),
        (["plan", "--t"], ["--target"]),
        (["plan", ""], [flag(variable) for variable in VERBS["plan"].takes]),
        (["plan", "--env", ""], list(environments())),
        (["apply", "--confirm", environments()[0][:2]], [environments()[0]]),
        (["plan", "--env", "=", environments()[0][:2]], [environments()[0]]),
        (["plan", "--env", "="], list(environments())),
        (["plan", "--target", ""], ["local", "aws"]),
        (["restore", "--mode", "e"], ["exact"]),
        (["restore", "--what", ""], ["table", "state", "api"]),
        (["restore", "--what", "=", "s"], ["state"]),
        (["mutate", "--what", ""], []),
        (["plan", "--suffix", ""], []),
        (["completion", ""], ["bash", "zsh", "--args"]),
        (["help", "ro"], ["rollback"]),
        (["lint", ""], []),
        (["nonsense", ""], []),
    ],
)
def test_bash_completes(words: list[str], offered: list[str]) -> None:
    assert completed(*words) == offered


def test_zsh_runs_the_same_function(capsys: pytest.CaptureFixture[str]) -> None:
    assert completion.run(Options(arguments="zsh")) == 0
    zsh = capsys.readouterr().out
    assert completion.run(Options(arguments="bash")) == 0
    assert zsh.endswith(capsys.readouterr().out.replace("completion bash", "completion zsh"))
    assert "bashcompinit" in zsh


@pytest.mark.parametrize(
    ("word", "told"), [("", "no shell is named"), ("fish", "fish is not a shell"), ("zhs", "zsh?")]
)
def test_another_shell_is_refused(word: str, told: str) -> None:
    with pytest.raises(HarnessError, match=told):
        completion.run(Options(arguments=word))


def test_verbs_that_run_bare_are_the_ones_that_need_no_package() -> None:
    assert {name for name, verb in VERBS.items() if verb.bare} == {
        "setup",
        "completion",
        "help",
        "lock",
        "new",
        "remove",
        "rename",
    }


def test_a_clone_has_all_that_is_installed(clone: Clone) -> None:
    """Else make would install it there, in every test that calls it with another Python."""
    code = "from harness.base.toolset import installed; raise SystemExit(not installed())"
    assert subprocess.run([sys.executable, "-c", code], env=clone.environment(), check=False).returncode == 0


@pytest.mark.parametrize(("words", "forgotten"), [([], 1), (["--target", "local"], 1), (["--target", "aws"], 0)])
def test_the_callers_aws_is_forgotten_but_where_it_is_the_target(
    words: list[str], forgotten: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[None] = []
    monkeypatch.setattr(cli, "forget_aws", lambda: calls.append(None))
    assert cli.main(["help", *words]) == 0
    assert len(calls) == forgotten
