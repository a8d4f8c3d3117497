"""Clients that ask, and then take nothing of the answer."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse

from sbc_exporter import server
from sbc_exporter.connections import WatchfulLoop
from tests.support import eventually

PATIENCE = 30.0
# Far more than what two machines keep for each other.
LARGE = PlainTextResponse(b"x" * 50_000_000)


@contextmanager
def serving(stalled: float) -> Iterator[int]:
    """The port of a server of the large page; at the end it has to stop by itself."""
    listening = server.listen("127.0.0.1:0")
    port: int = listening.getsockname()[1]
    loop = WatchfulLoop(stalled)
    stopping = asyncio.Event()
    thread = threading.Thread(
        target=loop.run_until_complete,
        args=[server.serve_until(LARGE, [listening], stopping.wait)],
    )
    thread.start()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a client that does not read keeps the server from ending"
        loop.close()


def ask(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), PATIENCE)
    client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    # The answer is on its way.
    assert client.recv(4, socket.MSG_PEEK) == b"HTTP"
    return client


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_client_that_does_not_read_is_dropped() -> None:
    """The server gives its end up, and most of the page is never sent."""
    with serving(0.3) as port, ask(port) as client:
        both_ends = open_files()

        eventually(lambda: open_files() < both_ends)

        received = 0
        while part := client.recv(1_000_000):
            received += len(part)
        assert received < len(LARGE.body) / 2


def test_it_does_not_keep_the_server_from_ending(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever stops the exporter does not wait for those who never read, nor find a traceback."""
    with ExitStack() as stack, serving(0.3) as port:
        for _ in range(10):
            stack.enter_context(ask(port))

    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_slow_reader_gets_all() -> None:
    """Only who takes nothing at all is dropped; who takes a bit now and then gets its page."""
    with serving(0.5) as port, ask(port) as client:
        received = 0
        for _ in range(20):
            threading.Event().wait(0.1)
            received += len(client.recv(1_000_000))
        while received < len(LARGE.body):
            part = client.recv(1_000_000)
            assert part, received
            received += len(part)
