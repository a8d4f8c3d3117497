"""Reloads: what is kept, what is replaced, and when."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from sbc_exporter.config.model import Config
from sbc_exporter.errors import ConfigError, UnknownTarget
from sbc_exporter.exposition import render
from sbc_exporter.own import OwnMetrics
from sbc_exporter.runtime import Runtime
from sbc_exporter.scrape import Instruments
from sbc_exporter.simulator import Account, Outcome, Simulator, write_config
from tests.running.conftest import Start
from tests.running.edits import edit, without_last_target
from tests.running.pieces import PATIENCE, Gate, page_of, relay
from tests.support import Page, from_file

Fleet = Callable[..., Simulator]

GET = "GET admin/asyncstatus"
POST = "POST auth/token"


def page(runtime: Runtime) -> Page:
    """All SBCs, scraped now."""
    snapshot = runtime.snapshot
    return page_of(*runtime.scrape(snapshot, snapshot.sbcs, PATIENCE))


def own(runtime: Runtime) -> Page:
    return Page(render((), runtime.own.collect(), "text").body.decode())


def test_an_unchanged_sbc_notices_no_reload(fleet: Fleet, start: Start, path: Path) -> None:
    """Token, connection and counters stay when another target of the file changes."""
    simulator = fleet(2)
    runtime = start(simulator)
    kept = simulator.devices[0]
    page(runtime)
    kept.asked.clear()
    edit(path, "name: sbc-002", "name: renamed")
    runtime.reload()
    after = page(runtime)

    assert kept.asked == [GET]
    assert kept.connections == 1
    asked = {"target": kept.name, "endpoint": "admin/asyncstatus"}
    assert after.value("sbc_requests_total", **asked) == 2
    assert after.value("sbc_up", target="renamed") == 1


def test_a_new_password_means_a_new_login(fleet: Fleet, start: Start, path: Path) -> None:
    """An SBC whose password changed gets a login of its own, and keeps its counters."""
    simulator = fleet()
    runtime = start(simulator)
    (device,) = simulator.devices
    device.run("save", Outcome(seconds=0))
    page(runtime)
    device.run("backup", Outcome(seconds=0))
    page(runtime)
    device.accounts["monitor"] = Account("new password", admin=True)
    (path.parent / "sbc-password").write_text("new password", encoding="utf-8")
    device.asked.clear()
    runtime.reload()
    after = page(runtime)

    assert device.asked == [POST, GET]
    name = device.name
    assert after.value("sbc_up", target=name) == 1
    assert after.value("sbc_requests_total", target=name, endpoint="auth/token") == 2
    assert after.value("sbc_requests_total", target=name, endpoint="admin/asyncstatus") == 3
    change = {"target": name, "operation": "backup", "status": "success"}
    assert after.value("sbc_async_operation_changes_total", **change) == 1


def test_a_new_address_is_another_sbc(fleet: Fleet, start: Start, path: Path) -> None:
    """A target that moves to another address begins its counters anew."""
    simulator = fleet(2)
    first, second = simulator.devices
    runtime = start(simulator)
    without_last_target(path)
    runtime.reload()
    page(runtime)
    edit(path, first.url, second.url)
    runtime.reload()
    after = page(runtime)

    asked = {"target": first.name, "endpoint": "admin/asyncstatus"}
    assert after.value("sbc_requests_total", **asked) == 1
    assert second.asked == [POST, GET]


def test_a_target_takes_its_series_along(fleet: Fleet, start: Start, path: Path) -> None:
    """Nothing on the page names a target that is configured no more, and it cannot be scraped."""
    runtime = start(fleet(2))
    before = page(runtime)
    text = path.read_text(encoding="utf-8")
    without_last_target(path)
    runtime.reload()
    after = page(runtime)

    assert 'target="sbc-002"' in before.text
    assert 'target="sbc-002"' not in after.text
    assert own(runtime).value("sbc_exporter_targets") == 1
    with pytest.raises(UnknownTarget):
        runtime.scrape(runtime.snapshot, ["sbc-002"], None)

    path.write_text(text, encoding="utf-8")
    runtime.reload()
    asked = {"target": "sbc-002", "endpoint": "auth/token"}
    assert page(runtime).value("sbc_requests_total", **asked) == 1


def test_the_connections_of_a_removed_sbc_are_closed(
    fleet: Fleet, start: Start, path: Path
) -> None:
    """The reload ends the kept connection, and the far end sees it."""
    simulator = fleet(2)
    removed = simulator.devices[1]
    runtime = start(simulator)
    with relay(removed.port) as (port, ended):
        edit(path, f":{removed.port}", f":{port}")
        runtime.reload()
        assert page(runtime).value("sbc_up", target=removed.name) == 1
        assert not ended.is_set()
        without_last_target(path)
        runtime.reload()
        assert ended.wait(PATIENCE)


def test_a_bad_file_changes_nothing_but_the_metric(fleet: Fleet, start: Start, path: Path) -> None:
    """All that is wrong with the file is told; SBCs, logins and connections stay in force."""
    simulator = fleet()
    (device,) = simulator.devices
    runtime = start(simulator)
    page(runtime)
    before, good = runtime.snapshot, path.read_text(encoding="utf-8")
    device.asked.clear()
    edit(path, "auth: monitor", "auth: nobody\n    colour: red")
    with pytest.raises(ConfigError) as refused:
        runtime.reload()
    bad = own(runtime)
    name = "sbc_exporter_config_last_reload_successful"

    assert len(refused.value.problems) == 2
    assert all(one.where.startswith(f"{path}:") for one in refused.value.problems)
    assert runtime.snapshot is before
    assert page(runtime).value("sbc_up", target=device.name) == 1
    assert device.asked == [GET]
    assert bad.value(name) == 0
    assert bad.value("sbc_exporter_targets") == 1
    path.write_text(good, encoding="utf-8")
    runtime.reload()
    assert own(runtime).value(name) == 1


def test_a_ca_file_of_garbage_is_a_bad_file(fleet: Fleet, start: Start, path: Path) -> None:
    """A CA file is read by the reload, not by the next scrape."""
    runtime = start(fleet())
    before = runtime.snapshot
    (path.parent / "ca.pem").write_text("no certificate\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"ca_file: .*ca\.pem\" holds no certificate"):
        runtime.reload()
    assert runtime.snapshot is before


def test_a_scrape_ends_on_what_it_began_with(fleet: Fleet, start: Start, path: Path) -> None:
    """A reload breaks no scrape that runs; the connection goes when the scrape has ended."""
    gate = Gate()
    simulator = fleet(clock=gate)
    (device,) = simulator.devices
    runtime = start(simulator)
    with relay(device.port) as (port, ended):
        edit(path, f":{device.port}", f":{port}")
        runtime.reload()
        page(runtime)
        with ThreadPoolExecutor(1) as pool, gate.shut():
            running = pool.submit(page, runtime)
            assert gate.reached.wait(PATIENCE)
            edit(path, f":{port}", f":{device.port}")
            edit(path, "labels: {site: ams", "labels: {site: lon")
            runtime.reload()
            assert not running.done()
            assert not ended.is_set()
            gate.open()
            old = running.result(PATIENCE)
        assert ended.wait(PATIENCE)
    new = page(runtime)

    sites = [
        [dict(labels)["site"] for labels in one.named("sbc_target_info")] for one in (old, new)
    ]
    assert sites == [["ams"], ["lon"]]
    assert old.value("sbc_up", target=device.name) == 1
    assert device.connections == 2


def test_reloads_at_once_take_turns(fleet: Fleet, path: Path) -> None:
    """A reload that comes during another one reads the file after it, not beside it."""
    write_config(fleet(), path)
    read = from_file(path)
    reloading, met = threading.Event(), threading.Event()
    both = threading.Barrier(2, action=met.set)

    def load() -> Config:
        if reloading.is_set():
            with suppress(threading.BrokenBarrierError):
                both.wait(0.3)
        return read()

    runtime = Runtime(load, OwnMetrics(), Instruments())
    reloading.set()
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(runtime.reload) for _ in range(2)]:
            done.result(PATIENCE)
    runtime.close()
    assert not met.is_set()


def test_a_scrape_ends_with_a_module_that_is_gone(fleet: Fleet, start: Start, path: Path) -> None:
    """Who waits for the SBC with a module that a reload removes still gets an answer by it."""
    runtime = start(fleet())
    text = path.read_text(encoding="utf-8")
    old = "modules:\n  old: {tls_config: {ca_file: ca.pem, min_version: TLS13}}\n"
    path.write_text(text.replace("modules:\n", old), encoding="utf-8")
    runtime.reload()
    scrapes = runtime.prepare(runtime.snapshot, ["sbc-001"], PATIENCE, "old")

    path.write_text(text, encoding="utf-8")
    runtime.reload()

    [report] = runtime.scraper.run(scrapes)
    assert report.up


def test_no_two_logins_at_once_whatever_is_changed(fleet: Fleet, start: Start, path: Path) -> None:
    """A reload that changes labels and password in the middle of a login waits for its end."""
    gate = Gate()
    simulator = fleet(clock=gate)
    (device,) = simulator.devices
    runtime = start(simulator)

    with ThreadPoolExecutor(2) as pool, gate.shut():
        first = pool.submit(page, runtime)
        assert gate.reached.wait(PATIENCE)
        edit(path, "site: ams", "site: lon")
        (path.parent / "sbc-password").write_text("another", encoding="utf-8")
        runtime.reload()
        second = pool.submit(page, runtime)
        # Nothing tells that it is not sent; what comes after would be out of order.
        assert device.connections == 1
        gate.open()
        assert first.result().value("sbc_up", target=device.name) == 1
        assert second.result().value("sbc_up", target=device.name) == 0

    assert device.asked == [POST, GET, POST]


def test_one_sbc_under_many_names_is_logged_in_to_once(
    fleet: Fleet, start: Start, path: Path
) -> None:
    """A wrong password is tried once, not once for each name; a right one serves them all."""
    simulator = fleet()
    (device,) = simulator.devices
    runtime = start(simulator)
    names = "".join(f"  - {{name: again-{n}, address: '{device.url}'}}\n" for n in range(3))
    text = path.read_text(encoding="utf-8")
    path.write_text(text + names, encoding="utf-8")
    runtime.reload()
    right = device.accounts["monitor"]
    device.accounts["monitor"] = Account("another", admin=True)

    refused = page(runtime)
    device.accounts["monitor"] = right
    runtime.reload()
    granted = page(runtime)

    assert sum(refused.named("sbc_up").values()) == 0
    assert sum(granted.named("sbc_up").values()) == 4
    assert device.asked.count(POST) == 2
    assert device.connections == 1
