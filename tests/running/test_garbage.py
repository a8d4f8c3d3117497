"""A scrape leaves nothing that waits for Python's garbage collector, however it ends."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from sbc_exporter.simulator import Device, Simulator, faults
from tests.running.conftest import Start
from tests.running.edits import edit

Fleet = Callable[..., Simulator]

STATUS = "admin/asyncstatus"
ENDS: dict[str, Callable[[Device], object]] = {
    "well": lambda _: None,
    "refuses connections": lambda device: device.stop(),
    "hangs": lambda device: device.faults.update({STATUS: faults.Hang()}),
    "resets": lambda device: device.faults.update({STATUS: faults.Reset()}),
    "says nonsense": lambda device: device.faults.update({STATUS: faults.Body(b"<a>")}),
    "is too large": lambda device: device.faults.update({STATUS: faults.Endless(b"x" * 65_536)}),
    "wants no token": lambda device: device.faults.update({"*": faults.Status(401)}),
    "has no name": lambda _: None,
}


@pytest.mark.parametrize("end", ENDS)
def test_no_scrape_leaves_garbage(fleet: Fleet, start: Start, path: Path, end: str) -> None:
    """What a scrape made is gone with it, connections above all, since cycles would keep it."""
    simulator = fleet()
    (device,) = simulator.devices
    runtime = start(simulator)
    if end == "has no name":
        edit(path, device.url, "https://sbc.invalid")
        runtime.reload()
    ENDS[end](device)

    def scrape() -> None:
        runtime.scrape(runtime.snapshot, ["sbc-001"], 0.3)

    scrape()
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            scrape()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left = Counter(type(one).__name__ for one in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()

    # The simulator has its own, in the same process: only what a scrape is made of counts.
    ours = {"Scrape", "Visit", "Report", "TlsSocket", "PlainSocket", "Timeout", "Step", "Exchange"}
    assert {name: number for name, number in left.items() if name in ours} == {}
