"""A time budget on an injected clock."""

from __future__ import annotations

import time

import pytest

from sbc_exporter.deadline import Deadline
from sbc_exporter.errors import TimedOut
from tests.support import Clock


def test_deadline_counts_down_to_nothing(clock: Clock) -> None:
    """What remains shrinks with the clock and never goes below 0."""
    deadline = Deadline.after(8, clock)
    assert deadline.remaining() == 8
    clock.advance(7.5)
    assert deadline.remaining() == 0.5
    clock.advance(100)
    assert deadline.remaining() == 0


def test_require_gives_the_seconds_left(clock: Clock) -> None:
    """While time is left, it is what a step may take."""
    deadline = Deadline.after(8, clock)
    clock.advance(3)
    assert deadline.require("connect") == 5


@pytest.mark.parametrize("late", [0, 1])
def test_require_says_what_came_too_late(clock: Clock, late: float) -> None:
    """At the deadline and after it, TimedOut names what was being done."""
    deadline = Deadline.after(8, clock)
    clock.advance(8 + late)
    with pytest.raises(TimedOut, match=r"^connect: the time for this scrape is over$") as raised:
        deadline.require("connect")
    assert raised.value.code == "timeout"


def test_deadline_runs_on_the_monotonic_clock() -> None:
    """Without a clock it follows the one that nobody can set back."""
    before = time.monotonic()
    deadline = Deadline.after(5)
    assert before + 5 <= deadline.at <= time.monotonic() + 5
