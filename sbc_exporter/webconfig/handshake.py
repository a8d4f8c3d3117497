"""Server-side SSL contexts: from settings, and one that is always up to date."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sbc_exporter.webconfig.ciphers import CURVES, TLS12_SUITES
from sbc_exporter.webconfig.schema import TlsShape

_VERSIONS = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
_VERIFY = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
# What OpenSSL says of a key that fits not the certificate, or not even its kind.
_OF_ANOTHER = {"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"}


class Unusable(Exception):
    """The key's value looks right, but OpenSSL does not take it."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(what)
        self.key = key


class Conversation(ssl.SSLObject):
    """One client's."""

    def do_handshake(self) -> None:
        super().do_handshake()
        allowed = self.context.allowed_sans if isinstance(self.context, Context) else frozenset()
        if allowed and allowed.isdisjoint(_names(self.getpeercert())):
            raise ssl.SSLCertVerificationError("the client's certificate has no allowed name")

    def unwrap(self) -> None:
        # asyncio would keep the connection 30 seconds more for a client that does not say
        # goodbye; TLS lets the server close as soon as it has said its own.
        with suppress(ssl.SSLWantReadError):
            super().unwrap()


class Context(ssl.SSLContext):
    """No `allowed_sans` means that every certificate that verifies will do."""

    sslobject_class = Conversation
    allowed_sans: frozenset[str] = frozenset()


class _Renewing(ssl.SSLContext):
    """Hands each new connection to the context that is in force when it arrives."""

    def __init__(self, _protocol: int, current: Callable[[], ssl.SSLContext]) -> None:
        self._current = current

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        return self._current().wrap_bio(*args, **kwargs)


def renewing(current: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """A context for asyncio's servers that asks `current` at every new connection."""
    return _Renewing(ssl.PROTOCOL_TLS_SERVER, current)


def make_context(tls: TlsShape, *, http2: bool) -> Context:
    """Raises Unusable, naming the key."""
    context = Context(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    _set_ciphers(context, tls)
    context.minimum_version = _VERSIONS[tls.min_version]
    context.maximum_version = _VERSIONS[tls.max_version]
    if not tls.prefer_server_cipher_suites:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    for curve in tls.curve_preferences:
        context.set_ecdh_curve(CURVES[curve])
    _load_certificate(context, tls)
    _load_client_ca(context, tls)
    context.verify_mode = _VERIFY[tls.client_auth_type]
    # As in Go: whatever stands in client_ca_file is trusted, also an intermediate authority.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.allowed_sans = frozenset(tls.client_allowed_sans)
    return context


def _set_ciphers(context: ssl.SSLContext, tls: TlsShape) -> None:
    names = [TLS12_SUITES[suite] for suite in tls.cipher_suites if suite in TLS12_SUITES]
    # Without a choice: Go's, and Hypercorn's, which HTTP/2 allows.
    ciphers = ":".join(names) or "ECDHE+AESGCM:ECDHE+CHACHA20"
    if tls.min_version in {"TLS10", "TLS11"}:
        # These versions know no AEAD, and OpenSSL refuses them above its lowest security level.
        ciphers += "" if names else ":ECDHE+AES"
        ciphers += ":@SECLEVEL=0"
    context.set_ciphers(ciphers)


def _load_certificate(context: ssl.SSLContext, tls: TlsShape) -> None:
    key = "key" if tls.key else "key_file"
    cert = "cert" if tls.cert else "cert_file"
    with _as_file(tls.cert_file, tls.cert) as cert_file:
        if b"-----BEGIN CERTIFICATE" not in cert_file.read_bytes():
            raise Unusable(cert, "holds no certificate in PEM form")
        with _as_file(tls.key_file, tls.key.reveal() if tls.key else None) as key_file:
            secret = key_file.read_bytes()
            if b"PRIVATE KEY-----" not in secret:
                raise Unusable(key, "holds no private key in PEM form")
            if b"ENCRYPTED" in secret:
                raise Unusable(key, "is encrypted; take the passphrase off, and protect the file")
            try:
                context.load_cert_chain(cert_file, key_file)
            except ssl.SSLError as error:
                if error.reason in _OF_ANOTHER:
                    raise Unusable(key, "is not the key of the certificate") from error
                raise Unusable(cert, f"cannot be used with its key: {_reason(error)}") from error


def _load_client_ca(context: ssl.SSLContext, tls: TlsShape) -> None:
    try:
        if tls.client_ca_file:
            context.load_verify_locations(tls.client_ca_file)
        elif tls.client_ca:
            context.load_verify_locations(cadata=tls.client_ca)
    except ssl.SSLError as error:
        key = "client_ca_file" if tls.client_ca_file else "client_ca"
        raise Unusable(key, f"holds no usable certificate: {_reason(error)}") from error


@contextmanager
def _as_file(file: Path | None, content: str | None) -> Iterator[Path]:
    # OpenSSL takes certificates by path only.
    if file is not None:
        yield file
        return
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as temporary:
        temporary.write(content or "")
        temporary.flush()
        yield Path(temporary.name)


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or "not understood").replace("_", " ").lower()


def _names(certificate: Any) -> Iterator[str]:
    for kind, name in (certificate or {}).get("subjectAltName", ()):
        if kind == "IP Address":
            # OpenSSL writes out every zero of an IPv6 address.
            with suppress(ValueError):
                yield str(ipaddress.ip_address(name))
        elif kind in {"DNS", "email", "URI"}:
            yield name
