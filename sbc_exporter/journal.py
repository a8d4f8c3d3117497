"""What is kept of an SBC's scrapes for people to read: the last ones and, apart, the failures."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace

from sbc_exporter.report import Failure, Report
from sbc_exporter.visit import Step

MOST_ENTRIES = 20
MOST_OUTAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A scrape without its samples. `ended_at` is Unix time; the rest is in seconds."""

    ended_at: float
    seconds: float
    timeout: float
    steps: tuple[Step, ...]
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Outage:
    """Failures in a row that had the same code: the first, the last, and how many."""

    first: Entry
    last: Entry
    count: int


class Journal:
    """
    The last scrapes, and outages, which scrapes that went well do not wash away.

    An SBC that is down for days is one outage, so that does not wash away how it began either.
    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._outages: deque[Outage] = deque(maxlen=MOST_OUTAGES)

    def add(self, report: Report) -> None:
        entry = Entry(
            ended_at=report.ended_at,
            seconds=report.seconds,
            timeout=report.timeout,
            steps=report.steps,
            failure=report.failure,
        )
        with self._lock:
            before = self._entries[-1] if self._entries else None
            self._entries.append(entry)
            if entry.failure is None:
                return
            if before and before.failure and before.failure.code == entry.failure.code:
                outage = self._outages[-1]
                self._outages[-1] = replace(outage, last=entry, count=outage.count + 1)
            else:
                self._outages.append(Outage(entry, entry, 1))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Newest first."""
        with self._lock:
            return tuple(reversed(self._entries))

    @property
    def outages(self) -> tuple[Outage, ...]:
        """Newest first."""
        with self._lock:
            return tuple(reversed(self._outages))
