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
