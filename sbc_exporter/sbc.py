"""One configured SBC for as long as it is configured: its connections, its login, its memory."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sbc_exporter.client import SbcClient
from sbc_exporter.collectors import ALL
from sbc_exporter.config.model import ApiVersion, Module, Target
from sbc_exporter.deadline import Clock
from sbc_exporter.errors import TimedOut
from sbc_exporter.journal import Journal
from sbc_exporter.login import Login
from sbc_exporter.meter import Meter
from sbc_exporter.report import Report
from sbc_exporter.tls import Contexts
from sbc_exporter.transport import Transport
from sbc_exporter.visit import Visit

# Modules that ask differently have a connection each.
MOST_CONNECTIONS = 2

_How = tuple[ssl.SSLContext | None, str, ApiVersion, int]


class Memory:
    """
    What is remembered of an SBC from scrape to scrape; outlives a change of its settings.

    `states` holds each collector's frozen value; it is written in conversations only.
    """

    def __init__(self) -> None:
        self.states: dict[str, Any] = {}
        self.meter = Meter(collector.endpoint for collector in ALL)
        self.latest: Report | None = None
        self.journal = Journal()


class Sbc:
    """
    At most one conversation with an SBC at a time.

    That spares the SBC, keeps answers in order, and makes two logins at once impossible.
    """

    def __init__(self, target: Target, contexts: Contexts, memory: Memory, clock: Clock) -> None:
        self.target = target
        self.memory = memory
        self._contexts = contexts
        self._clock = clock
        self._login = Login(target.auth, clock)
        self._talking = threading.Lock()
        # By how a module asks; the one used last stands last.
        self._clients: dict[_How, SbcClient] = {}
        self._retired = False

    @contextmanager
    def conversation(self, module: Module, visit: Visit) -> Iterator[SbcClient]:
        """The client for this module, to oneself; raises TimedOut when it stays taken."""
        doing = "wait for another scrape of this SBC"
        patience = visit.deadline.require(doing)
        if not self._talking.acquire(blocking=False):
            with visit.step("wait"):
                if not self._talking.acquire(timeout=patience):
                    raise TimedOut(f"{doing}: it did not end in time")
        try:
            yield self._client(module)
        finally:
            if self._retired:
                self._close()
            self._talking.release()

    def reloaded(self, contexts: Contexts) -> None:
        """
        Stay in force under a new configuration that says the same of this SBC.

        Certificate files may have changed, and somebody may have put the account right on the
        SBC itself: no login is withheld any longer.
        """
        self._contexts = contexts
        self._login.proven()

    def withheld_for(self) -> float:
        """Seconds for which no login may be sent; 0 when one may."""
        return self._login.withheld_for()

    def retire(self) -> None:
        """Close the connections, after the conversation that may be going on."""
        self._retired = True
        if self._talking.acquire(blocking=False):
            try:
                self._close()
            finally:
                self._talking.release()

    def _client(self, module: Module) -> SbcClient:
        address = self.target.address
        tls = self._contexts.get(module.tls) if address.scheme == "https" else None
        server_name = module.tls.server_name or address.host
        how = tls, server_name, module.api_version, module.max_response_size
        client = self._clients.pop(how, None)
        if client is None:
            transport = Transport(address, tls, server_name, module.max_response_size)
            client = SbcClient(transport, self._login, module.api_version, self._clock)
        self._clients[how] = client
        if len(self._clients) > MOST_CONNECTIONS:
            self._clients.pop(next(iter(self._clients))).close()
        return client

    def _close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()
