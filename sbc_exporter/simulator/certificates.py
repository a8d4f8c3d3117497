"""One certificate authority for a fleet, and a TLS context for each way to show oneself."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Certificate = Literal["good", "expired", "wrong_name", "self_signed"]
Tls = Literal["TLS10", "TLS11", "TLS12"]
Contexts = Callable[[Certificate, Tls | None], ssl.SSLContext]

_NEWEST: Mapping[Tls, ssl.TLSVersion] = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """
    What the fleet shows: the CA for clients to trust, and the chains to serve with.

    A context takes milliseconds to make and few are ever wanted, so each is made at its first
    use. The loop's thread alone asks for them.
    """

    ca_pem: bytes
    _chains: Mapping[Certificate, bytes] = field(repr=False)
    _made: dict[tuple[Certificate, Tls | None], ssl.SSLContext] = field(default_factory=dict)

    def context(self, kind: Certificate, newest: Tls | None) -> ssl.SSLContext:
        """The context of a server with that certificate, that speaks no newer TLS."""
        key = kind, newest
        if key not in self._made:
            self._made[key] = _context(self._chains[kind], newest)
        return self._made[key]


def issue(listen: str) -> Identity:
    """Make a CA and every certificate; `localhost` and `sbc.example.net` are good names too."""
    ca = trustme.CA(organization_name="SBC simulator")
    names = tuple(dict.fromkeys((listen, "localhost", "sbc.example.net")))
    chains: dict[Certificate, bytes] = {
        "good": _leaf(ca, *names),
        "expired": _leaf(ca, *names, not_after=datetime(2001, 1, 1, tzinfo=UTC)),
        "wrong_name": _leaf(ca, "elsewhere.example.net"),
        "self_signed": _self_signed(listen),
    }
    return Identity(ca.cert_pem.bytes(), chains)


def _leaf(ca: trustme.CA, *names: str, not_after: datetime | None = None) -> bytes:
    return ca.issue_cert(*names, not_after=not_after).private_key_and_cert_chain_pem.bytes()


def _self_signed(listen: str) -> bytes:
    """A certificate that vouches for itself, as a virtual SBC has at first."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated SBC")])
    try:
        address: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(listen))
    except ValueError:
        address = x509.DNSName(listen)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(3000, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def _context(chain: bytes, newest: Tls | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The ssl module loads keys from files only.
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(chain)
        file.flush()
        context.load_cert_chain(file.name)
    if newest is not None:
        # OpenSSL 3 speaks TLS 1.1 and older at its lowest security level only.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        # Python warns of versions that are old, which is the very purpose here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.maximum_version = _NEWEST[newest]
    return context
