"""The web configuration in force, renewed when a file changes."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from sbc_exporter.deadline import Clock
from sbc_exporter.errors import ConfigError
from sbc_exporter.logs import facts
from sbc_exporter.webconfig.handshake import renewing
from sbc_exporter.webconfig.load import WebConfig, load_web_config

log = logging.getLogger(__name__)

_SECONDS_BETWEEN_LOOKS = 1.0

Stamp = tuple[int, int, int, int]


class Watched:
    """
    Reads the file at once, and raises ConfigError if it is bad.

    Later it is read again whenever it or a file that it names has changed; one that is bad then
    leaves what was in force. All in the thread of the event loop: reading takes a few
    milliseconds and is rare.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._stamps: dict[Path, Stamp | None] = {}
        self._looked = clock()
        self._in_force = self._load()

    def current(self) -> WebConfig:
        """What holds for a request or a connection that arrives now."""
        now = self._clock()
        if now - self._looked >= _SECONDS_BETWEEN_LOOKS:
            self._looked = now
            if any(_stamp(file) != stamp for file, stamp in self._stamps.items()):
                self._renew()
        return self._in_force

    def tls(self) -> ssl.SSLContext | None:
        """What a server needs for TLS, always up to date; None if TLS was off at the start."""
        first = self._in_force.tls
        # It is never turned off later, see below.
        return first and renewing(lambda: self.current().tls or first)

    def _renew(self) -> None:
        try:
            fresh = self._load()
        except ConfigError as error:
            _log_refusal("; ".join(str(problem) for problem in error.problems))
            return
        if (fresh.tls is None) != (self._in_force.tls is None):
            _log_refusal(f"{self._path}: tls_server_config: TLS is turned on or off at start only")
            return
        self._in_force = fresh
        log.info("web configuration reloaded", extra=facts(file=self._path))

    def _load(self) -> WebConfig:
        # Taken before each file is read: what changes meanwhile is seen at the next look.
        self._stamps = {}
        return load_web_config(self._path, self._note)

    def _note(self, file: Path) -> None:
        self._stamps[file] = _stamp(file)


def _log_refusal(problem: str) -> None:
    log.error("web configuration not reloaded", extra=facts(problem=problem))


def _stamp(file: Path) -> Stamp | None:
    try:
        status = file.stat()
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
