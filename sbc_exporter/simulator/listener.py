"""A port of the machine: closed and opened again, and the connections made through it."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from sbc_exporter.simulator.stream import Stream

Carry = Callable[[Stream], Coroutine[Any, Any, None]]

_BACKLOG = 1024
_LAST_PORT = 65535


class Listener:
    """
    One port, held from the start until `discard`.

    While it is closed the socket is bound but does not listen: connections are refused, and
    nobody else is given the port. All coroutines run on one event loop.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self._socket = _bind(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.connections = 0
        self._accepting: asyncio.Task[None] | None = None
        self._carried: dict[asyncio.Task[None], Stream] = {}

    async def open(self, carry: Carry) -> None:
        """Take connections; each is carried by a task of its own."""
        if self._accepting is None:
            self._socket.listen(_BACKLOG)
            self._accepting = asyncio.create_task(self._accept(carry))

    async def close(self) -> None:
        """Refuse connections and end those that there are."""
        if self._accepting is not None:
            await self.discard()
            self._socket = _bind(self.host, self.port)

    async def discard(self) -> None:
        """Give the port back for good."""
        if self._accepting is not None:
            await _end([self._accepting])
            self._accepting = None
        self._socket.close()
        await _end(self._carried)

    async def end_idle(self) -> None:
        """End, in good order, the connections that wait for a request."""
        await _end([task for task, stream in self._carried.items() if stream.idle])

    async def break_all(self) -> None:
        """Reset every connection."""
        for stream in self._carried.values():
            stream.reset()
        await _end(self._carried)

    async def silence_all(self) -> None:
        """Answer nothing more on the connections that there are, not even with TCP's own words."""
        for stream in self._carried.values():
            stream.go_silent()

    async def _accept(self, carry: Carry) -> None:
        # Not loop.sock_accept: cancelled at the wrong moment it loses a connection, unclosed.
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._socket, ready.set)
        try:
            while True:
                await ready.wait()
                ready.clear()
                try:
                    sock, _ = self._socket.accept()
                except BlockingIOError:
                    continue
                except OSError:
                    # Out of file descriptors, or the client went while it queued: the next may
                    # fare better, but not at once.
                    await asyncio.sleep(0.1)
                    continue
                sock.setblocking(False)
                self.connections += 1
                stream = Stream(sock)
                task = loop.create_task(carry(stream))
                self._carried[task] = stream
                # Not the task's own doing: one that is cancelled before its first step does
                # nothing.
                task.add_done_callback(self._ended)
        finally:
            loop.remove_reader(self._socket)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._carried.pop(task).close()


def _bind(host: str, port: int) -> socket.socket:
    if port > _LAST_PORT:
        raise OSError(errno.EADDRNOTAVAIL, f"There is no port {port}")
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        # Ended connections stay in TIME_WAIT and must not keep the port from its next start.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # For the connections, which take it over: what trickles goes out byte by byte.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise OSError(error.errno, f"{error.strerror}: {host} port {port}") from None
    return sock


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
