"""Scrapes under a deadline, two at once, and with bugs in them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sbc_exporter.collectors import asyncstatus
from sbc_exporter.collectors.base import Collector
from sbc_exporter.errors import LoginWithheld, UnexpectedStatus
from sbc_exporter.metrics import Family
from sbc_exporter.report import Report
from sbc_exporter.sbc import Sbc
from sbc_exporter.scrape import Instruments, Scrape
from sbc_exporter.scraper import Scraper
from sbc_exporter.simulator import Account, Device, Outcome, Simulator, faults
from sbc_exporter.visit import Exchange
from sbc_exporter.xmltree import Node
from tests.running.pieces import PATIENCE, context_of, only_sbc, page_of
from tests.support import Clock

Fleet = Callable[..., Simulator]

ENDPOINT = asyncstatus.COLLECTOR.endpoint
SEEN = Family("sbc_async_operation_status", "gauge", "As in asyncstatus.", ("operation", "status"))


def collector(during: Callable[[], None], name: str = "own") -> Collector[int]:
    """A collector that counts answers, and does what it is told while it reads one."""

    def fold(before: int | None, _root: Node, _now: float) -> int:
        during()
        return (before or 0) + 1

    return Collector(
        name=name,
        endpoint=ENDPOINT,
        families=(SEEN,),
        fold=fold,
        news=lambda _before, _after: (),
        gauges=lambda count: (SEEN.sample(count, "save", "success"),),
        counters=lambda _: (),
    )


def scrape(
    sbc: Sbc,
    *collectors: Collector[Any],
    seconds: float = PATIENCE,
    instruments: Instruments | None = None,
) -> Scrape:
    chosen: Sequence[Collector[Any]] = collectors or [asyncstatus.COLLECTOR]
    module = sbc.target.module
    return Scrape(
        sbc, module, context_of(module.tls), chosen, seconds, instruments or Instruments()
    )


def code(report: Report) -> str | None:
    return report.failure.code if report.failure else None


@pytest.fixture
def device(fleet: Fleet) -> tuple[Simulator, Device]:
    simulator = fleet()
    return simulator, simulator.devices[0]


@pytest.fixture
def sbc(device: tuple[Simulator, Device], tmp_path: Path) -> Sbc:
    return only_sbc(device[0], tmp_path)


def test_a_worker_held_up_does_not_hold_up_the_page(sbc: Sbc, clock: Clock) -> None:
    """The report of a late scrape comes at its deadline, and its late end changes nothing more."""
    going_on = threading.Event()
    scraper = Scraper(most_workers=1)
    requests: list[Exchange] = []
    held_up = Instruments(clock=clock, on_request=requests.append)

    def wait() -> None:
        assert going_on.wait(PATIENCE)

    late = collector(wait)
    (report,) = scraper.run([scrape(sbc, late, seconds=0.5, instruments=held_up)])
    going_on.set()
    # The only worker takes the next scrape when it has ended the late one.
    (after,) = scraper.run([scrape(sbc)])
    scraper.close()

    name = sbc.target.name
    failed = {"target": name, "endpoint": ENDPOINT, "code": "timeout"}
    page = page_of(report)
    assert page.value("sbc_up", target=name) == 0
    assert page.value("sbc_scrape_collector_success", target=name, collector="own") == 0
    assert page.value("sbc_request_errors_total", **failed) == 1
    assert page.named(SEEN.name) == {}
    assert [exchange.code for exchange in requests if exchange.endpoint == ENDPOINT] == ["timeout"]
    assert page_of(after).value("sbc_up", target=name) == 1
    assert page_of(after).value("sbc_request_errors_total", **failed) == 1


def test_the_report_given_up_is_the_one_that_counts(sbc: Sbc) -> None:
    """Whoever ends a scrape second gets the first one's report, on either side."""
    given_up, done = scrape(sbc), scrape(sbc)

    assert given_up.give_up() is given_up.run()
    assert done.run() is done.give_up()
    assert not given_up.run().up
    assert done.run().up


def test_a_bug_in_a_collector_stays_there(sbc: Sbc, caplog: pytest.LogCaptureFixture) -> None:
    """The other collectors' samples stay; the bug is counted, and logged with its traceback."""

    def fail() -> None:
        raise ZeroDivisionError

    bugs: list[None] = []
    instruments = Instruments(on_bug=lambda: bugs.append(None))

    both = collector(fail, "broken"), asyncstatus.COLLECTOR
    page = page_of(scrape(sbc, *both, instruments=instruments).run())

    name = sbc.target.name
    success = "sbc_scrape_collector_success"
    assert page.value("sbc_up", target=name) == 1
    assert page.value(success, target=name, collector="broken") == 0
    assert page.value(success, target=name, collector="asyncstatus") == 1
    assert len(page.named("sbc_async_operation_changes_total")) == 10
    assert len(bugs) == 1
    (record,) = (one for one in caplog.records if one.levelname == "ERROR")
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_a_failure_is_logged_when_it_starts_changes_and_ends(
    device: tuple[Simulator, Device], sbc: Sbc, caplog: pytest.LogCaptureFixture
) -> None:
    """Scrapes that fail as the one before leave no further line in the log."""
    caplog.set_level(logging.INFO, "sbc_exporter")
    _, simulated = device
    told = []
    for fault in (None, 500, 500, 503, 503, None, None):
        caplog.clear()
        simulated.faults = {} if fault is None else {ENDPOINT: faults.Status(fault)}
        scrape(sbc).run()
        told.append([(one.message, one.__dict__["facts"].get("code")) for one in caplog.records])

    assert told == [
        [],
        [("scrape failed", "500")],
        [],
        [("scrape failed", "503")],
        [],
        [("scrape works again", None)],
        [],
    ]


def test_a_refused_login_is_logged_with_what_to_do(
    device: tuple[Simulator, Device], sbc: Sbc, caplog: pytest.LogCaptureFixture
) -> None:
    """The first refusal says to check the password, the withholding how it ends."""
    _, simulated = device
    simulated.accounts["monitor"] = Account("another", admin=True)

    for _ in range(2):
        scrape(sbc).run()

    told = [record.__dict__["facts"]["advice"] for record in caplog.records]
    assert told == [UnexpectedStatus(401).advice, LoginWithheld.advice]
    assert "password" in told[0]
    assert "reload" in told[1]


def test_two_scrapes_of_an_sbc_take_turns(device: tuple[Simulator, Device], sbc: Sbc) -> None:
    """Two scrapes at once are never in the SBC together, and share one login and connection."""
    _, simulated = device
    met = threading.Event()
    both = threading.Barrier(2, action=met.set)

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)

    scrapes = [scrape(sbc, collector(meet)) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(Scrape.run, scrapes))

    assert [report.up for report in reports] == [True, True]
    assert not met.is_set()
    asked = f"GET {ENDPOINT}"
    assert simulated.asked == ["POST auth/token", asked, asked]
    assert simulated.connections == 1


def test_a_scrape_waits_for_another_until_its_deadline_only(
    device: tuple[Simulator, Device], sbc: Sbc
) -> None:
    """A scrape that never gets its turn ends as a timeout and asks the SBC nothing."""
    _, simulated = device
    reached, going_on = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        assert going_on.wait(PATIENCE)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(scrape(sbc, collector(hold)).run)
        assert reached.wait(PATIENCE)
        second = scrape(sbc, seconds=0.2).run()
        going_on.set()

    assert first.result().up
    assert code(second) == "timeout"
    assert [step.name for step in second.steps] == ["wait"]
    failed = {"target": sbc.target.name, "endpoint": ENDPOINT, "code": "timeout"}
    assert page_of(second).value("sbc_request_errors_total", **failed) == 1
    assert simulated.asked == ["POST auth/token", f"GET {ENDPOINT}"]


def test_counters_survive_failed_scrapes_and_gauges_do_not(
    device: tuple[Simulator, Device], sbc: Sbc
) -> None:
    """While an SBC is down its counters go on, and what it said last is not repeated."""
    _, simulated = device
    for operation in ("save", "activate"):
        simulated.run(operation, Outcome(seconds=0))
        good = page_of(scrape(sbc).run())
    simulated.stop()
    failed = page_of(scrape(sbc).run())

    change = {"target": sbc.target.name, "operation": "activate", "status": "success"}
    vanishing = (
        "sbc_async_operation_status",
        "sbc_async_operation_last_change_timestamp_seconds",
    )
    for page in (good, failed):
        assert page.value("sbc_async_operation_changes_total", **change) == 1
    assert all(good.named(name) for name in vanishing)
    assert not any(failed.named(name) for name in vanishing)


def test_what_was_not_asked_counts_as_failed(device: tuple[Simulator, Device], sbc: Sbc) -> None:
    """A refused login fails the login and what it was for; the next scrape sends no login."""
    simulator, simulated = device
    simulated.accounts["monitor"] = Account(f"not {simulator.password}", admin=True)
    codes = [code(scrape(sbc).run()) for _ in range(2)]

    assert codes == ["401", "withheld"]
    assert simulated.asked == ["POST auth/token"]


def test_clock_that_is_put_back_harms_nothing(
    device: tuple[Simulator, Device], sbc: Sbc, clock: Clock
) -> None:
    """Durations and tokens go by a clock that is never set; only the shown times jump."""
    _, simulated = device
    instruments = Instruments(wall=clock)
    simulated.run("save", Outcome(seconds=0))
    first = scrape(sbc, instruments=instruments).run()
    clock.advance(-86_400)
    simulated.run("activate", Outcome(seconds=0))

    second = scrape(sbc, instruments=instruments).run()
    clock.advance(365 * 86_400)
    third = scrape(sbc, instruments=instruments).run()

    assert [report.up for report in (first, second, third)] == [True] * 3
    assert all(report.seconds >= 0 for report in (first, second, third))
    assert all(step.seconds >= 0 for step in third.steps)
    assert simulated.asked.count("POST auth/token") == 1
    changed = page_of(third).value(
        "sbc_async_operation_last_change_timestamp_seconds", target=simulated.name
    )
    assert changed == second.ended_at
