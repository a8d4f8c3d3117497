"""Certificates and servers that end with their test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sbc_exporter import server
from sbc_exporter.connections import WatchfulLoop
from sbc_exporter.webconfig import Watched, guard
from tests.support import Clock

PLAIN = "{}"
FILES = "tls_server_config: {cert_file: server.pem, key_file: server.key}"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def odd_keys(authority: trustme.CA) -> dict[str, bytes]:
    """Keys of other certificates, by the name of their file."""
    rsa = authority.issue_cert("other", key_type=trustme.KeyType.RSA).private_key_pem.bytes()
    encrypted = serialization.load_pem_private_key(rsa, password=None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"s3cret"),
    )
    other = authority.issue_cert("other").private_key_pem.bytes()
    return {"other.key": other, "rsa.key": rsa, "encrypted.key": encrypted}


@pytest.fixture
def folder(tmp_path: Path, authority: trustme.CA, odd_keys: dict[str, bytes]) -> Path:
    """A folder with what the files of these tests name."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issue(authority, tmp_path)
    for name, content in odd_keys.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def issue(authority: trustme.CA, folder: Path) -> None:
    """Put a new certificate and its key into the folder."""
    made = authority.issue_cert("localhost", "127.0.0.1")
    made.cert_chain_pems[0].write_to_path(folder / "server.pem")
    made.private_key_pem.write_to_path(folder / "server.key")


Serve = Callable[[str], int]


@pytest.fixture
def serve(folder: Path, clock: Clock) -> Iterator[Serve]:
    """Writes the text to web.yml and serves as it says, on the port that it returns."""
    with ExitStack() as stack:

        def start(text: str) -> int:
            path = folder / "web.yml"
            path.write_text(text)
            return stack.enter_context(_serving(Watched(path, clock)))

        yield start


@contextmanager
def _serving(web: Watched) -> Iterator[int]:
    async def page(_: Request) -> Response:
        return PlainTextResponse("page\n", headers={"X-Frame-Options": "sameorigin"})

    routes = [Route(path, page) for path in ("/metrics", "/-/healthy", "/-/ready")]
    app = guard(Starlette(routes=routes), web.current)
    listening = server.listen("127.0.0.1:0")
    port: int = listening.getsockname()[1]
    loop = WatchfulLoop()
    stopping = asyncio.Event()
    thread = threading.Thread(
        target=loop.run_until_complete,
        args=[server.serve_until(app, [listening], stopping.wait, web.tls())],
    )
    thread.start()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
