"""Pages of more SBCs than there are workers to begin with."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sbc_exporter.scraper import MOST_AT_ONCE, Scraper
from sbc_exporter.simulator import Simulator, faults
from tests.running.conftest import Start
from tests.running.pieces import PATIENCE

Fleet = Callable[..., Simulator]


def test_sbcs_that_hang_take_no_turn_from_the_others(fleet: Fleet, start: Start) -> None:
    """More of them than workers at first, and asked first: the rest is up all the same."""
    simulator = fleet(MOST_AT_ONCE + 10)
    hanging, good = simulator.devices[:MOST_AT_ONCE], simulator.devices[MOST_AT_ONCE:]
    for device in hanging:
        device.faults["*"] = faults.Hang()
    runtime = start(simulator)

    reports = runtime.scrape(runtime.snapshot, runtime.snapshot.sbcs, patience=1.5)

    ups = {report.target: report.up for report in reports}
    assert [report.target for report in reports] == list(runtime.snapshot.sbcs)
    assert not any(ups[device.name] for device in hanging)
    assert all(ups[device.name] for device in good)


def test_what_no_worker_came_to_is_given_up_and_asked_anew(fleet: Fleet, start: Start) -> None:
    """With too few workers the page still ends in time, and the next one is whole."""
    simulator = fleet(3)
    runtime = start(simulator)
    scraper = Scraper(most_workers=1)
    simulator.devices[0].faults["*"] = faults.Hang()

    def page() -> list[bool]:
        snapshot = runtime.snapshot
        scrapes = runtime.prepare(snapshot, snapshot.sbcs, patience=0.3)
        return [report.up for report in scraper.run(scrapes)]

    first = page()
    del simulator.devices[0].faults["*"]
    second = page()
    scraper.close()

    assert first[0] is False
    assert second == [True] * 3


def test_pages_at_once_share_their_scrapes(fleet: Fleet, start: Start) -> None:
    """Two pages over all SBCs cost each SBC at most one request more than one page does."""
    simulator = fleet(20)
    runtime = start(simulator)
    snapshot = runtime.snapshot
    runtime.scrape(snapshot, snapshot.sbcs, PATIENCE)
    for device in simulator.devices:
        device.latency = 0.2
        device.asked.clear()

    with ThreadPoolExecutor(2) as pool:
        pages = [pool.submit(runtime.scrape, snapshot, snapshot.sbcs, PATIENCE) for _ in range(2)]
        reports = [page.result() for page in pages]

    assert all(report.up for page in reports for report in page)
    assert max(len(device.asked) for device in simulator.devices) <= 2
