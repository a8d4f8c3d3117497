"""TLS with an SBC: what can go wrong with it, and in what time."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from sbc_exporter.config.model import TlsConfig, TlsVersion
from sbc_exporter.errors import ConnectionLost, DeviceError, TimedOut, TlsRefused
from sbc_exporter.simulator import Device
from sbc_exporter.simulator.certificates import Certificate, Tls
from sbc_exporter.sockets import dial
from sbc_exporter.visit import Visit
from tests.unit.support import (
    LOOPBACK,
    NOTICED,
    PATIENCE,
    SOON,
    address,
    context_for,
    serving,
    visit,
)


def secure(
    device: Device,
    ca_file: Path,
    on: Visit | None = None,
    *,
    server_name: str = LOOPBACK,
    min_version: TlsVersion = "TLS12",
) -> socket.socket:
    context = context_for(TlsConfig(ca_file=ca_file, min_version=min_version))
    return dial(address(device.port), context, server_name, on or visit())


def test_steps_are_recorded_in_order(device: Device, ca_file: Path) -> None:
    """Resolve, connect and TLS each have their place in the visit."""
    on = visit()
    secure(device, ca_file, on).close()
    assert [step.name for step in on.steps] == ["resolve", "connect", "tls"]


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        ("wrong_name", "IP address mismatch, certificate is not valid for '127.0.0.1'"),
        ("expired", "certificate has expired"),
        ("self_signed", "self-signed certificate"),
    ],
)
def test_bad_certificate_is_told_apart(
    device: Device, ca_file: Path, certificate: Certificate, reason: str
) -> None:
    """The message says what is wrong with the certificate."""
    device.certificate = certificate
    on = visit()
    with pytest.raises(TlsRefused, match=f"^TLS with {LOOPBACK}: .*{reason}") as raised:
        secure(device, ca_file, on)
    assert raised.value.code == "tls"
    assert on.steps[-1].name == "tls"
    assert on.steps[-1].error == str(raised.value)


def test_certificate_is_checked_against_the_server_name(device: Device, ca_file: Path) -> None:
    """The name that counts is the configured one, not the address."""
    secure(device, ca_file, server_name="sbc.example.net").close()
    with pytest.raises(TlsRefused, match=r"not valid for 'other\.example\.net'"):
        secure(device, ca_file, server_name="other.example.net")


@pytest.mark.parametrize("max_tls", ["TLS10", "TLS11"])
def test_version_that_is_too_old_is_refused(device: Device, ca_file: Path, max_tls: Tls) -> None:
    """The message names the setting that would allow it."""
    device.max_tls = max_tls
    with pytest.raises(TlsRefused, match="older than min_version"):
        secure(device, ca_file)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("max_tls", "min_version", "spoken"),
    [("TLS10", "TLS10", "TLSv1"), ("TLS11", "TLS11", "TLSv1.1"), ("TLS12", "TLS12", "TLSv1.2")],
)
def test_old_version_works_when_allowed(
    device: Device, ca_file: Path, max_tls: Tls, min_version: TlsVersion, spoken: str
) -> None:
    """An old SBC can be asked by those who say so."""
    device.max_tls = max_tls
    with secure(device, ca_file, min_version=min_version) as connection:
        assert isinstance(connection, ssl.SSLSocket)
        assert connection.version() == spoken


def test_server_without_tls_is_told(ca_file: Path) -> None:
    """A port that speaks plain HTTP is named as such."""

    def serve(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    context = context_for(TlsConfig(ca_file=ca_file))
    with serving(serve) as port, pytest.raises(TlsRefused, match="does not speak TLS"):
        dial(address(port), context, LOOPBACK, visit())


def test_handshake_that_hangs_ends_at_the_deadline(device: Device, ca_file: Path) -> None:
    """Connected, and then silence: TimedOut in the step tls."""
    device.handshake = "hang"
    on = visit(SOON)
    started = time.monotonic()
    with pytest.raises(TimedOut, match="the handshake did not end in time"):
        secure(device, ca_file, on)
    assert SOON <= time.monotonic() - started < NOTICED
    assert on.steps[-1].name == "tls"


def test_handshake_that_is_reset_is_a_lost_connection(device: Device, ca_file: Path) -> None:
    """A reset is nothing about certificates."""
    device.handshake = "reset"
    with pytest.raises(ConnectionLost, match=f"^TLS with {LOOPBACK}: Connection reset by peer"):
        secure(device, ca_file)


def test_handshake_that_is_closed_is_a_lost_connection(ca_file: Path) -> None:
    """A connection that ends in good order inside the handshake is lost, too."""
    context = context_for(TlsConfig(ca_file=ca_file))

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)

    with serving(serve) as port, pytest.raises(ConnectionLost, match="closed the connection"):
        dial(address(port), context, LOOPBACK, visit())


def test_nothing_is_tried_after_the_deadline(device: Device, ca_file: Path) -> None:
    """Without time left no connection is made at all."""
    with pytest.raises(TimedOut):
        secure(device, ca_file, visit(0))
    assert device.connections == 0


@pytest.mark.parametrize("how", ["silence", "garbage", "no name"])
def test_failed_handshake_leaves_no_connection_open(ca_file: Path, how: str) -> None:
    """The server sees the end of a connection that did not become a TLS one."""
    ended = Event()

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        if how == "garbage":
            connection.sendall(b"no TLS at all\r\n")
        with suppress(ConnectionError):
            connection.recv(65536)
        ended.set()

    context = context_for(TlsConfig(ca_file=ca_file))
    server_name = "" if how == "no name" else LOOPBACK
    with serving(serve) as port:
        with pytest.raises(DeviceError) as raised:
            dial(address(port), context, server_name, visit(SOON))
        # While the error is kept, so is whatever its traceback refers to.
        assert ended.wait(PATIENCE), raised
