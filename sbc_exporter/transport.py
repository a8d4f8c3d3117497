"""
HTTP to one SBC, by an adapter of `requests` over one kept connection, under a deadline.

What the library raises is translated here, once, into DeviceErrors.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from sbc_exporter import __version__
from sbc_exporter.config.model import MAX_RESPONSE_SIZE, Address
from sbc_exporter.errors import AnswerTooLarge, BadAnswer, ConnectionLost, Redirected
from sbc_exporter.sockets import dial
from sbc_exporter.translation import translated
from sbc_exporter.visit import StopWatch, Visit

Dial = Callable[[], socket.socket]

_HEADERS = {
    "Accept": "application/xml",
    "Accept-Encoding": "identity",
    "User-Agent": f"sbc_exporter/{__version__}",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer that is no redirect."""

    status: int
    body: bytes


class Transport:
    """
    The way to one SBC; used by one conversation at a time.

    Redirects are not followed, cookies not kept, and nothing is taken from the environment: no
    proxy, no .netrc, no CA bundle. All that is what a `requests.Session` is for, so there is none.
    """

    def __init__(
        self,
        address: Address,
        tls: ssl.SSLContext | None,
        server_name: str,
        max_response_size: int = MAX_RESPONSE_SIZE,
    ) -> None:
        self._address = address
        self._tls = tls
        self._server_name = server_name
        self._most = max_response_size
        self._adapter = _Adapter(address, self._dial)
        self._gets: dict[str, requests.PreparedRequest] = {}

    def exchange(
        self, method: str, path: str, authorization: str, visit: Visit, watch: StopWatch
    ) -> Answer:
        """
        One request and its whole answer; raises DeviceError.

        A kept connection may have died while it was idle, which only shows when it is used:
        then the request is sent once more, on a fresh one.
        """
        self._visit, self._dialled = visit, False
        request = self._prepared(method, path)
        request.headers["Authorization"] = authorization
        try:
            answer = self._send(request)
        except ConnectionLost:
            if self._dialled:
                raise
            answer = self._send(request)
        watch.stop()
        return answer

    def close(self) -> None:
        self._adapter.close()

    def _prepared(self, method: str, path: str) -> requests.PreparedRequest:
        # Preparing a request costs a tenth of a scrape. Logins are too rare to keep theirs.
        prepared = self._gets.get(path) if method == "GET" else None
        if prepared is None:
            request = requests.Request(method, f"{self._address}{path}", _HEADERS)
            prepared = request.prepare()
            if method == "GET":
                self._gets[path] = prepared
        return prepared

    def _dial(self) -> socket.socket:
        self._dialled = True
        return dial(self._address, self._tls, self._server_name, self._visit)

    def _send(self, request: requests.PreparedRequest) -> Answer:
        # In all: a plain number would begin anew after the dialling.
        left: Any = Timeout(total=self._visit.deadline.require("send the request"))
        try:
            response = self._adapter.send(request, stream=True, timeout=left)
            # Not returned to the pool before it has been read to its end.
            with response:
                if response.status_code < 200:  # noqa: PLR2004
                    # Of those, http.client passes over 100 only; the answer is still to come.
                    raise BadAnswer(f"HTTP status {response.status_code} was not asked for")
                if 300 <= response.status_code < 400:  # noqa: PLR2004
                    raise Redirected(f"HTTP status {response.status_code}: a redirect")
                return Answer(response.status_code, _read(response, self._most))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise translated(error) from error


class _Adapter(HTTPAdapter):
    """One SBC, one pool of one connection; certificates are the dialler's business."""

    def __init__(self, address: Address, dial: Dial) -> None:
        super().__init__()
        pool = _HttpsPool if address.scheme == "https" else _HttpPool
        self._pool = pool(address.host, address.port, maxsize=1, dial=dial)

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Nothing: the original makes one pool for each of many hosts."""

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Nothing: the original adds certifi's authorities to the shared context."""

    def build_response(self, _: Any, resp: Any) -> requests.Response:
        """What is used of an answer; the original reads cookies and copies headers, too."""
        response = requests.Response()
        response.status_code = resp.status
        response.raw = resp
        return response

    def close(self) -> None:
        self._pool.close()


class _Http(HTTPConnection):
    """A connection that is made by our dialler, and by TLS where that one says so."""

    def __init__(self, *args: Any, dial: Dial, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dial = dial

    @property
    def is_connected(self) -> bool:
        # What has come while nobody asked is the end of the connection, last words before it, or
        # what an answer had too much: never the answer to what is asked next.
        return super().is_connected and not getattr(self.sock, "pending", int)()

    def connect(self) -> None:
        self.sock = self._dial()
        # As far as the operator wants it verified; urllib3 would warn on every request.
        self.is_verified = True


class _Https(_Http, HTTPSConnection):
    """The same; urllib3's pools tell the two apart by their class."""


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


def _read(response: requests.Response, most: int) -> bytes:
    # read1 returns what has come, so that an answer is too large as soon as it is.
    parts: list[bytes] = []
    size = 0
    while part := response.raw.read1(65536, decode_content=True):
        size += len(part)
        if size > most:
            raise AnswerTooLarge(f"the answer is larger than {most:,} bytes")
        parts.append(part)
    return b"".join(parts)
