"""A client as an operator's script would have it."""

from __future__ import annotations

import base64
import os
import re
import socket
import ssl
from dataclasses import dataclass

import requests

from sbc_exporter.simulator import Device
from sbc_exporter.simulator.fleet import PASSWORD

DEADLINE = 5.0


def receive_tcp(secure: ssl.SSLSocket) -> bytes:
    """
    What comes next on the connection beneath TLS.

    Python's ssl reports a reset while reading as an end; TCP itself tells them apart.
    """
    with socket.socket(fileno=os.dup(secure.fileno())) as tcp:
        tcp.settimeout(DEADLINE)
        return tcp.recv(65536)


@dataclass(frozen=True)
class Client:
    """A session with one device."""

    session: requests.Session
    device: Device

    def url(self, endpoint: str, version: str = "v1.1") -> str:
        return f"{self.device.url}/rest/{version}/{endpoint}"

    def ask(
        self, method: str, endpoint: str, token: str | None = None, **headers: str
    ) -> requests.Response:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.session.request(method, self.url(endpoint), headers=headers, timeout=DEADLINE)

    def try_login(
        self, user: str = "monitor", password: str = PASSWORD, body: str = ""
    ) -> requests.Response:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return self.session.post(
            self.url("auth/token"),
            headers={"Authorization": f"Basic {pair}"},
            data=body,
            timeout=DEADLINE,
        )

    def login(self, user: str = "monitor", password: str = PASSWORD, body: str = "") -> str:
        response = self.try_login(user, password, body)
        assert response.status_code == 200
        found = re.search("<accessToken>(.+)</accessToken>", response.text)
        assert found is not None
        return found[1]

    def status(self, token: str | None = None) -> requests.Response:
        return self.ask("GET", "admin/asyncstatus", token or self.login())
