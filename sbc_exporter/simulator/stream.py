"""
One accepted connection on the event loop, plain or TLS.

Not asyncio's own streams: those swallow the alert of a failed handshake, cannot look at the first
byte without taking it, and end TLS only when the client agrees. A simulator that must fail in
every way keeps the socket in its own hands.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import socket
import ssl
import struct
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")

# struct linger: on, for no seconds; close() then sends RST and drops what was not sent.
_RESET = struct.pack("ii", 1, 0)
_CHUNK = 65536

# A packet filter of one instruction, "keep 0 bytes", and Linux' number for attaching it.
_KEEP_NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)
_SO_ATTACH_FILTER = 26


class Stream:
    """A connection, from accept to close. `idle` says that it waits for the next request."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._broken = False
        self.idle = False

    async def peek(self) -> bytes:
        """The first byte, left in place; empty when the client went without a word."""
        return await self._retry(lambda: self._sock.recv(1, socket.MSG_PEEK))

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands as the server; a refusal reaches the client as a TLS alert."""
        secure = context.wrap_socket(self._sock, server_side=True, do_handshake_on_connect=False)
        self._sock = secure
        await self._retry(secure.do_handshake)

    async def receive(self) -> bytes:
        """What has come; empty when the client has ended the connection."""
        return await self._retry(lambda: self._sock.recv(_CHUNK))

    async def send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            sent = await self._retry(partial(self._sock.send, rest), writing=True)
            rest = rest[sent:]

    async def until_gone(self) -> None:
        """Take whatever comes, until the client ends the connection."""
        while await self.receive():
            pass

    def reset(self) -> None:
        """Make the coming close a TCP RST, with nothing before it."""
        self._broken = True
        # Not every system takes an option for a connection that the client has ended.
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def go_silent(self) -> None:
        """Let packets vanish, unacknowledged, as if the machine were gone."""
        program = ctypes.create_string_buffer(_KEEP_NOTHING)
        attached = struct.pack("HP", 1, ctypes.addressof(program))
        self._sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, attached)

    def close(self) -> None:
        """End the connection at once; over TLS with a close_notify, without waiting for another."""
        if isinstance(self._sock, ssl.SSLSocket) and not self._broken:
            # It raises for want of the other side's close_notify, or because all is over already.
            with contextlib.suppress(OSError, ValueError):
                self._sock.unwrap()
        self._sock.close()

    async def _retry(self, action: Callable[[], T], *, writing: bool = False) -> T:
        """Do it, waiting as often as the socket asks for patience."""
        while True:
            try:
                return action()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as wanted:
                # Either direction of TLS may need either direction of the socket.
                await self._ready(writing=isinstance(wanted, ssl.SSLWantWriteError))
            except BlockingIOError:
                await self._ready(writing=writing)

    async def _ready(self, *, writing: bool) -> None:
        loop = asyncio.get_running_loop()
        descriptor, ready = self._sock.fileno(), asyncio.Event()
        watch, forget = (
            (loop.add_writer, loop.remove_writer)
            if writing
            else (loop.add_reader, loop.remove_reader)
        )
        watch(descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            forget(descriptor)
