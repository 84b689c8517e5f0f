"""Days that exceptions are judged by: that of the latest commit for a verdict, the clock's for what is due soon.

So a commit that was clean stays clean for whoever clones it, in whichever year; docs/adr/0041.
"""

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.base.findings import Finding, Severity
from harness.base.paths import REPO
from harness.base.process import run
from harness.scan.exceptions import Waiver

DUE = "exception-due"
DUE_DAYS = 30
PACKED = Path(__file__).with_name("commit-day.txt").relative_to(REPO)
"""File with the day of a tree without history: `git archive` fills it in (.gitattributes)."""
_REMEDY = "mend what it accepts, or decide anew and give it a day."


def day_of(tree: Path = REPO) -> datetime.date | None:
    """Return the day of a tree's latest commit, by its committer's clock; ``None`` where there is no commit.

    What is not committed yet changes nothing: the commit that it becomes is judged by a day of its own.

    Raises:
        ToolError: git is missing, or refuses the tree.
    """
    if (tree / ".git").exists():
        git: list[str | Path] = ["git", "-C", tree, "-c", "log.showSignature=false"]
        mend = "install git, or mend what it says of this repository"
        born = run([*git, "rev-parse", "--verify", "--quiet", "HEAD"], accept=(0, 1), remedy=mend).stdout
        said = run([*git, "log", "-1", "--format=%cs"], remedy=mend).stdout.strip() if born else ""
    else:
        packed = tree / PACKED
        said = packed.read_text(encoding="utf-8").strip() if packed.exists() else ""
    try:
        return datetime.date.fromisoformat(said)
    except ValueError:
        return None


def notes(waivers: Iterable[Waiver], day: datetime.date | None, today: datetime.date) -> Iterator[str]:
    """Say what a verdict by ``day`` leaves open at the reader's date.

    Args:
        day: that of the latest commit, if there is one.
        today: the reader's date.
    """
    if day is None:
        yield "there is no commit whose day exceptions are judged by: none counts as expired"
    elif day > today:
        yield f"the latest commit is of {day}, after this machine's {today}: exceptions are judged by the commit's day"
    over = [one for one in waivers if one.expires < today and (day is None or one.expires >= day)]
    if over:
        first = min(over, key=lambda one: (one.expires, one.file, one.line))
        yield (
            f"{len(over)} exceptions hold for this commit and for no later one: "
            f"{first.file}:{first.line} was until {first.expires} (due lists them)"
        )


def due(waivers: Iterable[Waiver], today: datetime.date) -> tuple[Finding, ...]:
    """List exceptions whose last day has passed, or comes within :data:`DUE_DAYS`."""
    last = today + datetime.timedelta(days=DUE_DAYS)
    soon = [one for one in waivers if one.expires <= last]
    soon.sort(key=lambda one: (one.expires, one.file, one.line))
    return tuple(_finding(one, (one.expires - today).days) for one in soon)


def _finding(waiver: Waiver, days: int) -> Finding:
    soon = days >= 0
    when = f"ends on {waiver.expires}, in {days} days" if soon else f"ended on {waiver.expires}, {-days} days ago"
    message = f"exception {waiver.check} of {waiver.owner} {when}"
    fails = "The first commit after its last day fails for it" if soon else "Each commit since then fails for it"
    return Finding(DUE, Severity.WARNING, "", message, "", waiver.file, waiver.line, f"{fails}: {_REMEDY}")
