"""``make mutate``: break one setting of the HCL at a time and see whether the plan suite notices."""

import os
import re
import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatch

from harness.base.options import Options, wrong
from harness.base.paths import REPO, REPORTS, shown, write_atomically
from harness.base.process import run as run_program
from harness.base.progress import say
from harness.base.results import write_report
from harness.base.texts import text_of
from harness.bundle.archive import build_bundle
from harness.lab.mutation.derive import derive, derive_yaml
from harness.lab.mutation.mutant import Mutant
from harness.lab.mutation.run import Verdict, judged
from harness.lab.mutation.tell import SHARE, document, figures, report
from harness.report import markdown, table
from harness.scan.dates import day_of

SURVIVORS = REPO / "tests" / "survivors.yaml"
_PLACES = ("modules/*/*.tf", "modules/*/*.yaml", "lambda/*/permissions.yaml", "envs/*/*.tf")
_EVERY_SECONDS = 20.0


def run(options: Options) -> int:
    """Run all mutants, or those of files that match ``WHAT``, changed since ``SINCE``, or are in ``SHARD``.

    Exit code 1 when a survivor is not accepted in ``tests/survivors.yaml``, or fewer than 95 % are killed.

    Raises:
        HarnessError: no file is meant, revision or shard is unknown, or the suite fails before anything is broken.
    """
    files = _files(options.what, options.since)
    derived = _derived(files, options.shard)
    mutants = [(mutant, mutant.applied(files[file])) for file, found in derived.items() for mutant in found]
    build_bundle()
    started = time.monotonic()
    workers = os.cpu_count() or 1
    say(f"  {len(mutants)} mutants of {len(derived)} files, {workers} at a time")
    verdicts = list(judged(mutants, workers, _progress(len(mutants))))
    seconds = time.monotonic() - started
    totals = figures(verdicts)
    found = report(verdicts, SURVIVORS, shown(SURVIVORS), day_of(), derived)
    write_report("mutation", document(verdicts, seconds))
    write_atomically(REPORTS / "mutation.md", markdown(found).encode())
    print(table(found), end="")
    killed = (
        f"{totals['killed']} killed, {totals['survived']} survived, {totals['refused']} refused by Terraform itself"
    )
    say(f"  {totals['total']} mutants in {seconds / 60:.1f} min: {killed}; {shown(REPORTS)}/mutation.{{json,md}}")
    share = totals["share_killed"]
    if share is None:
        return 0
    say(f"  killed of those that Terraform takes: {share:.1%}, promised {SHARE:.0%}")
    return 1 if found.failed or share < SHARE else 0


def _files(what: str, since: str) -> dict[str, str]:
    """Text of every file to break, by its name."""
    found = (path for place in _PLACES for path in REPO.glob(place))
    # A link's file is broken once, where it lies.
    names = sorted(str(path.relative_to(REPO)) for path in found if not path.is_symlink())
    if since:
        remedy = "SINCE= takes a commit, branch or tag"
        changed = run_program(["git", "diff", "--name-only", since, "--"], cwd=REPO, remedy=remedy).stdout.split()
        names = [name for name in names if name in changed]
    if what:
        names = [name for name in names if fnmatch(name, what) or name.startswith(what)]
        if not names:
            raise wrong("WHAT", what, "is no file that is broken", "e.g. WHAT=modules/table")
    return {name: text_of(REPO / name) for name in names}


def _derived(files: Mapping[str, str], shard: str) -> dict[str, list[Mutant]]:
    """Derive the mutants of the files of a shard."""
    part, parts = _part(shard)
    derived = {file: (derive_yaml if file.endswith(".yaml") else derive)(text, file) for file, text in files.items()}
    mine = shards({file: len(found) for file, found in derived.items()}, parts)[part - 1]
    return {file: derived[file] for file in mine}


def _part(shard: str) -> tuple[int, int]:
    """Read ``2/8``: the second of eight; everything is one of one."""
    found = re.fullmatch(r"([1-9][0-9]?)/([1-9][0-9]?)", shard or "1/1")
    if not found or int(found[1]) > int(found[2]):
        raise wrong("SHARD", shard, "is no shard", "e.g. SHARD=2/8, the second of eight")
    return int(found[1]), int(found[2])


def shards(mutants: Mapping[str, int], parts: int) -> list[list[str]]:
    """Deal files by their number of mutants to shards of about the same size; each file is in exactly one."""
    dealt: list[list[str]] = [[] for _ in range(parts)]
    for file in sorted(mutants, key=lambda name: (-mutants[name], name)):
        min(dealt, key=lambda files: sum(mutants[name] for name in files)).append(file)
    return [sorted(files) for files in dealt]


def _progress(total: int) -> Callable[[Verdict], None]:
    """Says every now and then how far the run is."""
    done: list[Verdict] = []
    started = last = time.monotonic()

    def seen(verdict: Verdict) -> None:
        nonlocal last
        done.append(verdict)
        now = time.monotonic()
        if now - last < _EVERY_SECONDS:
            return
        last = now
        totals, pace = figures(done), len(done) / (now - started) * 60
        left = (total - len(done)) / pace
        say(
            f"  {len(done)}/{total}: {totals['killed']} killed, {totals['survived']} survived,"
            f" {totals['refused']} refused; {pace:.0f} a minute, {left:.0f} min left"
        )

    return seen
