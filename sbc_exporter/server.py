"""Hypercorn, set up: addresses, limits, signals. Knows nothing about SBCs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from starlette.types import ASGIApp

from sbc_exporter.connections import WatchfulLoop
from sbc_exporter.errors import ConfigError, Problem
from sbc_exporter.logs import facts

log = logging.getLogger(__name__)

# A client has so long for its handshake, then so long to send a complete request: less than ten
# seconds in all. An idle connection is kept as long as the latter, which is no round number so
# that no connection ends just when the next scrape is due.
# Hypercorn's read_timeout stays off: it also ends connections that wait for a slow scrape.
HANDSHAKE_SECONDS = 5
KEEP_ALIVE_SECONDS = 4.5
HIGHEST_PORT = 65_535
# The longest that a scrape in flight is waited for at the end: as long as any module may let it
# take. Whatever else a client leaves open has an end of its own.
GRACEFUL_SECONDS = 3600

_ELSEWHERE = "--web.listen-address names another place, :0 any free port"


def listen(address: str) -> socket.socket:
    """
    A listening socket for `host:port`, `[v6]:port`, or `:port` on every address of the machine.

    Raises ConfigError in one sentence when that cannot be had.
    """
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and port.isascii() and port.isdigit() and int(port) <= HIGHEST_PORT):
        raise ConfigError([Problem(address, "is no address to listen on; write host:port")])
    try:
        if not host and socket.has_dualstack_ipv6():
            where = ("", int(port))
            return socket.create_server(where, family=socket.AF_INET6, dualstack_ipv6=True)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family)
    except OSError as error:
        # Not strerror: create_server repeats the address in it.
        numbered = error.errno is not None and error.errno > 0
        reason = os.strerror(error.errno or 0) if numbered else error.strerror
        raise ConfigError(
            [Problem(address, f"cannot listen there: {reason}; {_ELSEWHERE}")]
        ) from error


def run(
    app: ASGIApp,
    sockets: Sequence[socket.socket],
    on_hangup: Callable[[], Any],
    tls: ssl.SSLContext | None = None,
) -> None:
    """
    Serve until SIGTERM or SIGINT, then let what is in flight end; a second signal ends at once.

    SIGHUP calls `on_hangup` in a thread. Takes the sockets over; with `tls` they speak HTTPS.
    """
    with asyncio.Runner(loop_factory=WatchfulLoop) as runner:
        runner.run(_run(app, sockets, on_hangup, tls))


async def _run(
    app: ASGIApp,
    sockets: Sequence[socket.socket],
    on_hangup: Callable[[], Any],
    tls: ssl.SSLContext | None,
) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    running: set[asyncio.Task[Any]] = set()

    def stop(number: signal.Signals) -> None:
        for other in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(other)
            signal.signal(other, signal.SIG_DFL)
        log.info("stopping", extra=facts(signal=number.name))
        stopping.set()

    def hangup() -> None:
        task = asyncio.create_task(asyncio.to_thread(on_hangup))
        running.add(task)
        task.add_done_callback(running.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    loop.add_signal_handler(signal.SIGHUP, hangup)
    for one in sockets:
        log.info("listening", extra=facts(address=_shown(one)))
    await serve_until(app, sockets, stopping.wait, tls)


class _Config(Config):
    """Hypercorn's settings, with a context of our own in place of paths to certificates."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls

    @property
    def ssl_enabled(self) -> bool:
        return self._tls is not None

    def create_ssl_context(self) -> ssl.SSLContext | None:
        return self._tls


async def serve_until(
    app: ASGIApp,
    sockets: Sequence[socket.socket],
    stopped: Callable[[], Any],
    tls: ssl.SSLContext | None = None,
) -> None:
    """
    Serve until the coroutine function `stopped` returns; takes the sockets over.

    Meant for a WatchfulLoop.
    """
    config = _Config(tls)
    config.bind = [f"fd://{one.detach()}" for one in sockets]
    config.errorlog = logging.getLogger("hypercorn.error")
    config.accesslog = None
    config.ssl_handshake_timeout = HANDSHAKE_SECONDS
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.graceful_timeout = GRACEFUL_SECONDS
    config.include_server_header = False
    await serve(cast(ASGIFramework, app), config, shutdown_trigger=stopped)


def _shown(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
