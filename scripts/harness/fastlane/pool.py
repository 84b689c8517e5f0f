"""Several lanes, a provider each, for work that plans many small things at once: module cases and mutants."""

import os
import queue
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self, TypeVar

from harness.fastlane.lane import Lane

Item = TypeVar("Item")
Result = TypeVar("Result")


class LanePool:
    """Lanes, each lent to one caller at a time, so that two plans never meet in one provider."""

    def __init__(
        self,
        terraform: Path | str,
        provider: Path,
        cache_dir: Path,
        env: Mapping[str, str],
        *,
        lanes: int | None = None,
    ) -> None:
        """Take what :class:`harness.fastlane.lane.Lane` takes; ``lanes`` is by default the number of processors."""
        self._size = lanes or os.cpu_count() or 1
        self._lanes = [Lane(terraform, provider, cache_dir, env) for _ in range(self._size)]
        self._free: queue.Queue[Lane] = queue.Queue()
        for lane in self._lanes:
            self._free.put(lane)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start all providers side by side, without waiting for them.

        Raises:
            ToolError: there is no such provider.
        """
        for lane in self._lanes:
            lane.start()

    def close(self) -> None:
        """End all providers, also when ending one of them fails."""
        with ExitStack() as stack:
            for lane in self._lanes:
                stack.callback(lane.close)

    @contextmanager
    def lane(self) -> Iterator[Lane]:
        """Lend a lane for as long as the block runs; wait until one is free."""
        lane = self._free.get()
        try:
            yield lane
        finally:
            self._free.put(lane)

    def map(self, work: Callable[[Lane, Item], Result], items: Iterable[Item]) -> list[Result]:
        """Call ``work(lane, item)`` for every item, as many at once as there are lanes; results in the items' order.

        Raises:
            whatever ``work`` raises, the first in the items' order, after the others have ended.
        """

        def on_a_lane(item: Item) -> Result:
            with self.lane() as lane:
                return work(lane, item)

        with ThreadPoolExecutor(self._size) as threads:
            return list(threads.map(on_a_lane, items))
