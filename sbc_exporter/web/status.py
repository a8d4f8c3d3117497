"""The status page: what the last scrape of every SBC saw. It fetches nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from sbc_exporter import __version__
from sbc_exporter.collectors.asyncstatus import COLLECTOR, Detail, History
from sbc_exporter.errors import Problem
from sbc_exporter.report import Failure
from sbc_exporter.sbc import Sbc

State = Literal["down", "failed", "running", "ok", "unknown"]

# Worst first.
_ORDER: tuple[State, ...] = ("down", "failed", "running", "ok", "unknown")

_STATES: dict[str, State] = {"fail": "failed", "inProgress": "running", "success": "ok"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One SBC. Times are Unix times; `up` is None before the first scrape."""

    name: str
    address: str
    state: State
    up: bool | None
    operation: str | None
    status: str | None
    since: float | None
    error_message: str | None
    details: tuple[Detail, ...]
    failure: Failure | None
    seconds: float | None
    scraped_at: float | None


class StatusPage:
    """Compiles the template once."""

    def __init__(self) -> None:
        environment = Environment(
            loader=PackageLoader("sbc_exporter.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["moment"] = moment
        environment.filters["iso"] = iso
        environment.filters["age"] = age
        self._template = environment.get_template("status.html")

    def render(self, sbcs: Iterable[Sbc], problems: Sequence[Problem], now: float) -> str:
        rows = sorted(map(row, sbcs), key=lambda one: (_ORDER.index(one.state), one.name))
        counts = {state: sum(one.state == state for one in rows) for state in _ORDER}
        return self._template.render(
            rows=rows, counts=counts, problems=problems, now=now, version=__version__
        )


def row(sbc: Sbc) -> Row:
    report = sbc.memory.latest
    history: History | None = sbc.memory.states.get(COLLECTOR.name)
    current = history.current if history else None
    up = report.up if report else None
    state: State = "unknown"
    if up is False:
        state = "down"
    elif up and current:
        state = _STATES.get(current.status, "unknown")
    elif up:
        state = "ok"
    return Row(
        name=sbc.target.name,
        address=str(sbc.target.address),
        state=state,
        up=up,
        operation=current.operation if current else None,
        status=current.status if current else None,
        since=history.since if history and current else None,
        error_message=current.error_message if current else None,
        details=current.details if current else (),
        failure=report.failure if report else None,
        seconds=report.seconds if report else None,
        scraped_at=report.ended_at if report else None,
    )


def moment(when: float) -> str:
    return datetime.fromtimestamp(when, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso(when: float) -> str:
    return datetime.fromtimestamp(when, tz=UTC).isoformat(timespec="seconds")


def age(seconds: float) -> str:
    """A duration as people say it: `42 s`, `5 min`, `3 h`, `2 d`."""
    for unit, size, most in (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 172_800)):
        if seconds < most:
            return f"{max(0, int(seconds // size))} {unit}"
    return f"{int(seconds // 86_400)} d"
