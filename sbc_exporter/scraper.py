"""Many scrapes, side by side and shared."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from sbc_exporter.pace import Pace
from sbc_exporter.report import Report
from sbc_exporter.scrape import Scrape

# See Pace. The first is the best of 16 to 1,000 measured; an SBC in good health needs less than
# the second, and if all take longer, 640 of them still begin within a second.
MOST_AT_ONCE = 64
YOUNG_SECONDS = 0.1


class Scraper:
    """
    The workers, over all scrapes.

    Scrapes that ask the same of an SBC at the same time share one answer, or one error, and each
    waits for it as long as it may itself.
    """

    def __init__(self, most_workers: int) -> None:
        self._pool = ThreadPoolExecutor(most_workers, thread_name_prefix="scrape")
        self._lock = threading.Lock()
        self._flying: dict[Hashable, Future[Report]] = {}

    def begin(self, scrape: Scrape) -> Future[Report]:
        """
        A report that comes: from this scrape, sent on its way, or from one that asks the same.

        Whoever does not wait for its end gives the scrape up: see `outcome`.
        """
        recent = scrape.recent()
        if recent is not None:
            ready: Future[Report] = Future()
            ready.set_result(recent)
            return ready
        asks = scrape.asks
        with self._lock:
            future = self._flying.get(asks)
            if future is not None:
                return future
            future = self._flying[asks] = self._pool.submit(scrape.run)
        # Outside the lock: for a scrape that has ended already it is called at once.
        future.add_done_callback(lambda _: self._landed(asks))
        return future

    def run(self, scrapes: Sequence[Scrape]) -> list[Report]:
        """The reports, in the same order, at the latest deadline or sooner."""
        pace = Pace(MOST_AT_ONCE, YOUNG_SECONDS)
        futures = []
        for scrape in scrapes:
            pace.take_turn()
            futures.append(self.begin(scrape))
            pace.began(futures[-1])
        wait(futures, timeout=max((scrape.patience() for scrape in scrapes), default=0.0))
        return [scrape.outcome(future) for scrape, future in zip(scrapes, futures, strict=True)]

    def close(self) -> None:
        """Take no more scrapes; those that run end at their deadlines."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _landed(self, asks: Hashable) -> None:
        with self._lock:
            del self._flying[asks]
