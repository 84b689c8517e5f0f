"""The clock by which the local AWS counts requests and request units a second: real time, or one that a test moves.

The machine that runs the local AWS serves some tens of requests a second. Whoever wants to know what a thousand a
second would do lets this clock stand still, sends a second's requests and moves it on by one second. It is a file in
the state folder, read before each request; without it, time is real.
"""

import os
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

CLOCK_FILE = "LOCALAWS_THROUGHPUT_CLOCK"
"""Environment variable of the server that names the file."""
NAME = "throughput-clock"
"""Name of the file in the state folder."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A reading of the clock.

    Attributes:
        run: of the virtual clock that shows it; "" for real time.
        seconds: since the virtual clock was started, or since some moment of real time.
    """

    run: str
    seconds: float


def read() -> Moment:
    """Read the virtual clock if there is one, else real time."""
    try:
        run, seconds = Path(os.environ.get(CLOCK_FILE, "")).read_text().split()
    except OSError:
        return Moment("", time.monotonic())
    return Moment(run, float(seconds))


@dataclass(slots=True)
class VirtualClock:
    """A clock that begins at 0, with nothing saved up of any limit, and stands still until it is moved.

    Attributes:
        state_dir: of the local AWS that goes by it.
        seconds: what it shows.
    """

    state_dir: Path
    seconds: float = 0.0
    _run: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __enter__(self) -> "VirtualClock":
        """Start it."""
        self._show()
        return self

    def __exit__(self, *_: object) -> None:
        """Go back to real time."""
        (self.state_dir / NAME).unlink(missing_ok=True)

    def advance(self, seconds: float) -> None:
        """Move it on."""
        self.seconds += seconds
        self._show()

    def _show(self) -> None:
        written = self.state_dir / f"{NAME}.new"
        written.write_text(f"{self._run} {self.seconds!r}")
        written.replace(self.state_dir / NAME)
