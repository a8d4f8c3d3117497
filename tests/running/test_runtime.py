"""Scrapes by name: how long they may take, and what refuses them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sbc_exporter.errors import BadParameter, UnknownTarget
from sbc_exporter.simulator import Simulator, faults
from tests.running.conftest import Start
from tests.running.edits import edit
from tests.running.pieces import PATIENCE

Fleet = Callable[..., Simulator]


@pytest.mark.parametrize(
    ("patience", "timeout"),
    [(PATIENCE, "300ms"), (None, "300ms"), (0.3, "1h")],
    ids=["module", "module alone", "caller"],
)
def test_the_shorter_time_counts(
    fleet: Fleet, start: Start, path: Path, patience: float | None, timeout: str
) -> None:
    """A scrape takes what the caller grants, and what its module does, whichever is less."""
    simulator = fleet()
    (device,) = simulator.devices
    device.faults["*"] = faults.Hang()
    runtime = start(simulator)
    edit(path, "  default:\n", f"  default:\n    timeout: {timeout}\n")
    runtime.reload()
    (report,) = runtime.scrape(runtime.snapshot, [device.name], patience)

    assert report.failure is not None
    assert report.failure.code == "timeout"
    assert 0.25 < report.seconds < PATIENCE / 4


def test_nothing_is_asked_when_one_name_is_wrong(fleet: Fleet, start: Start) -> None:
    """An unknown target or module refuses the request before any SBC hears of it."""
    simulator = fleet()
    runtime = start(simulator)
    name = simulator.devices[0].name
    with pytest.raises(UnknownTarget, match="nowhere"):
        runtime.scrape(runtime.snapshot, [name, "nowhere"], None)
    with pytest.raises(BadParameter, match="fast"):
        runtime.scrape(runtime.snapshot, [name], None, "fast")
    assert simulator.devices[0].asked == []


def test_modules_share_a_token_and_two_connections(fleet: Fleet, start: Start, path: Path) -> None:
    """Modules that ask otherwise have a connection each; a third one takes that of the oldest."""
    simulator = fleet()
    device = simulator.devices[0]
    runtime = start(simulator)
    more = "".join(
        f"  {version}: {{api_version: {version}, tls_config: {{ca_file: ca.pem}}}}\n"
        for version in ("v1.0", "v1.1", "v1.2")
    )
    edit(path, "targets:", f"{more}targets:")
    runtime.reload()
    snapshot = runtime.snapshot

    def connections_after(module: str) -> int:
        [report] = runtime.scrape(snapshot, [device.name], PATIENCE, module)
        assert report.up
        return device.connections

    order = ("v1.0", "v1.1", "v1.0", "v1.1", "v1.2", "v1.1", "v1.0")
    assert [connections_after(module) for module in order] == [1, 2, 2, 2, 3, 3, 4]
    assert device.asked.count("POST auth/token") == 1
