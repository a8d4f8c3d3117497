"""Clients of a server on loopback."""

from __future__ import annotations

import base64
import ssl
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from pathlib import Path

import trustme

PATIENCE = 20.0


def trusting(authority: trustme.CA, **versions: ssl.TLSVersion) -> ssl.SSLContext:
    """A client's context that trusts this authority only."""
    context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    for name, version in versions.items():
        setattr(context, name, version)
    return context


def presenting(context: ssl.SSLContext, certificate: trustme.LeafCert) -> ssl.SSLContext:
    """The context, with a client's certificate of its own."""
    with certificate.private_key_and_cert_chain_pem.tempfile() as path:
        context.load_cert_chain(path)
    return context


def basic(user: str, password: str) -> str:
    """The value of an Authorization header."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def get(
    port: int,
    path: str = "/metrics",
    *,
    authorization: str | None = None,
    tls: ssl.SSLContext | None = None,
) -> tuple[int, HTTPMessage]:
    """The status and the headers of one answer, over a connection of its own."""
    connection = (
        HTTPSConnection("localhost", port, timeout=PATIENCE, context=tls)
        if tls
        else HTTPConnection("localhost", port, timeout=PATIENCE)
    )
    try:
        headers = {} if authorization is None else {"Authorization": authorization}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers
    finally:
        connection.close()


def shown_certificate(port: int, tls: ssl.SSLContext) -> bytes:
    """The certificate that a new connection gets to see."""
    connection = HTTPSConnection("localhost", port, timeout=PATIENCE, context=tls)
    try:
        connection.connect()
        shown = connection.sock.getpeercert(binary_form=True)
        assert shown is not None
        return bytes(shown)
    finally:
        connection.close()


def certificate_in(file: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(file.read_text())
