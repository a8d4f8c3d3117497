"""Clients that never finish what they began."""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
import trustme

from tests.webconfig.clients import PATIENCE, get, trusting
from tests.webconfig.conftest import FILES, PLAIN, Serve

CLIENTS = 400
HALF_A_REQUEST = b"GET /metrics HTTP/1.1\r\nHost:"
HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01"
HTTP2_WITHOUT_TLS = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def connect(port: int, beginning: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    client.sendall(beginning)
    return client


@contextmanager
def clients(make: Callable[[], socket.socket], number: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(make()) for _ in range(number)]


def until_dropped(waiting: list[socket.socket], deadline: float) -> None:
    """Reads from all of them until each has been closed; a failure if one stays open."""
    with selectors.DefaultSelector() as selector:
        for client in waiting:
            client.setblocking(False)
            selector.register(client, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            assert ready, f"{len(selector.get_map())} clients were not dropped in time"
            for key, _ in ready:
                if _ended(key.fileobj):
                    selector.unregister(key.fileobj)


def _ended(client: object) -> bool:
    assert isinstance(client, socket.socket)
    try:
        # Not through TLS: the connection itself has to end.
        return not socket.socket.recv(client, 65536)
    except ConnectionResetError:
        return True


def seconds(ask: Callable[[], object]) -> float:
    started = time.monotonic()
    ask()
    return time.monotonic() - started


@pytest.mark.parametrize(
    ("text", "beginning"),
    [(PLAIN, HALF_A_REQUEST), (PLAIN, HTTP2_WITHOUT_TLS), (FILES, HALF_A_HELLO)],
    ids=["plain", "http2", "tls"],
)
def test_unfinished(serve: Serve, authority: trustme.CA, text: str, beginning: bytes) -> None:
    """400 clients that stop half-way slow nobody down, and are dropped within ten seconds."""
    port = serve(text)
    tls = trusting(authority) if text == FILES else None
    alone = min(seconds(lambda: get(port, tls=tls)) for _ in range(5))

    with clients(lambda: connect(port, beginning), CLIENTS) as waiting:
        deadline = time.monotonic() + 10
        among_them = min(seconds(lambda: get(port, tls=tls)) for _ in range(5))
        until_dropped(waiting, deadline)

    assert among_them < 3 * alone + 0.05


def test_unfinished_after_the_handshake(serve: Serve, authority: trustme.CA) -> None:
    """Also a client that is silent after its handshake is dropped, though it says no goodbye."""
    port = serve(FILES)
    tls = trusting(authority)

    def make() -> ssl.SSLSocket:
        client = tls.wrap_socket(connect(port, b""), server_hostname="localhost")
        client.sendall(HALF_A_REQUEST)
        return client

    with clients(make, 5) as waiting:
        until_dropped(waiting, time.monotonic() + 10)
