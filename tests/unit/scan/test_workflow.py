"""CI's own definition: linted, pinned, and allowed no more than it says it needs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.clone import clone_tree

from harness.base.paths import CHECKOV_VENV, REPO
from harness.base.pythons import runtime_version, supported_versions
from harness.base.verb_list import VERBS
from harness.facts import read_blueprint
from harness.terraform.releases import releases

WORKFLOW = REPO / ".github" / "workflows" / "ci.yml"
TEXT = WORKFLOW.read_text()
JOBS: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["jobs"]
ACTIONLINT = CHECKOV_VENV / "bin" / "actionlint"


def lint(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ACTIONLINT, "-no-color", file], cwd=REPO, capture_output=True, text=True, check=False)


def test_actionlint_is_content() -> None:
    result = lint(WORKFLOW)
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("needs: [offline, plan]", "needs: [offline, plam]"),
        ("needs.blueprint.outputs.region", "needs.blueprint.outputs.regoin"),
        ("run:", "runs:"),
    ],
)
def test_actionlint_would_tell(tmp_path: Path, old: str, new: str) -> None:
    assert old in TEXT
    broken = tmp_path / "ci.yml"
    broken.write_text(TEXT.replace(old, new, 1))
    assert lint(broken).returncode == 1


def test_actions_are_pinned_by_commit_and_say_their_version() -> None:
    uses = re.findall(r"uses: (.*)", TEXT)
    assert uses
    assert [one for one in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []
    by_action: dict[str, set[str]] = {}
    for one in uses:
        by_action.setdefault(one.partition("@")[0], set()).add(one)
    assert {name: pins for name, pins in by_action.items() if len(pins) > 1} == {}


def test_nothing_is_allowed_by_default_and_writing_is_kept_apart() -> None:
    assert yaml.safe_load(TEXT)["permissions"] == {}
    granted = {name: job["permissions"] for name, job in JOBS.items()}
    assert granted == {
        "check": {"contents": "read", "security-events": "write"},
        "compat": {"contents": "read"},
        "blueprint": {"contents": "read"},
        "python": {"contents": "read"},
        "plan": {"contents": "read", "id-token": "write"},
        "offline": {"contents": "read"},
        "comment": {"pull-requests": "write"},
        "due": {"contents": "read", "issues": "write"},
        "drift": {"contents": "read", "id-token": "write"},
        "audit": {"contents": "read"},
    }


def test_no_secret_is_stored_and_no_fork_gets_a_token() -> None:
    assert "secrets." not in TEXT
    assert "pull_request_target" not in TEXT
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    assert own in JOBS["plan"]["if"]
    assert own in JOBS["comment"]["if"]
    for name in ("plan", "drift"):
        (step,) = [step for step in JOBS[name]["steps"] if "configure-aws-credentials" in step.get("uses", "")]
        assert set(step["with"]) == {"role-to-assume", "aws-region"}


def test_the_job_that_writes_runs_no_code_of_the_pull_request() -> None:
    assert not any("checkout" in step.get("uses", "") for step in JOBS["comment"]["steps"])


def test_forks_get_the_report_of_the_files_without_any_token() -> None:
    job = JOBS["offline"]
    assert "fork" not in job["if"]
    assert "full_name" not in job["if"]
    assert job["permissions"] == {"contents": "read"}
    (checkout,) = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert checkout["with"] == {"persist-credentials": False, "fetch-depth": 2}
    (plan,) = [step for step in job["steps"] if step.get("run") == "scripts/blueprint plan-offline"]
    assert plan["env"] == {"SINCE": "HEAD^1"}


FAKE_GH = """#!{python}
import json, os, pathlib, sys
store = pathlib.Path(os.environ["STORE"])
known = json.loads(store.read_text())
if "--paginate" in sys.argv:
    query = sys.argv[sys.argv.index("--jq") + 1]
    assert 'github-actions[bot]' in query and "endswith(env.MARKER)" in query
    print(*(one["id"] for one in known if one["by"] == "bot" and one["body"].endswith(os.environ["MARKER"])), sep="\\n")
else:
    (body,) = [pathlib.Path(one[6:]).read_text() for one in sys.argv if one.startswith("body=@")]
    if "PATCH" in sys.argv:
        number = int([one for one in sys.argv if "/issues/comments/" in one][0].rpartition("/")[2])
        (one,) = [one for one in known if one["id"] == number]
        one["body"] = body
    else:
        assert [one for one in sys.argv if one.endswith("/issues/7/comments")]
        known.append({{"id": len(known) + 1, "by": "bot", "body": body}})
    store.write_text(json.dumps(known))
"""


class PullRequest:
    """A pull request's comments, the artefacts of a run, and the job's own script over both."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, folder / "comments.json"
        self.store.write_text("[]")
        gh = folder / "bin" / "gh"
        gh.parent.mkdir()
        gh.write_text(FAKE_GH.format(python=sys.executable))
        gh.chmod(0o755)

    def push(self, **pages: str) -> list[dict[str, Any]]:
        """Run the job over these pages, ``plan_NAME`` and ``offline_NAME``; return the comments then."""
        shutil.rmtree(self.folder / "reports", ignore_errors=True)
        for key, text in pages.items():
            kind, _, name = key.partition("_")
            place = f"plan-{name}/reports/plan-{name}-{name}.md" if kind == "plan" else f"offline/offline-{name}.md"
            (self.folder / "reports" / place).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "reports" / place).write_text(text)
        (script,) = [step["run"] for step in JOBS["comment"]["steps"] if "run" in step]
        env = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
            "STORE": str(self.store),
            "GITHUB_REPOSITORY": "o/r",
            "NUMBER": "7",
        }
        subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=self.folder, env=env, check=True)
        found: list[dict[str, Any]] = json.loads(self.store.read_text())
        return found


def test_each_environment_has_one_comment_that_the_next_push_edits(tmp_path: Path) -> None:
    request = PullRequest(tmp_path)
    first = request.push(plan_calm="calm: 1", offline_calm="from the files", offline_live="live: 1")
    assert sorted(one["body"] for one in first) == [
        "calm: 1\n\n<!-- plan:calm -->",
        "live: 1\n\n<!-- plan:live -->",
    ]
    first.append({"id": 3, "by": "somebody", "body": "see <!-- plan:live -->"})
    request.store.write_text(json.dumps(first))
    second = request.push(offline_live="live: 2 $(touch gone) `touch gone`")
    assert sorted(one["body"] for one in second) == [
        "calm: 1\n\n<!-- plan:calm -->",
        "live: 2 $(touch gone) `touch gone`\n\n<!-- plan:live -->",
        "see <!-- plan:live -->",
    ]
    assert not (tmp_path / "gone").exists()


def test_the_runs_page_takes_what_fits_and_names_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("a" * 600_000)
    (tmp_path / "b.md").write_text("b" * 600_000)
    (tmp_path / "c.md").write_text("c")
    page = tmp_path / "page"
    pages = [str(tmp_path / f"{name}.md") for name in ("a", "b", "none", "c")]
    env = {"PATH": "/usr/bin:/bin", "GITHUB_STEP_SUMMARY": str(page)}
    subprocess.run([REPO / ".ci" / "summary", *pages], env=env, check=True)
    text = page.read_text()
    assert len(text) < 2**20
    assert "b.md does not fit here" in text
    assert text.endswith("c\n")


def test_plans_are_not_kept() -> None:
    assert not re.search(r"plan\.(bin|json)", TEXT)


def test_everything_is_a_verb() -> None:
    hooks = yaml.safe_load((REPO / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    entries = [hook["entry"] for hook in hooks]
    names = ("check", "plan", "offline", "due", "drift")
    runs = [step["run"] for name in names for step in JOBS[name]["steps"] if "run" in step]
    scripts = [run for run in runs if run.startswith(".ci/")]
    assert {run.split()[0] for run in scripts} == {".ci/run", ".ci/drift", ".ci/due", ".ci/summary"}
    assert "make scan" in entries
    assert [one for one in entries if one.removeprefix("make ") not in VERBS] == []
    assert [one for one in runs if one.removeprefix("scripts/blueprint ") not in VERBS and one not in scripts] == []
    assert "exec make check\n" in (REPO / ".ci" / "run").read_text()


def test_environments_roles_and_region_come_from_the_blueprint_and_the_account() -> None:
    for name in ("plan", "drift"):
        job = JOBS[name]
        assert job["needs"] == "blueprint"
        assert job["strategy"]["matrix"] == {"include": "${{ fromJSON(needs.blueprint.outputs.plans) }}"}
        # GitHub refuses a matrix of nothing.
        assert job["if"].startswith("${{ needs.blueprint.outputs.plans != '[]' && ")
        (step,) = [step for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")]
        assert step["with"]["role-to-assume"] == "${{ matrix.role }}"
        assert step["with"]["aws-region"] == "${{ vars.AWS_REGION || needs.blueprint.outputs.region }}"
    assert {job["env"]["ENV"] for job in JOBS.values() if "env" in job} == {"${{ matrix.environment }}"}
    assert re.findall(r"\b(?:ENV|SUFFIX|CONFIRM)=.*", TEXT) == []
    assert read_blueprint().region not in TEXT


ROLES = {name: {"apply": f"{name} apply", "plan": f"{name} plan"} for name in read_blueprint().environments}


@pytest.mark.parametrize("on_default", ["true", "false"])
def test_the_job_that_reads_the_blueprint_prints_what_is_planned_on_aws(on_default: str) -> None:
    (step,) = [step for step in JOBS["blueprint"]["steps"] if "run" in step]
    assert step["run"] == '.ci/blueprint >> "$GITHUB_OUTPUT"'
    assert step["env"].keys() == {"AWS_CI_ROLES", "ON_DEFAULT_BRANCH"}
    names = ("plans", "region", "pythons", "runtime")
    outputs = {name: f"${{{{ steps.{step['id']}.outputs.{name} }}}}" for name in names}
    assert JOBS["blueprint"]["outputs"] == outputs
    given = {"AWS_CI_ROLES": json.dumps(ROLES), "ON_DEFAULT_BRANCH": on_default, "GITHUB_EVENT_NAME": "pull_request"}
    done = subprocess.run(
        [REPO / ".ci" / "blueprint"], env={**os.environ, **given}, capture_output=True, text=True, check=True
    )
    printed = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert printed.keys() == outputs.keys()
    planned = [
        {"environment": name, "role": ROLES[name]["plan"]}
        for name, environment in read_blueprint().environments.items()
        if on_default == "true" or not environment.guarded
    ]
    assert json.loads(printed["plans"]) == planned
    jobs = yaml.safe_dump([job for job in JOBS.values() if "needs.blueprint.outputs.plans" in str(job)])
    assert {key for one in planned for key in one} == set(re.findall(r"matrix\.(\w+)", jobs))
    assert json.loads(printed["pythons"]) == list(supported_versions())
    assert (printed["region"], printed["runtime"]) == (read_blueprint().region, runtime_version())


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0, ""),
        (1, "::error title=Drift of live::Something was changed outside Terraform"),
        (2, "::error title=Drift of live is unknown::Nothing could be compared (exit code 2)"),
        (130, "::error title=Drift of live is unknown::Nothing could be compared (exit code 130)"),
    ],
)
def test_drift_is_told_from_a_failure(tmp_path: Path, code: int, said: str) -> None:
    """The script of the job, with a program that ends as given."""
    for folder in (".ci", "scripts"):
        (tmp_path / folder).mkdir()
    script, program = tmp_path / ".ci" / "drift", tmp_path / "scripts" / "blueprint"
    shutil.copy(REPO / ".ci" / "drift", script)
    program.write_text(f"#!/bin/sh\n[ $# = 1 ] && [ $1 = drift ] && exit {code}\nexit 9\n")
    program.chmod(0o755)
    ended = subprocess.run([script], env={**os.environ, "ENV": "live"}, capture_output=True, text=True, check=False)
    assert ended.returncode == code
    assert ended.stdout.startswith(said)
    assert ended.stdout.count("\n") == bool(said)


def test_every_release_of_terraform_is_tried_each_in_a_job_of_its_own() -> None:
    job = JOBS["compat"]
    assert job["strategy"]["matrix"]["release"] == list(releases())
    assert job["steps"][-1]["env"] == {"VERSION": "${{ matrix.release }}"}
    assert job["steps"][-1]["run"] == "scripts/blueprint compat"


def test_packages_are_installed_with_checksums_before_a_job_signs_in() -> None:
    """From signing in on, a job holds credentials of the account: nothing is fetched or installed any more."""
    holding = [name for name, job in JOBS.items() if "id-token" in job["permissions"]]
    assert holding
    for name in holding:
        done = [step.get("run") or step["uses"].partition("@")[0] for step in JOBS[name]["steps"]]
        signing = done.index("aws-actions/configure-aws-credentials")
        assert done[:signing] == ["actions/checkout", "actions/setup-python", "scripts/blueprint setup"], name
        ours = [one for one in done[signing + 1 :] if one.startswith(("scripts/blueprint ", ".ci/"))]
        assert set(done[signing + 1 :]) - set(ours) == {"actions/upload-artifact"}, name
        assert not any("setup" in one for one in ours), name


def installing(text: str) -> list[str]:
    """List commands that install packages, each with its continued lines, but not their comments."""
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [
        line
        for line in lines
        if re.search(r"(?<![-\w])(pipx?|uvx?|npm|npx|curl|wget|go)\"? (?:.*\b)?(install|add|get|http)", line)
    ]


def test_nothing_else_of_ci_installs_packages_without_checksums() -> None:
    found = [line for file in (WORKFLOW, *(REPO / ".ci").iterdir()) for line in installing(file.read_text())]
    assert found
    assert [line for line in found if "--require-hashes" not in line] == []
    assert installing("  run: pip install x") == ["  run: pip install x"]


def test_the_job_that_reads_the_blueprint_installs_with_checksums_where_nothing_is_set_up(tmp_path: Path) -> None:
    clone = clone_tree(tmp_path / "tree").root
    (clone / "build" / "venv").unlink()
    (tmp_path / "bin").mkdir()
    fakes = {
        # The environment that it makes: this Python, and a pip that keeps what it is asked for.
        "python3": f'mkdir -p "$3/bin" && cp {tmp_path}/bin/python {tmp_path}/bin/pip "$3/bin"',
        "python": f'exec {sys.executable} "$@"',
        "pip": f'for last; do true; done; cp "$last" {tmp_path}/asked; echo "$@" > {tmp_path}/words',
    }
    for name, script in fakes.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "AWS_CI_ROLES": "{}", "ON_DEFAULT_BRANCH": "true"}
    done = subprocess.run([clone / ".ci" / "blueprint"], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "pythons=[" in done.stdout
    asked = [line for line in (tmp_path / "asked").read_text().splitlines() if line]
    assert [line.partition("==")[0] for line in asked] == ["msgspec", "pyyaml"]
    assert all(re.search(r"( --hash=sha256:[0-9a-f]{64})+$", line) for line in asked)
    assert "--require-hashes" in (tmp_path / "words").read_text().split()


def test_a_checkout_leaves_no_credentials_behind() -> None:
    steps = [step for job in JOBS.values() for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]
    assert len(steps) > 1
    assert [step for step in steps if step["with"]["persist-credentials"] is not False] == []


def test_what_the_zips_hold_is_kept() -> None:
    (kept,) = [step["with"]["path"] for step in JOBS["offline"]["steps"] if "upload-artifact" in step.get("uses", "")]
    assert "build/reports/sbom-*.json" in kept.splitlines()


def test_vulnerabilities_are_asked_for_nightly_without_any_token() -> None:
    job = JOBS["audit"]
    assert "schedule" in job["if"]
    assert job["permissions"] == {"contents": "read"}
    assert "scripts/blueprint audit" in [step.get("run") for step in job["steps"]]


def test_drift_and_what_is_due_are_asked_for_nightly() -> None:
    # YAML reads the key "on" as true
    assert yaml.safe_load(TEXT)[True]["schedule"][0]["cron"].split()[2:] == ["*", "*", "*"]
    assert {name for name, job in JOBS.items() if "event_name == 'schedule'" in job.get("if", "")} == {
        "audit",
        "drift",
        "due",
    }


def test_the_token_that_writes_issues_is_given_to_one_step() -> None:
    (step,) = [step for step in JOBS["due"]["steps"] if "github.token" in str(step)]
    assert step == {"name": "Tell", "env": {"GH_TOKEN": "${{ github.token }}"}, "run": ".ci/due"}


FAKE_ISSUES = """#!{python}
import json, os, pathlib, re, sys
store = pathlib.Path(os.environ["STORE"])
known = json.loads(store.read_text())
words, texts = sys.argv[1:], dict(one.split("=", 1) for one in sys.argv if re.match("[a-z]+=", one))
(path,) = [one for one in words if one.startswith("repos/o/r/issues")]
if "--paginate" in words:
    assert path.endswith("?state=open&creator=github-actions%5Bbot%5D&per_page=100")
    assert "select(.pull_request == null and " in words[-1] and "endswith(env.MARKER)" in words[-1]
    mine = [one for one in known if one["state"] == "open" and one["by"] == "bot" and not one["pull"]]
    print(*(one["number"] for one in mine if (one["body"] or "").endswith(os.environ["MARKER"])), sep="\\n")
else:
    if "body" in texts:
        assert texts["body"][0] == "@"
        texts["body"] = pathlib.Path(texts["body"][1:]).read_text()
    if "PATCH" in words:
        (one,) = [one for one in known if str(one["number"]) == path.rpartition("/")[2]]
        one |= texts
    else:
        known.append({{"number": len(known) + 1, "by": "bot", "state": "open", "pull": False, **texts}})
    store.write_text(json.dumps(known))
"""


def test_one_issue_says_what_is_due_until_nothing_is(tmp_path: Path) -> None:
    """The job's script, with a program that ends as given and a stand-in for GitHub's."""
    store = tmp_path / "issues.json"
    others = [
        {"number": 1, "by": "bot", "state": "open", "pull": True, "body": "x <!-- due -->"},
        {"number": 2, "by": "somebody", "state": "open", "pull": False, "body": "x <!-- due -->"},
        {"number": 3, "by": "bot", "state": "open", "pull": False, "body": None},
    ]
    store.write_text(json.dumps(others))
    for name, text in (
        ("bin/gh", FAKE_ISSUES.format(python=sys.executable)),
        (".ci/due", ""),
        ("scripts/blueprint", ""),
    ):
        file = tmp_path / name
        file.parent.mkdir()
        file.write_text(text or (REPO / name).read_text())
        file.chmod(0o755)
    (tmp_path / "build" / "reports").mkdir(parents=True)
    env = {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "STORE": str(store),
        "GITHUB_REPOSITORY": "o/r",
        "CDPATH": "/tmp",
    }

    def night(code: int, page: str = "") -> Any:
        program = (
            f"#!/bin/sh\n[ $# = 1 ] && [ $1 = due ] || exit 9\nprintf '{page}' > build/reports/due.md\nexit {code}\n"
        )
        (tmp_path / "scripts" / "blueprint").write_text(program)
        ended = subprocess.run(
            [tmp_path / ".ci" / "due"], env=env, cwd="/", capture_output=True, text=True, check=False
        )
        assert (ended.returncode, ended.stdout) == (0 if code < 2 else code, ""), ended.stderr
        found = json.loads(store.read_text())
        assert found[:3] == others
        return [(one["state"], one["title"], one["body"]) for one in found[3:]]

    title = "Exceptions end soon"
    assert night(0) == night(2) == []
    assert night(1, "one $(x)") == [("open", title, "one $(x)\n\n<!-- due -->")]
    assert night(1, "two") == night(2) == [("open", title, "two\n\n<!-- due -->")]
    assert night(0)[0][0] == "closed"
    assert [one[0] for one in night(1, "three")] == ["closed", "open"]
