"""Workers, a process each, that judge mutants."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Self, cast

from harness.base.errors import HarnessError, ToolError
from harness.base.paths import CACHE, REPO, ensure_folder
from harness.lab.mutation.mutant import Mutant

SECONDS = 120.0
"""A mutant takes 15 seconds at most; one that takes this long hangs the suite, which is noticed, too."""

UNBROKEN_SECONDS = 1800.0
"""The longest wait for the suite on the unbroken tree; where that takes a minute, mutants may take longer, too."""

_WORKER = "tests.support.mutant_worker"


class Outcome(StrEnum):
    """Fates of a mutant.

    ``KILLED``: an assertion of the suite failed, or a condition written in HCL. ``REFUSED``: Terraform or the provider
    does not take it, whatever the suite. ``SURVIVED``: everything passed. ``HUNG``: the suite did not end.
    """

    KILLED = "killed"
    REFUSED = "refused"
    SURVIVED = "survived"
    HUNG = "hung"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mutant's fate; ``by`` is the test that noticed, ``why`` what it said, ``seconds`` how long it took."""

    mutant: Mutant
    outcome: Outcome
    by: str
    why: str
    seconds: float


class _Worker:
    """A process that runs the suite on one mutant after another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Both pipes are asked for, so both are there.
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", _WORKER, str(folder)],
            cwd=REPO,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (REPO / "scripts", REPO / "lambda", REPO)))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._mutants, self._answers = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
        started = time.monotonic()
        self.unbroken = self._answer(UNBROKEN_SECONDS)
        self._seconds = max(SECONDS, 5 * (time.monotonic() - started))

    def judge(self, mutant: Mutant, text: str) -> Mapping[str, str]:
        """Judge a mutant.

        Raises:
            ToolError: the worker died.
        """
        try:
            order = {"file": mutant.file, "path": mutant.path, "old": mutant.old, "text": text}
            self._mutants.write(json.dumps(order) + "\n")
            self._mutants.flush()
        except OSError as error:
            raise self._dead() from error
        return self._answer(self._seconds)

    def _answer(self, seconds: float) -> Mapping[str, str]:
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        line = self._answers.readline()
        timer.cancel()
        if late.is_set():
            return {"outcome": Outcome.HUNG, "by": "", "why": f"no answer in {seconds:.0f} s"}
        if not line:
            raise self._dead()
        answer: Mapping[str, str] = json.loads(line)
        return answer

    def _dead(self) -> ToolError:
        log = self._folder / "pytest.log"
        said = log.read_text(errors="replace").strip()[-500:] if log.exists() else "nothing"
        return ToolError(f"a worker of the mutation run died; it said: {said}", "run make test-plan")

    def close(self) -> None:
        """End the process, and with it its provider."""
        try:
            self._mutants.close()
            self._process.wait(timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()


class Workers:
    """As many workers as asked for, started when first needed, each lent to one caller at a time."""

    def __init__(self, size: int) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="mutate-", dir=ensure_folder(CACHE))
        self._free: queue.Queue[_Worker | None] = queue.Queue()
        self._number = iter(range(1_000_000))
        for _ in range(size):
            self._free.put(None)
        self.size = size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for _ in range(self.size):
            worker = self._free.get()
            if worker is not None:
                worker.close()
        self._scratch.cleanup()

    def judge(self, mutant: Mutant, text: str) -> Verdict:
        """Judge a mutant; a worker that dies over it is replaced and asked once more.

        Raises:
            ToolError: two workers died over it, or the suite fails on the unbroken tree.
        """
        worker = self._free.get()
        started = time.monotonic()
        try:
            try:
                worker = worker or self._start()
                answer = worker.judge(mutant, text)
            except ToolError:
                if worker is None:
                    raise  # the unbroken tree
                worker.close()
                worker = None
                worker = self._start()
                answer = worker.judge(mutant, text)
            if answer["outcome"] == Outcome.HUNG:
                worker.close()
                worker = None
        finally:
            self._free.put(worker)
        outcome = Outcome(answer["outcome"])
        return Verdict(mutant, outcome, answer["by"], answer["why"], time.monotonic() - started)

    def _start(self) -> _Worker:
        folder = Path(self._scratch.name) / f"worker-{next(self._number)}"
        folder.mkdir()
        worker = _Worker(folder)
        if worker.unbroken["outcome"] != Outcome.SURVIVED:
            worker.close()
            failed = f"the suite fails before anything is broken: {worker.unbroken['by']}: {worker.unbroken['why']}"
            raise ToolError(failed, "make test-plan must be green first")
        return worker


def judged(mutants: Sequence[tuple[Mutant, str]], size: int, seen: Callable[[Verdict], None]) -> Iterator[Verdict]:
    """Judge every mutant; yield verdicts as they come.

    Args:
        mutants: each with the broken file's whole text.
        seen: is told of each verdict at once, for progress.

    Raises:
        ToolError: see :meth:`Workers.judge`.
    """
    with Workers(size) as workers, ThreadPoolExecutor(size) as threads:
        futures = [threads.submit(workers.judge, mutant, text) for mutant, text in mutants]
        try:
            for future in as_completed(futures):
                verdict = future.result()
                seen(verdict)
                yield verdict
        except (HarnessError, KeyboardInterrupt, GeneratorExit):
            threads.shutdown(wait=False, cancel_futures=True)
            raise
