"""One simulated SBC, and the ways to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sbc_exporter.client import SbcClient
from sbc_exporter.config.model import ApiVersion, Auth
from sbc_exporter.login import Login
from sbc_exporter.secret import Secret
from sbc_exporter.simulator import Device, Simulator
from sbc_exporter.simulator.sbc import USER
from sbc_exporter.transport import Transport
from tests.support import Clock
from tests.unit.support import Connect, transport_to


@pytest.fixture
def simulator(fleet: Callable[..., Simulator], clock: Clock) -> Simulator:
    """Tokens and lock-outs of the SBC follow the same clock as those who ask it."""
    return fleet(clock=clock)


@pytest.fixture
def device(simulator: Simulator) -> Device:
    return simulator.devices[0]


@pytest.fixture
def ca_file(simulator: Simulator, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(simulator.ca_pem)
    return path


@pytest.fixture
def transport(device: Device, ca_file: Path) -> Iterator[Transport]:
    made = transport_to(device, ca_file)
    yield made
    made.close()


@pytest.fixture
def connect(transport: Transport, simulator: Simulator, clock: Clock) -> Connect:
    """Makes clients, with the right password unless another is given."""

    def make(version: ApiVersion = "v1.2", password: str | None = None) -> SbcClient:
        auth = Auth(name="a", username=USER, password=Secret(password or simulator.password))
        return SbcClient(transport, Login(auth, clock), version, clock)

    return make


@pytest.fixture
def client(connect: Connect) -> SbcClient:
    return connect()
