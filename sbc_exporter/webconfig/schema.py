"""
The shape of the file, for pydantic; what takes two keys is in `crosscheck.py`.

What exporter-toolkit knows and Python cannot do is refused by name: nobody shall believe in a
protection that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainValidator
from pydantic_core import PydanticKnownError

from sbc_exporter.config.advice import quote, suggest
from sbc_exporter.config.document import KeyPath, Unquoted
from sbc_exporter.config.fields import Shape, one_of, text, text_in
from sbc_exporter.config.model import TlsVersion
from sbc_exporter.config.problems import Kind
from sbc_exporter.config.values import check_file
from sbc_exporter.secret import Secret
from sbc_exporter.webconfig.ciphers import CURVES, TLS12_SUITES, TLS13_SUITES

ClientAuth = Literal["NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"]

_CLIENT_AUTHS = ("NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert")
_UNVERIFIED = ("RequestClientCert", "RequireAnyClientCert", "RequireClientCert")
_HEADERS = (
    "Content-Security-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "X-XSS-Protection",
)
_BEGIN = "-----BEGIN "
# 22 characters carry the salt's 128 bits, so that four bits of the last one are always zero.
_BCRYPT = re.compile(
    r"\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}"
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where paths begin, and who is told of each file before it is read."""

    folder: Path
    note: Callable[[Path], None]


def _file(path: str, around: Surroundings) -> Path:
    if _BEGIN in path:
        # Not shown: it may be a private key.
        raise ValueError("holds PEM text where a path belongs; the key without _file takes text")
    file = around.folder / path
    around.note(file)
    return check_file(file)


def _pem(content: str) -> str:
    if _BEGIN not in content or not content.isascii():
        raise ValueError(f'is no PEM text, which holds "{_BEGIN.strip()}"')
    return content


def _private_key(content: str) -> Secret:
    return Secret(_pem(content))


def _hash(content: str) -> Secret:
    if not _BCRYPT.fullmatch(content):
        raise ValueError(
            "is no bcrypt hash of a password; make one with: htpasswd -nBC 10 '' | tr -d ':\\n'"
        )
    return Secret(content)


def _client_auth(word: str) -> str:
    if word in _UNVERIFIED:
        raise ValueError(
            f"{quote(word)} is not supported, because it takes any certificate unverified; "
            "write RequireAndVerifyClientCert"
        )
    if word not in _CLIENT_AUTHS:
        raise ValueError(f"{quote(word)} is not known; {suggest(word, _CLIENT_AUTHS)}")
    return word


def _header_value(value: object) -> str:
    # "X-XSS-Protection: 0" is usual, and nobody puts it in quotes.
    content = value.text if isinstance(value, Unquoted) else value
    if not isinstance(content, str):
        raise PydanticKnownError("string_type")
    if not (content.isascii() and content.isprintable()):
        raise ValueError("holds a character that cannot stand in a header; remove it")
    return content


def _refused(_: object) -> None:
    raise ValueError(
        "is not supported; take it out, and limit requests in a reverse proxy if you must"
    )


File = Annotated[Path | None, text_in(Surroundings, _file)]
Version = Annotated[TlsVersion, one_of("TLS10", "TLS11", "TLS12", "TLS13")]
Suite = Annotated[str, one_of(*TLS12_SUITES, *sorted(TLS13_SUITES))]


class TlsShape(Shape):
    """How the exporter shows itself to clients, and whom it lets in."""

    cert: Annotated[str | None, text(_pem)] = None
    cert_file: File = None
    key: Annotated[Secret | None, text(_private_key)] = None
    key_file: File = None
    client_auth_type: Annotated[ClientAuth, text(_client_auth)] = "NoClientCert"
    client_ca: Annotated[str | None, text(_pem)] = None
    client_ca_file: File = None
    client_allowed_sans: list[str] = Field(default_factory=list, min_length=1)
    min_version: Version = "TLS12"
    max_version: Version = "TLS13"
    cipher_suites: list[Suite] = Field(default_factory=list)
    prefer_server_cipher_suites: bool = True
    curve_preferences: list[Annotated[str, one_of(*CURVES)]] = Field(default_factory=list)


class HttpShape(Shape):
    """What goes with every answer."""

    http2: bool = True
    headers: dict[
        Annotated[str, one_of(*_HEADERS)], Annotated[str, PlainValidator(_header_value)]
    ] = Field(default_factory=dict)


class FileShape(Shape):
    """The whole file."""

    tls_server_config: TlsShape | None = None
    http_server_config: HttpShape = HttpShape()
    basic_auth_users: dict[str, Annotated[Secret, text(_hash)]] = Field(default_factory=dict)
    rate_limit: Annotated[None, PlainValidator(_refused)] = None


def _shape_at(path: KeyPath) -> type[Shape]:
    match path:
        case ("tls_server_config",):
            return TlsShape
        case ("http_server_config",):
            return HttpShape
    return FileShape


def _is_secret(path: KeyPath) -> bool:
    return path[:1] == ("basic_auth_users",) or path == ("tls_server_config", "key")


def _shown(path: KeyPath) -> KeyPath:
    # A key that lost its colon may hold a hash; the line says which one it is.
    for length, key in enumerate(path):
        if isinstance(key, str) and not re.fullmatch(r"[\w-]+", key):
            return path[:length]
    return path[:1] if path[:1] == ("basic_auth_users",) else path


KIND = Kind(shape=FileShape, shape_at=_shape_at, needed={}, is_secret=_is_secret, shown=_shown)
