"""How fast a page sends its scrapes on their way."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import Any

from sbc_exporter.deadline import Clock


class Pace:
    """
    At most so many scrapes that began a moment ago, `young` seconds at most, go on at once.

    Threads that all want the interpreter at once cost each other more than they gain, so a page
    of a thousand SBCs is faster on few of them. One that takes longer is waiting for its SBC: it
    does not count, so that SBCs which hang take no turn from the others.
    """

    def __init__(self, most: int, young: float, clock: Clock = time.monotonic) -> None:
        self._most = most
        self._young = young
        self._clock = clock
        self._changed = threading.Condition()
        # By when they began, the oldest first.
        self._going: dict[Future[Any], float] = {}

    def take_turn(self) -> None:
        """Return when the next one may begin."""
        with self._changed:
            while len(self._going) >= self._most:
                oldest, began = next(iter(self._going.items()))
                left = began + self._young - self._clock()
                if left <= 0:
                    del self._going[oldest]
                else:
                    self._changed.wait(left)

    def began(self, future: Future[Any]) -> None:
        with self._changed:
            self._going[future] = self._clock()
        future.add_done_callback(self._ended)

    def _ended(self, future: Future[Any]) -> None:
        with self._changed:
            self._going.pop(future, None)
            self._changed.notify()
