"""Connections: resolving, connecting and the time that they may take."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from sbc_exporter.config.model import TlsConfig
from sbc_exporter.deadline import Deadline
from sbc_exporter.errors import NameUnknown, TimedOut, Unreachable
from sbc_exporter.simulator import Simulator
from sbc_exporter.sockets import AddressInfo, _connect, dial, resolve
from tests.unit.support import (
    LOOPBACK,
    NOTICED,
    PATIENCE,
    SOON,
    address,
    closed_port,
    context_for,
    needs_ipv6,
    serving,
    visit,
)


def dial_plain(port: int, host: str = LOOPBACK) -> socket.socket:
    return dial(address(port, host=host, plain=True), None, host, visit())


def info(port: int, host: str = LOOPBACK) -> AddressInfo:
    return socket.AF_INET, socket.SOCK_STREAM, 0, "", (host, port)


def raising(error: Exception) -> Callable[..., list[Any]]:
    def lookup(*_: object, **__: object) -> list[Any]:
        raise error

    return lookup


def test_unknown_name_is_told_by_name() -> None:
    """A name that nobody has gives NameUnknown, and the name is in the message."""
    with pytest.raises(NameUnknown, match=r"^resolve sbc\.invalid: ") as raised:
        resolve("sbc.invalid", 443, Deadline.after(PATIENCE))
    assert raised.value.code == "dns"


def test_resolver_that_fails_gives_its_reason() -> None:
    """The words of the resolver are in the message."""
    lookup = raising(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"))
    with pytest.raises(NameUnknown, match="Temporary failure"):
        resolve("sbc.example.net", 443, Deadline.after(PATIENCE), lookup)


def test_name_that_cannot_be_encoded_is_unknown() -> None:
    """A label of more than 63 characters never reaches the resolver."""
    with pytest.raises(NameUnknown, match="not a valid name"):
        resolve("ä" * 64, 443, Deadline.after(PATIENCE))


def test_hanging_resolver_ends_at_the_deadline() -> None:
    """The system's resolver knows no time-out; whoever asks it does."""
    released = Event()

    def lookup(*_: object, **__: object) -> list[Any]:
        released.wait(PATIENCE)
        return []

    started = time.monotonic()
    try:
        with pytest.raises(TimedOut, match=r"^resolve sbc\.example\.net: no answer"):
            resolve("sbc.example.net", 443, Deadline.after(SOON), lookup)
    finally:
        released.set()
    assert SOON <= time.monotonic() - started < NOTICED


def test_address_needs_no_resolver() -> None:
    """A literal address is taken as it is, on no other thread than the caller's."""
    [(family, _, _, _, where)] = resolve(LOOPBACK, 443, Deadline.after(PATIENCE))
    assert family == socket.AF_INET
    assert where == (LOOPBACK, 443)


def test_connection_that_is_refused_is_told_at_once() -> None:
    """Nothing listens: Unreachable with address, port and the system's reason."""
    with (
        closed_port() as port,
        pytest.raises(Unreachable, match=f"^connect to {LOOPBACK} port {port}: Connection refused"),
    ):
        dial_plain(port)


def test_name_without_an_address_is_unreachable() -> None:
    """A resolver that answers with nothing is no reason to fail otherwise."""
    with pytest.raises(Unreachable, match="the name has no address"):
        _connect(address(443), [], Deadline.after(PATIENCE))


def test_next_address_is_tried_when_one_refuses() -> None:
    """A name with several addresses works as long as one of them does."""

    def serve(connection: socket.socket) -> None:
        connection.recv(1)

    with closed_port() as dead, serving(serve) as port:
        candidates = [info(dead), info(port)]
        with _connect(address(port), candidates, Deadline.after(PATIENCE)) as connection:
            assert connection.getpeername() == (LOOPBACK, port)


def test_last_failure_is_told_when_all_addresses_refuse() -> None:
    """All dead is Unreachable."""
    with closed_port() as one, closed_port() as other, pytest.raises(Unreachable):
        _connect(address(one), [info(one), info(other)], Deadline.after(PATIENCE))


@needs_ipv6
def test_ipv6_works(fleet: Callable[..., Simulator], tmp_path: Path) -> None:
    """Address, certificate and connection, all over IPv6."""
    simulator = fleet(listen="::1")
    (tmp_path / "ca.pem").write_bytes(simulator.ca_pem)
    context = context_for(TlsConfig(ca_file=tmp_path / "ca.pem"))
    where = address(simulator.devices[0].port, host="::1")
    with dial(where, context, "::1", visit()) as connection:
        assert connection.family == socket.AF_INET6


def test_time_out_of_a_socket_is_a_budget_for_all_reads() -> None:
    """Bytes that come one by one do not start it anew."""
    gone = Event()

    def serve(connection: socket.socket) -> None:
        while not gone.wait(0.05):
            connection.sendall(b"x")

    def read_on(connection: socket.socket) -> None:
        while connection.recv_into(bytearray(1)):
            pass

    with serving(serve) as port:
        try:
            with dial_plain(port) as connection:
                connection.settimeout(SOON)
                started = time.monotonic()
                with pytest.raises(TimeoutError):
                    read_on(connection)
                assert SOON * 0.9 <= time.monotonic() - started < NOTICED
                connection.settimeout(PATIENCE)
                assert connection.recv_into(bytearray(1)) == 1
        finally:
            gone.set()
