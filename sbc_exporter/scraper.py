"""Many scrapes, side by side and shared."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from sbc_exporter.report import Report
from sbc_exporter.scrape import Scrape

# So many workers begin on a page: the best of 16 to 1,000 measured, since threads that all want
# the interpreter at once cost each other more than they gain. One that is busy with an SBC for
# longer than YOUNG_SECONDS waits for that SBC, and another one takes its place.
MOST_AT_ONCE = 64
YOUNG_SECONDS = 0.1

# Seconds that a scrape must have left, after another one's time was over, to try it once more.
WORTH_ASKING_AGAIN = 0.5

_Jobs = deque[tuple[Scrape, Future[Report]]]


class Scraper:
    """
    The workers, over all scrapes.

    Scrapes that ask the same of an SBC at the same time share one answer, or one error, and each
    waits for it as long as it may itself: when the time of the one that asks is over, another one
    that has more asks again.
    """

    def __init__(self, most_workers: int) -> None:
        self._pool = ThreadPoolExecutor(most_workers, thread_name_prefix="scrape")
        self._lock = threading.Lock()
        self._flying: dict[Hashable, tuple[Scrape, Future[Report]]] = {}

    def begin(self, scrape: Scrape) -> Future[Report]:
        """
        A report that comes: from this scrape, sent on its way, or from one that asks the same.

        Whoever does not wait for its end gives the scrape up: see `Scrape.outcome`.
        """
        future, leads = self._join(scrape)
        if leads:
            self._pool.submit(self._carry_out, scrape, future)
        return future

    def run(self, scrapes: Sequence[Scrape]) -> list[Report]:
        """The reports, in the same order, at the latest deadline or sooner."""
        joined = [self._join(scrape) for scrape in scrapes]
        futures = [future for future, _ in joined]
        jobs: _Jobs = deque(
            (scrape, future)
            for scrape, (future, leads) in zip(scrapes, joined, strict=True)
            if leads
        )
        try:
            self._work_off(jobs, futures)
            wait(futures, timeout=max((scrape.patience() for scrape in scrapes), default=0.0))
        finally:
            # What no worker came to has to end, too: others may have joined it.
            while (job := _next(jobs)) is not None:
                scrape, future = job
                self._land(scrape)
                future.set_result(scrape.give_up())
        return [scrape.outcome(future) for scrape, future in zip(scrapes, futures, strict=True)]

    def close(self) -> None:
        """Take no more scrapes; those that run end at their deadlines."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work_off(self, jobs: _Jobs, futures: Sequence[Future[Report]]) -> None:
        """Return when every job has been begun, or its time is over."""
        busy_since: dict[int, float] = {}

        def work(worker: int) -> None:
            # Job after job in one thread: handing each to another one costs more than its answer.
            while (job := _next(jobs)) is not None:
                busy_since[worker] = time.monotonic()
                self._carry_out(*job)
            busy_since.pop(worker, None)

        workers, wanted = 0, MOST_AT_ONCE
        ends = time.monotonic() + max((scrape.patience() for scrape, _ in jobs), default=0.0)
        while jobs and time.monotonic() < ends:
            for _ in range(min(wanted, len(jobs))):
                self._pool.submit(work, workers)
                workers += 1
            wait(futures, timeout=YOUNG_SECONDS)
            old = time.monotonic() - YOUNG_SECONDS
            free = sum(since >= old for since in list(busy_since.values()))
            wanted = MOST_AT_ONCE - free

    def _join(self, scrape: Scrape) -> tuple[Future[Report], bool]:
        """What the scrape's report comes by, and whether it is for this one to bring it."""
        recent = scrape.recent()
        if recent is not None:
            ready: Future[Report] = Future()
            ready.set_result(recent)
            return ready, False
        with self._lock:
            flying = self._flying.get(scrape.asks)
            if flying is None:
                future: Future[Report] = Future()
                self._flying[scrape.asks] = scrape, future
                return future, True
        first, future = flying
        if scrape.deadline.at - first.deadline.at < WORTH_ASKING_AGAIN:
            return future, False
        return self._unless_too_late(scrape, future), False

    def _unless_too_late(self, scrape: Scrape, first: Future[Report]) -> Future[Report]:
        """What comes by the first future, or else, when its time was over, by this scrape."""
        outcome: Future[Report] = Future()

        def hand_on(done: Future[Report]) -> None:
            error = done.exception()
            if error is not None:
                outcome.set_exception(error)
            else:
                outcome.set_result(done.result())

        def judge(done: Future[Report]) -> None:
            late = done.exception() is None and done.result().late
            if not late or scrape.deadline.remaining() < WORTH_ASKING_AGAIN:
                hand_on(done)
                return
            try:
                self.begin(scrape).add_done_callback(hand_on)
            except RuntimeError:
                # The workers have been closed meanwhile.
                hand_on(done)

        first.add_done_callback(judge)
        return outcome

    def _carry_out(self, scrape: Scrape, future: Future[Report]) -> None:
        try:
            report = scrape.run()
        except BaseException as error:  # noqa: BLE001 - handed on
            # No fault of the SBC, those are in reports: whoever waits for it raises it.
            self._land(scrape)
            future.set_exception(error)
        else:
            self._land(scrape)
            future.set_result(report)

    def _land(self, scrape: Scrape) -> None:
        """Let the next one that asks the same ask anew."""
        with self._lock:
            del self._flying[scrape.asks]


def _next(jobs: _Jobs) -> tuple[Scrape, Future[Report]] | None:
    """The next job, or None; several threads take from the same jobs."""
    try:
        return jobs.popleft()
    except IndexError:
        return None
