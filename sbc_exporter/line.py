"""The way to one SBC: its connections, its logins, and whose turn it is to talk."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sbc_exporter.client import SbcClient
from sbc_exporter.config.model import Address, ApiVersion, Auth, Module
from sbc_exporter.deadline import Clock
from sbc_exporter.errors import TimedOut
from sbc_exporter.login import Login
from sbc_exporter.transport import Transport
from sbc_exporter.visit import Visit

# Modules that ask differently have a connection each.
MOST_CONNECTIONS = 2

_How = tuple[Auth, ssl.SSLContext | None, str, ApiVersion, int]


class Line:
    """
    At most one conversation at a time, under however many names the SBC is configured.

    That spares the SBC, keeps answers in order, and makes two logins at once impossible. It
    outlives a change of all settings but the address.
    """

    def __init__(self, address: Address, clock: Clock) -> None:
        self._address = address
        self._clock = clock
        self._talking = threading.Lock()
        self._logins: dict[Auth, Login] = {}
        # By how a module asks; the one used last stands last.
        self._clients: dict[_How, SbcClient] = {}

    @contextmanager
    def conversation(
        self, auth: Auth, module: Module, tls: ssl.SSLContext | None, visit: Visit
    ) -> Iterator[SbcClient]:
        """The client for this module, to oneself; raises TimedOut when it stays taken."""
        doing = "wait for another scrape of this SBC"
        patience = visit.deadline.require(doing)
        if not self._talking.acquire(blocking=False):
            with visit.step("wait"):
                if not self._talking.acquire(timeout=patience):
                    raise TimedOut(f"{doing}: it did not end in time")
        try:
            yield self._client(auth, module, tls)
        finally:
            self._close_others()
            self._talking.release()

    def keep(self, auths: Collection[Auth]) -> None:
        """
        Under a new configuration, stay in force for these accounts only; for none, end.

        Somebody may have put an account right on the SBC itself: no login is withheld any longer.
        A conversation that is going on ends on what it began with.
        """
        self._logins = {auth: self._login(auth) for auth in auths}
        for login in self._logins.values():
            login.proven()
        if self._talking.acquire(blocking=False):
            try:
                self._close_others()
            finally:
                self._talking.release()

    def withheld_for(self, auth: Auth) -> float:
        """Seconds for which no login may be sent; 0 when one may."""
        return self._login(auth).withheld_for()

    def _login(self, auth: Auth) -> Login:
        # Of an account that is not kept any more, a conversation may still be going on.
        return self._logins.get(auth) or Login(auth, self._clock)

    def _client(self, auth: Auth, module: Module, tls: ssl.SSLContext | None) -> SbcClient:
        server_name = module.tls.server_name or self._address.host
        how = auth, tls, server_name, module.api_version, module.max_response_size
        client = self._clients.pop(how, None)
        if client is None:
            transport = Transport(self._address, tls, server_name, module.max_response_size)
            client = SbcClient(transport, self._login(auth), module.api_version, self._clock)
        self._clients[how] = client
        if len(self._clients) > MOST_CONNECTIONS:
            self._clients.pop(next(iter(self._clients))).close()
        return client

    def _close_others(self) -> None:
        """Close the connections of accounts that are not kept."""
        for how in [how for how in self._clients if how[0] not in self._logins]:
            self._clients.pop(how).close()
