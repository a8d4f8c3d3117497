"""From a simulated SBC over a real exporter to the page, the way of every scrape."""

from __future__ import annotations

from collections.abc import Callable

from sbc_exporter.simulator import Account, Outcome, Simulator
from tests.support import Exporter

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]


def test_a_hundred_sbcs_are_scraped_warm_in_one_request_each(fleet: Fleet, export: Export) -> None:
    """After the first scrape, each costs every SBC one request on the connection that it has."""
    simulator = fleet(100)
    exporter = export(simulator)
    assert set(exporter.page().named("sbc_up").values()) == {1.0}
    for device in simulator.devices:
        device.asked.clear()

    page = exporter.page()

    assert list(page.named("sbc_up").values()) == [1.0] * 100
    assert [device.asked for device in simulator.devices] == [["GET admin/asyncstatus"]] * 100
    assert {device.connections for device in simulator.devices} == {1}


def test_what_is_wrong_with_one_sbc_stays_with_it(fleet: Fleet, export: Export) -> None:
    """A dead SBC, a wrong password and missing rights each give the right code, and no more."""
    simulator = fleet(4)
    stopped, locked_out, unprivileged, good = simulator.devices
    stopped.stop()
    locked_out.accounts["monitor"] = Account("another", admin=True)
    unprivileged.accounts["monitor"] = Account(simulator.password, admin=False)
    good.run("save", Outcome(seconds=0))

    page = export(simulator).page()

    ups = [page.value("sbc_up", target=device.name) for device in simulator.devices]
    assert ups == [0, 0, 0, 1]
    assert set(page.named("sbc_request_errors_total")) == {
        (("code", "connect"), ("endpoint", "auth/token"), ("target", stopped.name)),
        (("code", "401"), ("endpoint", "auth/token"), ("target", locked_out.name)),
        (("code", "403"), ("endpoint", "admin/asyncstatus"), ("target", unprivileged.name)),
    }
    status = {"operation": "save", "status": "success", "target": good.name}
    assert page.value("sbc_async_operation_status", **status) == 1


def test_expired_token_costs_one_login(fleet: Fleet, export: Export) -> None:
    """A 401 is answered with exactly one new login and one repeat, and the scrape succeeds."""
    simulator = fleet()
    device = simulator.devices[0]
    exporter = export(simulator)
    exporter.page()
    device.forget_tokens()
    device.asked.clear()

    page = exporter.page()

    assert page.value("sbc_up", target=device.name) == 1
    assert device.asked == ["GET admin/asyncstatus", "POST auth/token", "GET admin/asyncstatus"]


def test_hanging_sbc_costs_the_others_nothing(fleet: Fleet, export: Export) -> None:
    """The page goes out in time; whoever is late has sbc_up 0 and the code timeout."""
    simulator = fleet(3)
    hanging = simulator.devices[1]
    hanging.handshake = "hang"

    page = export(simulator, "timeout: 300ms").page()

    assert page.value("sbc_up", target=hanging.name) == 0
    errors = {"target": hanging.name, "endpoint": "auth/token", "code": "timeout"}
    assert page.value("sbc_request_errors_total", **errors) == 1
    assert sum(page.named("sbc_up").values()) == 2
