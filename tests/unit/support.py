"""What the tests of the lower half share: raw servers on loopback and ways to ask."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sbc_exporter.client import SbcClient
from sbc_exporter.config.model import Address, TlsConfig
from sbc_exporter.deadline import Deadline
from sbc_exporter.errors import DeviceError
from sbc_exporter.simulator import Device
from sbc_exporter.tls import Contexts
from sbc_exporter.transport import Answer, Transport
from sbc_exporter.visit import Visit
from sbc_exporter.xmltree import Node

ENDPOINT = "admin/asyncstatus"
LOOPBACK = "127.0.0.1"

# What the simulator writes down when it is asked.
LOGIN = "POST auth/token"
STATUS = f"GET {ENDPOINT}"
VERSIONS = "GET api/supportedversions"

# Long enough for the slowest machine; a test that needs it has found a bug.
PATIENCE = 10.0

# A deadline short enough to wait for, and how long a slow machine may take to notice it.
SOON = 0.3
NOTICED = 1.5

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>"

Connect = Callable[..., SbcClient]


def visit(seconds: float = PATIENCE) -> Visit:
    """A visit on real time."""
    return Visit(Deadline.after(seconds))


def address(port: int, *, host: str = LOOPBACK, plain: bool = False) -> Address:
    return Address(scheme="http" if plain else "https", host=host, port=port)


def ask(transport: Transport, on: Visit | None = None) -> Answer:
    """GET asyncstatus with a token that nobody gave."""
    asking = on or visit()
    path = f"/rest/v1.2/{ENDPOINT}"
    with asking.request(ENDPOINT) as watch:
        return transport.exchange("GET", path, "Bearer made-up", asking, watch)


def transport_to(device: Device, ca_file: Path) -> Transport:
    context = context_for(TlsConfig(ca_file=ca_file))
    return Transport(address(device.port), context, LOOPBACK)


def plain(port: int) -> Transport:
    """The way to that port over plain HTTP."""
    return Transport(address(port, plain=True), None, LOOPBACK)


def scrape(client: SbcClient, on: Visit | None = None) -> str:
    """The operation that asyncstatus answers with, empty where there is none."""

    def read(root: Node) -> str:
        return root.text_at("data/operationState/operation") or ""

    return client.get(ENDPOINT, read, on or visit())


def failure(client: SbcClient) -> str:
    """The code of the DeviceError that asking ends with."""
    with pytest.raises(DeviceError) as raised:
        scrape(client)
    return raised.value.code


@contextmanager
def serving(serve: Callable[[socket.socket], None], host: str = LOOPBACK) -> Iterator[int]:
    """The port on which each connection is handed to `serve`, one after the other."""
    stopping = threading.Event()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        port: int = listener.getsockname()[1]

        def accept() -> None:
            while True:
                connection, _ = listener.accept()
                with connection:
                    if stopping.is_set():
                        return
                    connection.settimeout(PATIENCE)
                    # The client may go at any moment.
                    with suppress(OSError):
                        serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield port
        finally:
            stopping.set()
            # Wakes the accept; nothing else does on every system.
            socket.create_connection((host, port), PATIENCE).close()
            thread.join()


def head_of(connection: socket.socket) -> bytes:
    """The next request up to its empty line; empty when the client has gone."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            break
        head += part
    return head


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that refuses connections, kept from others meanwhile."""
    with socket.socket() as bound:
        bound.bind((LOOPBACK, 0))
        yield bound.getsockname()[1]


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")


def context_for(settings: TlsConfig) -> ssl.SSLContext:
    """The context of these settings alone."""
    return Contexts([settings]).get(settings)
