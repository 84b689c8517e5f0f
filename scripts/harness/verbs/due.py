"""``make due``: exceptions and accepted survivors whose last day comes soon, by the clock; CI asks each night."""

import datetime

from harness.base.options import Options
from harness.base.paths import REPORTS, shown, write_atomically
from harness.report import Check, Report, markdown, table
from harness.scan.dates import DUE, DUE_DAYS, due
from harness.scan.exceptions import exceptions_of, read_waivers
from harness.verbs.mutate import SURVIVORS


def run(options: Options) -> int:
    """List what is due; exit 1 when anything is.

    Raises:
        HarnessError: a file of exceptions cannot be read.
    """
    report = report_of(datetime.datetime.now(datetime.UTC).date())
    write_atomically(REPORTS / "due.md", markdown(report).encode())
    print(table(report), end="")
    return 1 if report.failed else 0


def report_of(today: datetime.date) -> Report:
    """Report what is due at a date.

    Raises:
        HarnessError: as :func:`run`.
    """
    waivers = [*exceptions_of()[0], *read_waivers(SURVIVORS, shown(SURVIVORS))[0]]
    title = f"no exception's last day comes within {DUE_DAYS} days"
    return Report(name="due", findings=due(waivers, today), checks=(Check(DUE, title, "", len(waivers)),))
