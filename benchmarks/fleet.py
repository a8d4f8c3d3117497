"""
Many SBCs in one process, each on a port of its own, as cheap as can be: they are measured with.

`python -m benchmarks.fleet COUNT FOLDER` writes ca.pem into the folder and prints the ports. Then
each line on stdin is a command, `["hang", 3]`, and is answered by one line; the end of stdin ends
the process. Requests have no bodies, and any password and token will do.
"""

from __future__ import annotations

import asyncio
import json
import resource
import ssl
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import trustme

HOST = "127.0.0.1"
TOKEN = "bench-token"  # noqa: S105 - it opens nothing

_LOGIN = b"POST /rest/v1.2/auth/token "
_STATUS = b"GET /rest/v1.2/admin/asyncstatus "


def _answer(data: str, status: str = "200 OK") -> bytes:
    body = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f"<response>{data}<messages/><links/></response>"
    )
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n{body}".encode()


_GRANTED = _answer(f"<data><accessToken>{TOKEN}</accessToken></data>")
_SUCCESS = _answer(
    "<data><operationState><operation>activate</operation><status>success</status>"
    "</operationState></data>"
)
_REFUSED = _answer("<data/>", "401 Unauthorized")


@dataclass(slots=True)
class Sbc:
    """One SBC: what it was asked, and how it behaves."""

    asked: int = 0
    logins: int = 0
    hangs: bool = False
    latency: float = 0.0
    server: asyncio.Server | None = None
    connections: set[asyncio.Transport] = field(default_factory=set)

    def kill(self) -> None:
        """From now on connections are refused, and those that stand are reset."""
        if self.server is not None:
            self.server.close()
        for connection in tuple(self.connections):
            connection.abort()

    def answer(self, head: bytes) -> bytes:
        if head.startswith(_LOGIN) and b"\r\nAuthorization: Basic " in head:
            self.logins += 1
            return _GRANTED
        if head.startswith(_STATUS) and b"\r\nAuthorization: Bearer bench-token\r\n" in head:
            self.asked += 1
            return _SUCCESS
        return _REFUSED


class _Connection(asyncio.Protocol):
    def __init__(self, sbc: Sbc) -> None:
        self._sbc = sbc
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._sbc.connections.add(self._transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self._sbc.connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        *heads, self._received = (self._received + data).split(b"\r\n\r\n")
        for head in heads:
            answer = self._sbc.answer(head + b"\r\n")
            if self._sbc.hangs:
                continue
            asyncio.get_running_loop().call_later(self._sbc.latency, self._send, answer)

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def command(sbcs: list[Sbc], line: bytes) -> Any:
    """
    Do what a line says, and return what is told about it.

    `["hang", 3]`, `["answer", 3]`, `["kill", 3]`; `["latency", 0.05]` for all of them; `["counts"]`
    returns how often each was asked for its status, and how often for a token.
    """
    match json.loads(line):
        case ["counts"]:
            return [[sbc.asked for sbc in sbcs], [sbc.logins for sbc in sbcs]]
        case ["latency", seconds]:
            for sbc in sbcs:
                sbc.latency = seconds
        case ["hang" | "answer" as word, index]:
            sbcs[index].hangs = word == "hang"
        case ["kill", index]:
            sbcs[index].kill()
        case other:
            raise ValueError(other)
    return None


async def _listen(sbc: Sbc, context: ssl.SSLContext) -> int:
    loop = asyncio.get_running_loop()
    sbc.server = await loop.create_server(lambda: _Connection(sbc), HOST, 0, ssl=context)
    port: int = sbc.server.sockets[0].getsockname()[1]
    return port


async def _run(count: int, folder: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    sbcs = [Sbc() for _ in range(count)]
    _tell([await _listen(sbc, context) for sbc in sbcs])
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    while line := await commands.readline():
        _tell(command(sbcs, line))


def _tell(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_run(int(sys.argv[1]), Path(sys.argv[2])))
