"""A simulator of one device, and a client that trusts it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sbc_exporter.simulator import Device, Simulator
from tests.simulator.client import Client
from tests.support import Clock


@pytest.fixture
def sim(clock: Clock) -> Iterator[Simulator]:
    with Simulator(devices=1, clock=clock) as running:
        yield running


@pytest.fixture
def device(sim: Simulator) -> Device:
    return sim.devices[0]


@pytest.fixture
def ca_file(sim: Simulator, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(sim.ca_pem)
    return path


@pytest.fixture
def client(device: Device, ca_file: Path) -> Iterator[Client]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(ca_file)
        yield Client(session, device)


@pytest.fixture
def trusting(sim: Simulator) -> ssl.SSLContext:
    """A client's TLS context that trusts the simulator's CA."""
    return ssl.create_default_context(cadata=sim.ca_pem.decode())
