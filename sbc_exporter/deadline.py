"""One time budget, handed to everything that waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sbc_exporter.errors import TimedOut

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on a monotonic clock; what waits may take what remains, and no more."""

    at: float
    clock: Clock = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Clock = time.monotonic) -> Deadline:
        return cls(clock() + seconds, clock)

    def remaining(self) -> float:
        """Seconds left, never less than 0."""
        return max(0.0, self.at - self.clock())

    def require(self, doing: str) -> float:
        """Seconds left; raises TimedOut, saying what was being done, when none are."""
        left = self.remaining()
        if left <= 0:
            raise TimedOut(f"{doing}: the time for this scrape is over")
        return left
