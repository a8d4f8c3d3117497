"""One scrape of one SBC, under its deadline."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from sbc_exporter.collectors.base import Collector
from sbc_exporter.config.model import Module
from sbc_exporter.deadline import Clock, Deadline
from sbc_exporter.errors import DeviceError, TimedOut
from sbc_exporter.logs import facts
from sbc_exporter.metrics import Sample
from sbc_exporter.report import CollectorResult, Failure, Report
from sbc_exporter.sbc import Sbc
from sbc_exporter.visit import Exchange, Visit
from sbc_exporter.xmltree import Node

log = logging.getLogger(__name__)

# Workers keep to their deadline by themselves; this is for one that the machine holds up.
GRACE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """The clocks, and who wants to hear of requests and of our own bugs."""

    clock: Clock = time.monotonic
    wall: Clock = time.time
    on_request: Callable[[Exchange], None] = lambda _: None
    on_bug: Callable[[], None] = lambda: None


class Scrape:
    """One scrape of one SBC; ended once, by its worker or by a page that waits no longer."""

    def __init__(
        self,
        sbc: Sbc,
        module: Module,
        tls: ssl.SSLContext | None,
        collectors: Sequence[Collector[Any]],
        seconds: float,
        instruments: Instruments,
    ) -> None:
        self._sbc = sbc
        self._module = module
        self._tls = tls
        self._collectors = collectors
        self._instruments = instruments
        self._started = instruments.clock()
        self._seconds = seconds
        self.deadline = Deadline(self._started + seconds, instruments.clock)
        self._visit = Visit(self.deadline)
        self._ending = threading.Lock()
        self._report: Report | None = None
        # What is asked of whom: scrapes that are equal in this can share an answer. By identity,
        # for all that a module says takes long to compare.
        self.asks: Hashable = (sbc, id(module), tuple(one.name for one in collectors))

    def recent(self) -> Report | None:
        """The SBC's last answer, while the module's min_interval lets it be given again."""
        latest = self._sbc.memory.latest
        if not self._module.min_interval or latest is None or not self._asked_for(latest):
            return None
        # It may have ended since this scrape was made.
        age = max(0.0, self._started - latest.finished)
        return replace(latest, age=age) if age < self._module.min_interval else None

    def _asked_for(self, report: Report) -> bool:
        names = tuple(result.name for result in report.results)
        return (report.module, names) == (
            self._module.name,
            tuple(c.name for c in self._collectors),
        )

    def run(self) -> Report:
        """Talk to the SBC; whatever goes wrong is in the report."""
        answers: list[Sample] = []
        results: list[CollectorResult] = []
        try:
            target = self._sbc.target
            with self._sbc.line.conversation(
                target.auth, self._module, self._tls, self._visit
            ) as client:
                results.extend(
                    self._collect(collector, client.get, answers) for collector in self._collectors
                )
        except DeviceError as failure:
            # Nothing was sent; what would have been asked failed all the same.
            for collector in self._collectors:
                self._visit.unsent(collector.endpoint, failure)
                results.append(CollectorResult(collector.name, self._elapsed(), _told(failure)))
        return self._end(results, answers, self._visit.exchanges)

    def patience(self) -> float:
        """Seconds to wait for the scrape's end before it is given up."""
        return self.deadline.remaining() + GRACE

    def outcome(self, future: Future[Report]) -> Report:
        """What has come of it by now; without a report yet, the scrape is given up."""
        ended = future.done() and not future.cancelled()
        return future.result() if ended else self.give_up()

    def give_up(self) -> Report:
        """End the scrape now, without what its worker may still get."""
        failure = TimedOut("the scrape did not end in time")
        late = [Exchange(c.endpoint, None, failure.code, sent=False) for c in self._collectors]
        results = [
            CollectorResult(c.name, self._elapsed(), _told(failure)) for c in self._collectors
        ]
        return self._end(results, [], [*self._visit.exchanges, *late])

    def _collect(
        self, collector: Collector[Any], get: Callable[..., Any], answers: list[Sample]
    ) -> CollectorResult:
        states = self._sbc.memory.states
        before = states.get(collector.name)
        started = self._instruments.clock()

        def read(root: Node) -> Any:
            return collector.fold(before, root, self._instruments.wall())

        failure: Failure | None = None
        try:
            after = get(collector.endpoint, read, self._visit)
            samples = collector.gauges(after)
            states[collector.name] = after
            answers.extend(samples)
            self._tell(collector.news(before, after))
        except DeviceError as error:
            failure = _told(error)
        except Exception:
            # The border of a collector: our own bug must not cost the page its other samples.
            log.exception("bug in a collector", extra=facts(collector=collector.name))
            self._instruments.on_bug()
            failure = Failure("internal", "internal error of the exporter", "See its log.")
        return CollectorResult(collector.name, self._instruments.clock() - started, failure)

    def _tell(self, news: Sequence[Any]) -> None:
        for item in news:
            level = logging.getLevelNamesMapping()[item.level.upper()]
            log.log(level, item.message, extra=facts(target=self._name, **dict(item.fields)))

    def _end(
        self,
        results: Sequence[CollectorResult],
        answers: Sequence[Sample],
        exchanges: Sequence[Exchange],
    ) -> Report:
        with self._ending:
            if self._report is not None:
                return self._report
            memory = self._sbc.memory
            memory.meter.add(exchanges)
            for exchange in exchanges:
                self._instruments.on_request(exchange)
            counters = (
                sample
                for collector in self._collectors
                for sample in collector.counters(memory.states.get(collector.name))
            )
            now, wall = self._instruments.clock(), self._instruments.wall()
            withheld = self._sbc.line.withheld_for(self._sbc.target.auth)
            self._report = Report(
                target=self._name,
                module=self._module.name,
                ended_at=wall,
                finished=now,
                seconds=now - self._started,
                timeout=self._seconds,
                results=tuple(results),
                steps=tuple(self._visit.steps),
                labels=self._sbc.target.labels,
                findings=(*answers, *counters, *memory.meter.samples()),
                withheld_until=wall + withheld if withheld else None,
                age=0.0 if self._module.min_interval else None,
            )
            before, memory.latest = memory.latest, self._report
            memory.journal.add(self._report)
        self._log_change(before, self._report)
        return self._report

    def _log_change(self, before: Report | None, after: Report) -> None:
        """Log a failure when it starts or becomes another one, and its end: not every scrape."""
        was = before.failure if before else None
        now = after.failure
        if now and (was is None or was.code != now.code):
            log.warning(
                "scrape failed",
                extra=facts(target=self._name, code=now.code, error=now.message, advice=now.advice),
            )
        elif was and not now:
            log.info("scrape works again", extra=facts(target=self._name))

    @property
    def _name(self) -> str:
        return self._sbc.target.name

    def _elapsed(self) -> float:
        return self._instruments.clock() - self._started


def _told(failure: DeviceError) -> Failure:
    return Failure(failure.code, str(failure), failure.advice)
