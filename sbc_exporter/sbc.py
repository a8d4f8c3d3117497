"""One configured SBC, and what is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sbc_exporter.collectors import ALL
from sbc_exporter.config.model import Target
from sbc_exporter.journal import Journal
from sbc_exporter.line import Line
from sbc_exporter.meter import Meter
from sbc_exporter.report import Report


class Memory:
    """
    What is remembered of an SBC from scrape to scrape; outlives a change of its settings.

    `states` holds each collector's frozen value; it is written in conversations only.
    """

    def __init__(self) -> None:
        self.states: dict[str, Any] = {}
        self.meter = Meter(collector.endpoint for collector in ALL)
        self.latest: Report | None = None
        self.journal = Journal()


@dataclass(frozen=True, eq=False)
class Sbc:
    """A target for as long as it is configured like this; equal to itself only."""

    target: Target
    line: Line
    memory: Memory
