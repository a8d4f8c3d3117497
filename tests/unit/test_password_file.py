"""A password that changes on disk, as when somebody rotates it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sbc_exporter.client import SbcClient
from sbc_exporter.config.model import Auth
from sbc_exporter.login import Login
from sbc_exporter.secret import Secret
from sbc_exporter.simulator import Account, Device
from sbc_exporter.simulator.sbc import USER
from sbc_exporter.transport import Transport
from tests.support import Clock
from tests.unit.support import LOGIN, STATUS, failure, scrape


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("old\n", encoding="utf-8")
    return path


@pytest.fixture
def client(transport: Transport, device: Device, clock: Clock, file: Path) -> SbcClient:
    """One that began with the password `old`, which the SBC takes."""
    device.accounts[USER] = Account("old", admin=True)
    auth = Auth(name="a", username=USER, password=Secret("old"), password_file=file)
    return SbcClient(transport, Login(auth, clock), "v1.2", clock)


def test_new_password_is_taken_when_the_old_one_is_refused(
    client: SbcClient, device: Device, file: Path
) -> None:
    """Rotated on both sides, it costs one refused login, and the scrape succeeds."""
    scrape(client)
    device.accounts[USER] = Account("new", admin=True)
    device.forget_tokens()
    file.write_text("new\n", encoding="utf-8")
    device.asked.clear()

    scrape(client)

    assert device.asked == [STATUS, LOGIN, LOGIN, STATUS]


def test_new_password_ends_the_withholding(client: SbcClient, device: Device, file: Path) -> None:
    """Changed first on the SBC and then in the file, it is used at once."""
    device.accounts[USER] = Account("new", admin=True)
    assert failure(client) == "401"
    assert failure(client) == "withheld"
    file.write_text("new\n", encoding="utf-8")

    scrape(client)

    assert device.asked == [LOGIN, LOGIN, STATUS]


def test_another_wrong_password_is_withheld_again(
    client: SbcClient, device: Device, file: Path
) -> None:
    """Each content of the file is tried once."""
    device.accounts[USER] = Account("new", admin=True)
    failure(client)
    file.write_text("wrong, too\n", encoding="utf-8")
    assert failure(client) == "401"

    assert failure(client) == "withheld"
    assert device.asked == [LOGIN, LOGIN]


def test_file_that_cannot_be_read_changes_nothing(
    client: SbcClient, device: Device, file: Path
) -> None:
    """In the middle of being replaced, the file may be away."""
    device.accounts[USER] = Account("new", admin=True)
    file.unlink()
    failure(client)

    assert failure(client) == "withheld"
    assert device.asked == [LOGIN]
