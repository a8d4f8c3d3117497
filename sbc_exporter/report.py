"""The result of one scrape of one SBC, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from sbc_exporter.errors import TimedOut
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
TIMEOUT = Family(
    "sbc_scrape_timeout_seconds",
    "gauge",
    "Time that this scrape of the SBC was allowed to take.",
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
AGE = Family(
    "sbc_scrape_age_seconds",
    "gauge",
    "How old the answer is, where min_interval lets one be given again.",
)
LOGIN_WITHHELD = Family(
    "sbc_login_withheld",
    "gauge",
    "1 while no login is sent because the SBC refused the last one, else 0.",
)
LOGIN_RETRY = Family(
    "sbc_login_retry_timestamp_seconds",
    "gauge",
    "Until when no login is sent, as Unix time, while one is withheld.",
)
TARGET_INFO = Family(
    "sbc_target_info", "info", "The labels that the configuration gives the target, to join on."
)

FAMILIES = (
    UP,
    DURATION,
    TIMEOUT,
    COLLECTOR_SUCCESS,
    COLLECTOR_DURATION,
    AGE,
    LOGIN_WITHHELD,
    LOGIN_RETRY,
    TARGET_INFO,
)


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

    `ended_at` and `withheld_until` are Unix times, `finished` is on the monotonic clock. `age` is
    in seconds, None where every scrape asks anew. `findings` are the samples that the collectors
    and the SBC's counters brought; `samples` adds those of the scrape itself.
    """

    target: str
    module: str
    ended_at: float
    finished: float
    seconds: float
    timeout: float
    results: tuple[CollectorResult, ...]
    steps: tuple[Step, ...]
    labels: tuple[tuple[str, str], ...]
    findings: tuple[Sample, ...]
    withheld_until: float | None = None
    age: float | None = None

    @property
    def up(self) -> bool:
        return any(result.failure is None for result in self.results)

    @property
    def late(self) -> bool:
        """Whether it was only for want of time that nothing came."""
        return not self.up and self.failure is not None and self.failure.code == TimedOut.code

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
        age = (AGE.sample(self.age),) if self.age is not None else ()
        until = self.withheld_until
        return (
            UP.sample(self.up),
            DURATION.sample(self.seconds),
            TIMEOUT.sample(self.timeout),
            *collectors,
            *age,
            LOGIN_WITHHELD.sample(until is not None),
            *((LOGIN_RETRY.sample(until),) if until is not None else ()),
            TARGET_INFO.info(self.labels),
            *self.findings,
        )
