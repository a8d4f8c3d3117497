"""Scrapes that ask the same of an SBC: side by side, and one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sbc_exporter.collectors import ALL
from sbc_exporter.report import Report
from sbc_exporter.sbc import Sbc
from sbc_exporter.scrape import Instruments, Scrape
from sbc_exporter.scraper import Scraper
from sbc_exporter.simulator import Device, Simulator
from tests.running.pieces import PATIENCE, Gate, context_of, only_sbc, page_of
from tests.support import Clock

Fleet = Callable[..., Simulator]


@pytest.fixture
def scraper() -> Iterator[Scraper]:
    made = Scraper(most_workers=8)
    yield made
    made.close()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def simulator(fleet: Fleet, gate: Gate) -> Simulator:
    return fleet(clock=gate)


@pytest.fixture
def device(simulator: Simulator) -> Device:
    return simulator.devices[0]


@pytest.fixture
def sbc(simulator: Simulator, tmp_path: Path) -> Sbc:
    return only_sbc(simulator, tmp_path)


def scrape(
    sbc: Sbc,
    seconds: float = PATIENCE,
    min_interval: float = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Scrape:
    module = sbc.target.module
    if min_interval:
        module = replace(module, min_interval=min_interval)
    return Scrape(sbc, module, context_of(module.tls), ALL, seconds, Instruments(clock=clock))


def three_at_once(scraper: Scraper, sbc: Sbc, gate: Gate) -> list[Report]:
    """Three scrapes that ask the same; the SBC answers when the last one has joined the others."""
    joined = threading.Event()
    asked: list[float] = []

    def clock() -> float:
        # First asked when the scrape is made, then when all are on their way.
        if asked:
            joined.set()
        asked.append(time.monotonic())
        return asked[-1]

    last = scrape(sbc, clock=clock)
    with ThreadPoolExecutor(1) as pool, gate.shut():
        reports = pool.submit(scraper.run, [scrape(sbc), scrape(sbc), last])
        assert joined.wait(PATIENCE)
        gate.open()
        return reports.result()


def test_equal_scrapes_share_one_answer(
    device: Device, sbc: Sbc, scraper: Scraper, gate: Gate
) -> None:
    """Two Prometheus servers and a browser cost the SBC one request."""
    scraper.run([scrape(sbc)])
    device.asked.clear()

    first, second, third = three_at_once(scraper, sbc, gate)

    assert first.up
    assert first is second is third
    assert device.asked == ["GET admin/asyncstatus"]


def test_equal_scrapes_share_one_error(
    device: Device, sbc: Sbc, scraper: Scraper, gate: Gate
) -> None:
    """A failure is shared as a failure, and counted once."""
    device.accounts["monitor"] = replace(device.accounts["monitor"], password="another")

    reports = three_at_once(scraper, sbc, gate)

    assert reports[0] is reports[1] is reports[2]
    assert not reports[0].up
    errors = {"endpoint": "auth/token", "code": "401", "target": device.name}
    assert page_of(reports[0]).value("sbc_request_errors_total", **errors) == 1


def test_each_waits_as_long_as_it_may_itself(
    device: Device, sbc: Sbc, scraper: Scraper, gate: Gate
) -> None:
    """Who shares a slow answer and has no time for it ends alone; the other still gets it."""
    scraper.run([scrape(sbc)])
    device.asked.clear()

    with ThreadPoolExecutor(1) as pool, gate.shut():
        patient = pool.submit(scraper.run, [scrape(sbc)])
        assert gate.reached.wait(PATIENCE)
        [hasty] = scraper.run([scrape(sbc, seconds=0.1)])
        gate.open()
        [answered] = patient.result()

    assert hasty.failure is not None
    assert hasty.failure.code == "timeout"
    assert answered.up
    assert device.asked == ["GET admin/asyncstatus"]


def test_who_has_more_time_asks_again(sbc: Sbc, scraper: Scraper, gate: Gate) -> None:
    """Whoever shares with one whose time is over is not late for it, and gets an answer."""
    scraper.run([scrape(sbc)])

    with ThreadPoolExecutor(2) as pool, gate.shut():
        hasty = pool.submit(scraper.run, [scrape(sbc, seconds=0.5)])
        assert gate.reached.wait(PATIENCE)
        patient = pool.submit(scraper.run, [scrape(sbc)])
        [late] = hasty.result()
        gate.open()
        [answered] = patient.result()

    assert late.late
    assert answered.up


def test_who_has_little_more_time_shares_the_error(sbc: Sbc, scraper: Scraper, gate: Gate) -> None:
    """An SBC that hangs is not asked again for the moment by which one scrape began later."""
    scraper.run([scrape(sbc)])

    with ThreadPoolExecutor(2) as pool, gate.shut():
        first = pool.submit(scraper.run, [scrape(sbc, seconds=0.5)])
        assert gate.reached.wait(PATIENCE)
        second = pool.submit(scraper.run, [scrape(sbc, seconds=0.6)])
        assert first.result() == second.result()
        gate.open()


def test_no_answer_is_younger_than_the_question(sbc: Sbc, scraper: Scraper, clock: Clock) -> None:
    """A scrape that was made before another one ended gets that answer, at an age of 0."""
    waiting = scrape(sbc, min_interval=30, clock=clock)
    clock.advance(1)
    scraper.run([scrape(sbc, min_interval=30, clock=clock)])

    [report] = scraper.run([waiting])

    assert report.age == 0


def test_nothing_is_shared_after_the_end(device: Device, sbc: Sbc, scraper: Scraper) -> None:
    """Without a min_interval, the next scrape asks anew, and no age is told."""
    reports = [scraper.run([scrape(sbc)])[0] for _ in range(2)]

    assert device.asked.count("GET admin/asyncstatus") == 2
    assert [report.age for report in reports] == [None, None]


def test_answer_is_given_again_within_min_interval(
    device: Device, sbc: Sbc, scraper: Scraper, clock: Clock
) -> None:
    """Until it is as old as min_interval, an answer is given again, and its age with it."""

    def age_after(seconds: float) -> float | None:
        clock.advance(seconds)
        [report] = scraper.run([scrape(sbc, min_interval=30, clock=clock)])
        return page_of(report).value("sbc_scrape_age_seconds", target=device.name)

    assert [age_after(0), age_after(10), age_after(19), age_after(1), age_after(29)] == [
        0,
        10,
        29,
        0,
        29,
    ]
    assert device.asked.count("GET admin/asyncstatus") == 2


def test_given_again_is_what_was_asked_for(sbc: Sbc, scraper: Scraper, clock: Clock) -> None:
    """The answer to another module is not given."""
    scraper.run([scrape(sbc, min_interval=30, clock=clock)])
    other = replace(sbc.target.module, name="other", min_interval=30)

    [report] = scraper.run(
        [Scrape(sbc, other, context_of(other.tls), ALL, PATIENCE, Instruments(clock=clock))]
    )

    assert report.age == 0


def test_withheld_login_is_told(device: Device, sbc: Sbc, scraper: Scraper) -> None:
    """A refused login shows as a gauge, with the time until which it lasts."""
    [before] = scraper.run([scrape(sbc)])
    device.forget_tokens()
    device.accounts["monitor"] = replace(device.accounts["monitor"], password="another")

    [refused] = scraper.run([scrape(sbc)])

    assert page_of(before).value("sbc_login_withheld", target=device.name) == 0
    assert page_of(before).named("sbc_login_retry_timestamp_seconds") == {}
    assert page_of(refused).value("sbc_login_withheld", target=device.name) == 1
    until = page_of(refused).value("sbc_login_retry_timestamp_seconds", target=device.name)
    assert until is not None
    assert 59 < until - refused.ended_at <= 60
