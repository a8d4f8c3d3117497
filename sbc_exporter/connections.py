"""
What every client's connection is held to, whatever is served on it.

Hypercorn drops a client that does not finish its request. It waits for ever for one that does not
read its answer, and for one that says it will speak HTTP/2 without TLS and then says nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

STALLED_SECONDS = 4.5

# How HTTP/2 begins; over TLS it is agreed upon otherwise, so there it is left to Hypercorn.
_HTTP2 = b"PRI "


class WatchfulLoop(asyncio.SelectorEventLoop):
    """
    An event loop whose servers watch their connections.

    `stalled` is how many seconds a client may take none of what is sent to it.
    """

    def __init__(self, stalled: float = STALLED_SECONDS) -> None:
        super().__init__()
        self._stalled = stalled

    async def create_server(
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], *args: Any, **kwargs: Any
    ) -> asyncio.Server:
        plain = kwargs.get("ssl") is None

        def watched() -> asyncio.Protocol:
            return _Watched(cast(asyncio.Protocol, protocol_factory()), self, self._stalled, plain)

        return await super().create_server(watched, *args, **kwargs)


class _Watched(asyncio.Protocol):
    """Stands between a connection and what reads it, and cuts the connection off."""

    def __init__(
        self,
        inner: asyncio.Protocol,
        loop: asyncio.AbstractEventLoop,
        stalled: float,
        plain: bool,  # noqa: FBT001 - called in one place, above
    ) -> None:
        self._inner = inner
        self._loop = loop
        self._stalled = stalled
        # What came so far, until it is clear that it is no HTTP/2.
        self._beginning: bytes | None = b"" if plain else None
        self._waiting = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._timer = self._loop.call_later(self._stalled, self._look)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._beginning is not None:
            self._beginning += data[: len(_HTTP2)]
            if self._beginning.startswith(_HTTP2):
                self._transport.abort()
                return
            if not _HTTP2.startswith(self._beginning):
                self._beginning = None
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        self._timer.cancel()
        self._inner.connection_lost(error)

    def _look(self) -> None:
        """Cut off a client that has taken nothing since the last look."""
        waiting = self._transport.get_write_buffer_size()
        if waiting and waiting >= self._waiting > 0:
            self._transport.abort()
            return
        self._waiting = waiting
        self._timer = self._loop.call_later(self._stalled, self._look)
