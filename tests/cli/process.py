"""A command in a process of its own, whose output is read as it comes."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import IO

import requests

SECONDS = 30.0


class Running:
    """A process; `output` holds the lines of stdout and stderr that have been waited for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.output: list[str] = []
        self._process = process
        self._lines: queue.Queue[str | None] = queue.Queue()
        streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
        self._readers = [threading.Thread(target=self._read, args=[one]) for one in streams]
        for reader in self._readers:
            reader.start()

    def line(self, *pieces: str) -> str:
        """The next line that holds all these pieces."""
        until = time.monotonic() + SECONDS
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {pieces} within {SECONDS} s: {self.output}") from None
            assert line is not None, f"the output ended without {pieces}: {self.output}"
            self.output.append(line)
            if all(piece in line for piece in pieces):
                return line

    def address(self) -> str:
        """The URL that it serves, from its log."""
        found = re.search(r'address"?[=:] ?"?([^" ]+)', self.line("listening"))
        assert found is not None
        return f"http://{found[1]}"

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, number: signal.Signals | None = None) -> int:
        """Its exit code, after that signal; all its output is then in `output`."""
        if number is not None:
            self.send(number)
        code = self._process.wait(SECONDS)
        for reader in self._readers:
            reader.join()
        while not self._lines.empty():
            line = self._lines.get()
            if line is not None:
                self.output.append(line)
        return code

    def kill(self) -> None:
        self._process.kill()
        self.end()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)


@contextmanager
def running(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """`sbc-exporter` with these arguments until the end of the block, in a bare environment."""
    # The parent's variables may be settings of an exporter, or a proxy.
    around = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "sbc_exporter", *arguments]
    with subprocess.Popen(  # noqa: S603 - the command under test
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**around, **(env or {})},
    ) as process:
        one = Running(process)
        try:
            yield one
        finally:
            one.kill()


def fetch(url: str, method: str = "GET", timeout: str | None = None) -> requests.Response:
    """An answer of the exporter; `timeout` is what Prometheus says that it will wait."""
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": timeout} if timeout else {}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, headers=headers, timeout=SECONDS)


@contextmanager
def taken_port() -> Iterator[int]:
    """A port of loopback that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
    with taken_port() as port:
        return port


def free_ports(number: int) -> int:
    """
    The first of so many ports of loopback in a row that were free a moment ago.

    Below those that the system hands out: other tests are given these all the time.
    """
    first = 20_000 + os.getpid() * 64 % 10_000
    for base in range(first, first + 2_000, number):
        with suppress(OSError), ExitStack() as stack:
            for port in range(base, base + number):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            return base
    raise AssertionError(f"no {number} ports in a row are free")
