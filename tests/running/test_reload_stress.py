"""Reloads without end, and what a reload finds changed on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from operator import sub
from pathlib import Path

import trustme

from sbc_exporter.errors import ConfigError
from sbc_exporter.runtime import Runtime
from sbc_exporter.simulator import Account, Simulator
from tests.running.conftest import Start
from tests.running.pieces import PATIENCE, page_of
from tests.support import Page, eventually

Fleet = Callable[..., Simulator]

RELOADS = 500


def page(runtime: Runtime) -> Page:
    snapshot = runtime.snapshot
    return page_of(*runtime.scrape(snapshot, snapshot.sbcs, PATIENCE))


def held() -> tuple[int, int]:
    """Threads and open files of this process."""
    return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))


def test_reloads_without_end_leave_nothing_behind(fleet: Fleet, start: Start, path: Path) -> None:
    """While scrapes go on, good files, bad ones and changed SBCs in turn cost no thread or file."""
    simulator = fleet(3)
    runtime = start(simulator)
    good = path.read_text(encoding="utf-8")
    contents = (
        good,
        good.replace("username", "user_name"),
        good.replace("site: ams", "site: lon", 1),
        good[: good.rindex("  - name:")],
        "targets: [",
    )
    page(runtime)
    ended = threading.Event()

    def scrape() -> list[int]:
        counts = []
        while not ended.wait(0.01):
            counts.append(len(page(runtime).named("sbc_up")))
        return counts

    def reload(number: int) -> None:
        path.write_text(contents[number % len(contents)], encoding="utf-8")
        with suppress(ConfigError):
            runtime.reload()

    with ThreadPoolExecutor(1) as pool:
        scraping = pool.submit(scrape)
        for number in range(51):
            reload(number)
        page(runtime)
        before = held()
        for number in range(RELOADS + 1):
            reload(number)
        ended.set()
        counts = scraping.result(PATIENCE)
        page(runtime)
        # The simulator gives its ends of closed connections back in its own time.
        eventually(lambda: max(map(sub, held(), before)) <= 0, PATIENCE)

    assert set(counts) <= {2, 3}
    # The SBC that no content changes has kept its token and its connection.
    assert simulator.devices[1].asked.count("POST auth/token") == 1
    assert simulator.devices[1].connections == 1


def test_ca_file_that_has_changed_is_taken(fleet: Fleet, start: Start, path: Path) -> None:
    """The SBC stays the same, with its counters; the next connection trusts the new file."""
    simulator = fleet()
    device = simulator.devices[0]
    runtime = start(simulator)
    page(runtime)
    (path.parent / "ca.pem").write_bytes(trustme.CA().cert_pem.bytes())

    before_reload = page(runtime)
    runtime.reload()
    after = page(runtime)

    assert before_reload.value("sbc_up", target=device.name) == 1
    assert after.value("sbc_up", target=device.name) == 0
    errors = {"endpoint": "admin/asyncstatus", "code": "tls", "target": device.name}
    assert after.value("sbc_request_errors_total", **errors) == 1
    assert after.value("sbc_requests_total", endpoint="auth/token", target=device.name) == 1


def test_reload_ends_the_withholding(fleet: Fleet, start: Start) -> None:
    """Somebody has put the account right on the SBC, and says so by a reload."""
    simulator = fleet()
    device = simulator.devices[0]
    right = device.accounts["monitor"]
    device.accounts["monitor"] = Account("another", admin=True)
    runtime = start(simulator)
    page(runtime)
    device.accounts["monitor"] = right
    withheld = page(runtime)

    runtime.reload()

    assert withheld.value("sbc_login_withheld", target=device.name) == 1
    assert page(runtime).value("sbc_up", target=device.name) == 1
