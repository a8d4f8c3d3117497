"""All SBCs, as far as their last scrapes saw them: the rows of the status page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sbc_exporter.collectors.asyncstatus import COLLECTOR, Detail, History
from sbc_exporter.report import Failure
from sbc_exporter.sbc import Sbc

State = Literal["down", "failed", "running", "unknown", "fine"]

# Worst first.
STATES: Mapping[State, str] = {
    "down": "down",
    "failed": "failed",
    "running": "in progress",
    "unknown": "unknown",
    "fine": "fine",
}
_STATE_OF: Mapping[str, State] = {"fail": "failed", "inProgress": "running", "success": "fine"}
# Codes of SBCs that are there, but tell nothing.
_NOT_DOWN = {
    "401": "login refused",
    "403": "no rights",
    "withheld": "login withheld",
    "tls": "TLS refused",
}
_RESULTS = {"fail": "failed", "inProgress": "in progress", "success": "succeeded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One SBC. Times are Unix times; `up` is None before the first scrape.

    `operation` is the last one with its status in words, `since` when the exporter saw it first.
    """

    name: str
    address: str
    labels: tuple[tuple[str, str], ...]
    state: State
    up: bool | None
    operation: str
    since: float | None
    error_message: str | None
    details: tuple[Detail, ...]
    failure: Failure | None
    withheld_until: float | None
    seconds: float | None
    scraped_at: float | None

    @property
    def state_words(self) -> str:
        if self.up is None:
            return "not scraped yet"
        if self.state == "down" and self.failure is not None:
            return _NOT_DOWN.get(self.failure.code, STATES["down"])
        return STATES[self.state]


def row(sbc: Sbc) -> Row:
    report = sbc.memory.latest
    history: History | None = sbc.memory.states.get(COLLECTOR.name)
    current = history.current if history else None
    state: State = "unknown"
    if report and not report.up:
        state = "down"
    elif report:
        state = _STATE_OF.get(current.status, "unknown") if current else "fine"
    return Row(
        name=sbc.target.name,
        address=str(sbc.target.address),
        labels=sbc.target.labels,
        state=state,
        up=report.up if report else None,
        operation=_words(history),
        since=history.since if history and current else None,
        error_message=current.error_message if current else None,
        details=current.details if current else (),
        failure=report.failure if report else None,
        withheld_until=report.withheld_until if report else None,
        seconds=report.seconds if report else None,
        scraped_at=report.ended_at if report else None,
    )


def _words(history: History | None) -> str:
    if history is None:
        return "not known"
    if history.current is None:
        return "none yet"
    return f"{history.current.operation} {_RESULTS.get(history.current.status, 'unknown')}"


@dataclass(frozen=True, slots=True)
class Fleet:
    """Those that were looked for, worst first, and how many of all are in which state."""

    rows: Sequence[Row]
    counts: Mapping[State, int]

    @property
    def untouched(self) -> bool:
        """Whether nobody has scraped anything since the exporter began."""
        return bool(self.rows) and all(one.up is None for one in self.rows)

    @property
    def size(self) -> int:
        return sum(self.counts.values())


def fleet(sbcs: Iterable[Sbc], search: str = "") -> Fleet:
    """`search` finds the SBCs in whose words each of its own stands."""
    order = list(STATES)
    rows = sorted(map(row, sbcs), key=lambda one: (order.index(one.state), one.name))
    counts = {state: sum(one.state == state for one in rows) for state in order}
    wanted = search.casefold().split()
    return Fleet([one for one in rows if _holds(one, wanted)] if wanted else rows, counts)


def _holds(one: Row, wanted: Iterable[str]) -> bool:
    words = [one.name, one.address, one.state_words, one.operation]
    words += [f"{name}={value}" for name, value in one.labels]
    if one.failure:
        words += [one.failure.code, one.failure.message]
    if one.error_message:
        words.append(one.error_message)
    text = "\n".join(words).casefold()
    return all(word in text for word in wanted)
