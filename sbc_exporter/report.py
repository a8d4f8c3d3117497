"""The result of one scrape of one SBC, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from sbc_exporter.metrics import Family, Sample
from sbc_exporter.visit import Step

UP = Family(
    "sbc_up", "gauge", "1 when at least one collector got a valid answer in this scrape, else 0."
)
DURATION = Family(
    "sbc_scrape_duration_seconds",
    "gauge",
    "Time spent on this SBC in this scrape: waiting, login and requests.",
)
COLLECTOR_SUCCESS = Family(
    "sbc_scrape_collector_success",
    "gauge",
    "1 when the collector got a valid answer in this scrape, else 0.",
    ("collector",),
)
COLLECTOR_DURATION = Family(
    "sbc_scrape_collector_duration_seconds",
    "gauge",
    "Time that the collector took in this scrape.",
    ("collector",),
)
TARGET_INFO = Family(
    "sbc_target_info", "info", "The labels that the configuration gives the target, to join on."
)

FAMILIES = (UP, DURATION, COLLECTOR_SUCCESS, COLLECTOR_DURATION, TARGET_INFO)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a collector got nothing: `code` as in the metrics, and words for a person."""

    code: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class CollectorResult:
    """One collector's part of a scrape."""

    name: str
    seconds: float
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    One scrape.

    `ended_at` is Unix time. `findings` are the samples that the collectors and the SBC's
    counters brought; `samples` adds those of the scrape itself.
    """

    target: str
    module: str
    ended_at: float
    seconds: float
    results: tuple[CollectorResult, ...]
    steps: tuple[Step, ...]
    labels: tuple[tuple[str, str], ...]
    findings: tuple[Sample, ...]

    @property
    def up(self) -> bool:
        return any(result.failure is None for result in self.results)

    @property
    def failure(self) -> Failure | None:
        """The first failure, if a collector failed."""
        return next((result.failure for result in self.results if result.failure), None)

    @property
    def samples(self) -> tuple[Sample, ...]:
        collectors = tuple(
            sample
            for result in self.results
            for sample in (
                COLLECTOR_SUCCESS.sample(result.failure is None, result.name),
                COLLECTOR_DURATION.sample(result.seconds, result.name),
            )
        )
        return (
            UP.sample(self.up),
            DURATION.sample(self.seconds),
            *collectors,
            TARGET_INFO.info(self.labels),
            *self.findings,
        )
