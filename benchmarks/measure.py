"""What is measured, and what it should come to."""

from __future__ import annotations

import ssl
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks import load
from benchmarks.programs import Fleet, Program, blackbox, exporter
from benchmarks.table import (
    COUNT,
    MEGABYTES,
    MILLISECONDS,
    SECONDS,
    TIMES,
    Row,
    at_most,
    exactly,
    known,
)

LATENCY = 0.05
AT_ONCE = 32
# Prometheus' scrape_timeout where an SBC hangs.
PATIENCE = 4.0


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. A tenth of the `lasting` SBCs is dead."""

    sbcs: int = 1000
    some: int = 100
    rounds: int = 5
    lasting: int = 50
    scrapes: int = 1000


QUICK = Size(sbcs=200, some=50, rounds=3, lasting=20, scrapes=200)


def measure(sbcs: Fleet, size: Size) -> Iterator[Row]:
    """Every row, as soon as it is known."""
    sbcs.say("latency", LATENCY)
    with exporter(sbcs, range(size.sbcs)) as program, closing(load.Scraper(program.port)) as client:
        yield from _large(sbcs, size, program, client)
        yield from _one_hangs(sbcs, size, client)
        yield from _added(sbcs, size, client)
        yield at_most(
            f"resident memory with {size.sbcs:,} SBCs", 150, [program.resident()], MEGABYTES
        )
    with exporter(sbcs, range(size.some)) as program, closing(load.Scraper(program.port)) as client:
        client.get("/metrics")
        times = [client.get("/metrics").seconds for _ in range(2 * size.rounds)]
        yield at_most(
            f"warm /metrics of {size.some} SBCs", 0.2, times, SECONDS, f"{LATENCY} s are the SBC's"
        )
    yield _bare(sbcs, size)
    yield _lasting(sbcs, size)


def _large(sbcs: Fleet, size: Size, program: Program, client: load.Scraper) -> Iterator[Row]:
    first = client.get("/metrics")
    _require_up(first, size.sbcs)
    yield at_most(f"first /metrics of {size.sbcs:,} SBCs", 6, [first.seconds], SECONDS)

    probes = [f"/probe?target=sbc-{index}" for index in range(size.sbcs)]
    black = [_black_path(sbcs, index) for index in range(size.sbcs)]
    times, asked = [], set[int]()
    fanned, probed, others = [], [], []

    def fan_out() -> None:
        before = sbcs.asked()
        page = client.get("/metrics")
        _require_up(page, size.sbcs)
        times.append(page.seconds)
        asked.update(now - then for then, now in zip(before, sbcs.asked(), strict=True))

    with blackbox(sbcs) as other:
        for _ in range(size.rounds):
            # Side by side in each round, so that a machine that slows down does so for all.
            fanned.append(_cpu(program, fan_out) / size.sbcs)
            probed.append(
                _cpu(program, lambda: load.probe_all(program.port, probes, b'"} 1', AT_ONCE))
                / size.sbcs
            )
            others.append(
                _cpu(other, lambda: load.probe_all(other.port, black, b"probe_success 1", AT_ONCE))
                / size.sbcs
            )
    yield known("CPU per probe of blackbox_exporter", others, MILLISECONDS)
    yield known("CPU per warm SBC scrape, /metrics", fanned, MILLISECONDS)
    yield known("CPU per warm SBC scrape, /probe", probed, MILLISECONDS)
    yield at_most("/metrics to blackbox, by CPU", 0.7, _ratios(fanned, others), TIMES)
    yield at_most("/probe to blackbox, by CPU", 1.0, _ratios(probed, others), TIMES)
    yield at_most(f"warm /metrics of {size.sbcs:,} SBCs", 1.5, times, SECONDS)
    yield exactly("requests to each SBC in a warm /metrics", 1, asked, COUNT)


def _one_hangs(sbcs: Fleet, size: Size, client: load.Scraper) -> Iterator[Row]:
    """The others' time is compared with what it is without the one."""
    without, with_it, pages = [], [], []
    for _ in range(size.rounds):
        without.append(_others_time(client.get("/metrics", PATIENCE), size.sbcs))
        sbcs.say("hang", 0)
        page = client.get("/metrics", PATIENCE)
        sbcs.say("answer", 0)
        pages.append(page.seconds)
        with_it.append(_others_time(page, size.sbcs))
        # One more that is cold for number 0, whose connection was given up.
        client.get("/metrics")
    yield at_most(
        "one SBC hangs: the others' median time, to that without it",
        1.25,
        _ratios(with_it, without),
        TIMES,
    )
    what = f"one SBC hangs: the page, with a scrape_timeout of {PATIENCE:.0f} s"
    yield at_most(what, PATIENCE, pages, SECONDS)


def _added(sbcs: Fleet, size: Size, client: load.Scraper) -> Iterator[Row]:
    with closing(load.BareFetch(sbcs, 1, _context(sbcs))) as fetch:
        fetch.get()
        client.get("/probe?target=sbc-1")
        pairs = [(client.get("/probe?target=sbc-1").seconds, fetch.get()) for _ in range(size.some)]
    probe, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    yield at_most("what /probe adds to a bare fetch", 0.004, [probe - bare], MILLISECONDS)


def _bare(sbcs: Fleet, size: Size) -> Row:
    """As many fetches at once as of /probe: a process that waits more also takes more CPU."""
    tls = _context(sbcs)
    with ExitStack() as stack:
        workers = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        fetches = [
            stack.enter_context(closing(load.BareFetch(sbcs, index, tls)))
            for index in range(size.sbcs)
        ]
        list(workers.map(load.BareFetch.get, fetches))
        costs = []
        for _ in range(size.rounds):
            started = time.process_time()
            list(workers.map(load.BareFetch.get, fetches))
            costs.append((time.process_time() - started) / size.sbcs)
    return known("the floor: CPU per bare fetch over http.client", costs, MILLISECONDS)


def _lasting(sbcs: Fleet, size: Size) -> Row:
    dead = size.lasting // 10
    for index in range(dead):
        sbcs.say("kill", index)
    sbcs.say("latency", 0)
    with (
        exporter(sbcs, range(size.lasting)) as program,
        closing(load.Scraper(program.port)) as client,
    ):
        for _ in range(size.scrapes // 5):
            client.get("/metrics")
        before = program.resident()
        for _ in range(size.scrapes - size.scrapes // 5):
            page = client.get("/metrics")
        _require_up(page, size.lasting - dead)
        grown = program.resident() - before
    return at_most(
        f"memory gained from scrape {size.scrapes // 5:,} to {size.scrapes:,}",
        2,
        [grown],
        MEGABYTES,
        f"{size.lasting} SBCs, {dead} dead",
    )


def _cpu(program: Program, act: Callable[[], None]) -> float:
    before = program.cpu()
    act()
    return program.cpu() - before


def _ratios(values: Sequence[float], to: Sequence[float]) -> list[float]:
    return [value / other for value, other in zip(values, to, strict=True)]


def _require_up(page: load.Page, count: int) -> None:
    up = sum(page.by_target("sbc_up").values())
    if up != count:
        raise RuntimeError(f"{up:.0f} SBCs are up, not {count}")


def _others_time(page: load.Page, count: int) -> float:
    up = page.by_target("sbc_up")
    if any(up[f"sbc-{index}"] != 1 for index in range(1, count)):
        raise RuntimeError("one that hangs cost another SBC its answer")
    seconds = page.by_target("sbc_scrape_duration_seconds")
    return statistics.median(seconds[f"sbc-{index}"] for index in range(1, count))


def _black_path(sbcs: Fleet, index: int) -> str:
    url = f"{sbcs.address(index)}/rest/v1.2/admin/asyncstatus"
    return f"/probe?module=sbc&target={quote(url, safe='')}"


def _context(sbcs: Fleet) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(sbcs.ca_file))
