"""What the tests of scrapes share: one SBC without an exporter around it, and gates in its way."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from sbc_exporter.config.model import TlsConfig
from sbc_exporter.exposition import render
from sbc_exporter.line import Line
from sbc_exporter.report import Report
from sbc_exporter.sbc import Memory, Sbc
from sbc_exporter.simulator import Simulator, write_config
from sbc_exporter.tls import Contexts
from tests.support import Page, from_file

PATIENCE = 20.0


class Gate:
    """A simulator's clock that stops the SBCs in the middle of an answer while it is shut."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()
        self._open.set()

    def __call__(self) -> float:
        if not self._open.is_set():
            self.reached.set()
            assert self._open.wait(PATIENCE)
        return time.time()

    @contextmanager
    def shut(self) -> Iterator[None]:
        self._open.clear()
        try:
            yield
        finally:
            self.open()

    def open(self) -> None:
        self._open.set()


def only_sbc(simulator: Simulator, folder: Path) -> Sbc:
    """The exporter's side of a simulator with one device."""
    path = folder / "sbc-exporter.yml"
    write_config(simulator, path)
    (target,) = from_file(path)().targets.values()
    line = Line(target.address, time.monotonic)
    line.keep([target.auth])
    return Sbc(target, line, Memory())


@cache
def context_of(settings: TlsConfig) -> ssl.SSLContext:
    """The context of these settings, the same each time, as a runtime gives it to its scrapes."""
    return Contexts([settings]).get(settings)


def page_of(*reports: Report) -> Page:
    return Page(render(reports, (), "text").body.decode())


@contextmanager
def relay(port: int) -> Iterator[tuple[int, threading.Event]]:
    """A port that passes one connection on to another, and an event: its client has ended it."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)

        def carry() -> None:
            client, _ = listening.accept()
            with client, socket.create_connection(("127.0.0.1", port)) as server:
                client.settimeout(PATIENCE)
                back = threading.Thread(target=_pump, args=[server, client])
                back.start()
                try:
                    _pump(client, server)
                    ended.set()
                finally:
                    server.shutdown(socket.SHUT_RDWR)
                    back.join()

        thread = threading.Thread(target=carry)
        thread.start()
        try:
            yield listening.getsockname()[1], ended
        finally:
            thread.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    # An end may also come as a reset, on either side.
    with suppress(ConnectionError):
        while data := source.recv(65_536):
            sink.sendall(data)
