"""What asks the exporters, as Prometheus does, and costs little itself."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import re
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.fleet import HOST, TOKEN
from benchmarks.programs import Fleet

# What a Prometheus of 2024 sends.
_HEADERS = {
    "Accept": "application/openmetrics-text;version=1.0.0;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    "Accept-Encoding": "gzip",
    "User-Agent": "Prometheus/2.55.1",
}
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)\r\n")
_SAMPLE = re.compile(r'^(\w+)\{target="([^"]+)"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """What a scrape brought, and how many seconds it took."""

    seconds: float
    text: str

    def by_target(self, name: str) -> Mapping[str, float]:
        """The values of a family that has no other label than `target`."""
        found = _SAMPLE.findall(self.text)
        return {target: float(value) for family, target, value in found if family == name}


class Scraper:
    """One kept connection to an exporter."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port)

    def get(self, path: str, timeout: float = 10) -> Page:
        """The page, asked for with that many seconds as Prometheus' scrape_timeout."""
        headers = {**_HEADERS, "X-Prometheus-Scrape-Timeout-Seconds": str(timeout)}
        try:
            return self._get(path, headers)
        except ConnectionError:
            # The exporter does not keep a connection that was idle for long.
            self._connection.close()
            return self._get(path, headers)

    def _get(self, path: str, headers: dict[str, str]) -> Page:
        started = time.perf_counter()
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - started
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path}: status {answer.status}: {body[:200]!r}")
        if answer.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        return Page(took, body.decode())

    def close(self) -> None:
        self._connection.close()


def probe_all(port: int, paths: Sequence[str], proof: bytes, at_once: int) -> None:
    """Get all these pages, so many at once; each has to hold `proof`, or it raises."""
    asyncio.run(_probe_all(port, iter(paths), proof, at_once))


async def _probe_all(port: int, paths: Iterator[str], proof: bytes, at_once: int) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in _HEADERS.items())

    async def work() -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        for path in paths:
            request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{head}"
            writer.write(f"{request}X-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n".encode())
            page = await _body(reader)
            if proof not in page:
                raise RuntimeError(f"{path}: {page[:2000].decode()}")
        writer.close()
        await writer.wait_closed()

    async with asyncio.TaskGroup() as workers:
        for _ in range(at_once):
            workers.create_task(work())


async def _body(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if length is not None:
        body = await reader.readexactly(int(length[1]))
    else:
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    return gzip.decompress(body) if b"gzip" in head else body


class BareFetch:
    """The same request over a kept TLS connection, with nothing around it but http.client."""

    def __init__(self, sbcs: Fleet, index: int, tls: ssl.SSLContext) -> None:
        port = sbcs.ports[index]
        self._connection = http.client.HTTPSConnection(HOST, port, context=tls)

    def get(self) -> float:
        """The seconds that it took."""
        headers = {"Accept": "application/xml", "Authorization": f"Bearer {TOKEN}"}
        started = time.perf_counter()
        self._connection.request("GET", "/rest/v1.2/admin/asyncstatus", headers=headers)
        answer = self._connection.getresponse()
        answer.read()
        took = time.perf_counter() - started
        if answer.status != http.client.OK:
            raise RuntimeError(f"status {answer.status}")
        return took

    def close(self) -> None:
        self._connection.close()
