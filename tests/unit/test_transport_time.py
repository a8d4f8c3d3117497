"""No SBC takes more time than the deadline gives it."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
import trustme

from sbc_exporter.config.model import TlsConfig
from sbc_exporter.errors import DeviceError, Redirected, TimedOut
from sbc_exporter.simulator import Device, faults
from sbc_exporter.simulator.faults import Fault
from sbc_exporter.transport import Transport
from sbc_exporter.visit import Visit
from tests.unit.support import (
    ENDPOINT,
    LOOPBACK,
    NOTICED,
    SOON,
    address,
    ask,
    context_for,
    head_of,
    plain,
    serving,
    visit,
)


def test_endless_redirect_is_not_read() -> None:
    """The body of a redirect is nobody's business."""

    def serve(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 999999\r\n\r\n")
        head_of(connection)

    started = time.monotonic()
    with serving(serve) as port, pytest.raises(Redirected):
        ask(plain(port))
    assert time.monotonic() - started < NOTICED


@pytest.mark.parametrize(
    "fault",
    [
        faults.Hang(),
        faults.Trickle(0.02),
        faults.Trickle(0.02, headers_too=True),
    ],
    ids=["hang", "body trickles", "headers trickle"],
)
def test_slow_answer_ends_at_the_deadline(
    device: Device, transport: Transport, fault: Fault
) -> None:
    """A byte now and then buys no time."""
    device.faults[ENDPOINT] = fault
    on = visit(SOON)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        ask(transport, on)
    assert SOON * 0.9 <= time.monotonic() - started < NOTICED
    assert on.exchanges[0].code == "timeout"


def test_status_line_that_trickles_ends_at_the_deadline() -> None:
    """Over plain HTTP the deadline holds just the same."""
    gone = Event()

    def serve(connection: socket.socket) -> None:
        head_of(connection)
        while not gone.wait(0.02):
            connection.sendall(b"H")

    started = time.monotonic()
    with serving(serve) as port:
        try:
            with pytest.raises(TimedOut):
                ask(plain(port), visit(SOON))
        finally:
            gone.set()
    assert time.monotonic() - started < NOTICED


def test_interim_answers_without_end_stop_at_the_deadline() -> None:
    """`100 Continue` for ever is no answer."""
    gone = Event()

    def serve(connection: socket.socket) -> None:
        head_of(connection)
        while not gone.wait(0.01):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    started = time.monotonic()
    with serving(serve) as port:
        try:
            with pytest.raises(DeviceError):
                ask(plain(port), visit(SOON))
        finally:
            gone.set()
    assert time.monotonic() - started < NOTICED


def test_kept_connection_does_not_keep_the_old_deadline(
    device: Device, transport: Transport
) -> None:
    """Each request has the time of its own visit."""
    ask(transport, visit(5))
    device.faults[ENDPOINT] = faults.Hang()
    started = time.monotonic()
    with pytest.raises(TimedOut):
        ask(transport, visit(SOON))
    assert time.monotonic() - started < NOTICED
    device.faults.clear()
    assert ask(transport, visit(5)).status == 401


def test_no_request_leaves_after_the_deadline(device: Device, transport: Transport) -> None:
    """Without time left the SBC hears nothing."""
    with pytest.raises(TimedOut):
        ask(transport, visit(0))
    assert device.asked == []


def test_time_is_that_to_the_last_byte(device: Device, transport: Transport) -> None:
    """An answer whose body comes late has taken that long."""
    device.latency = 0.1
    on: Visit = visit()
    ask(transport, on)
    [exchange] = on.exchanges
    assert exchange.seconds is not None
    assert 0.1 <= exchange.seconds < NOTICED


def test_a_slow_handshake_leaves_less_for_the_answer(tmp_path: Path) -> None:
    """The time that it took is not given once more to the answer."""
    soon, authority = 2.0, trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(LOOPBACK).configure_cert(tls)

    def serve(connection: socket.socket) -> None:
        Event().wait(0.75 * soon)
        with tls.wrap_socket(connection, server_side=True) as secure:
            # The request, then the end of the connection; there is no answer.
            head_of(secure)
            head_of(secure)

    context = context_for(TlsConfig(ca_file=tmp_path / "ca.pem"))
    with serving(serve) as port, closing(Transport(address(port), context, LOOPBACK)) as transport:
        started = time.monotonic()
        with pytest.raises(TimedOut):
            ask(transport, visit(soon))
        assert time.monotonic() - started < soon + 1
