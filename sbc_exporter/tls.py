"""Settings -> SSL contexts: one for each distinct setting, however many SBCs share it."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sbc_exporter.config.model import TlsConfig
from sbc_exporter.errors import ConfigError, Problem
from sbc_exporter.sockets import TlsSocket

_Files = tuple[bytes | None, ...]

_VERSIONS = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}


class Contexts:
    """
    The contexts for these settings, made at once.

    Making one reads the certificate authorities: 40 ms and 0.8 MB, each. The server name is not
    part of a context, so it does not make a setting distinct. Those of `before` whose files say
    the same as then are taken over. Raises ConfigError, naming the file, when a certificate file
    makes no sense.
    """

    def __init__(self, settings: Iterable[TlsConfig], before: Contexts | None = None) -> None:
        self._made: dict[tuple[TlsConfig, _Files], ssl.SSLContext] = {}
        self._by_settings: dict[TlsConfig, ssl.SSLContext] = {}
        old = before._made if before is not None else {}  # noqa: SLF001 - its own kind
        for one in settings:
            bare = replace(one, server_name=None)
            key = bare, _files(bare)
            if key not in self._made:
                self._made[key] = old.get(key) or _build(bare)
            self._by_settings[one] = self._made[key]

    def get(self, settings: TlsConfig) -> ssl.SSLContext:
        """The context for one of the settings that these were made for."""
        return self._by_settings[settings]


def _files(settings: TlsConfig) -> _Files:
    """What the files hold now."""
    contents = []
    for key in ("ca_file", "cert_file", "key_file"):
        path: Path | None = getattr(settings, key)
        try:
            contents.append(path.read_bytes() if path else None)
        except OSError as error:
            raise _unusable(str(path), key, error) from error
    return tuple(contents)


def _build(settings: TlsConfig) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = TlsSocket
    if settings.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if settings.ca_file is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(settings.ca_file)
        except (ssl.SSLError, OSError) as error:
            raise _unusable(str(settings.ca_file), "ca_file", error) from error
    if settings.cert_file is not None:
        try:
            # An empty password, or OpenSSL would ask for one on the terminal.
            context.load_cert_chain(settings.cert_file, settings.key_file, password="")
        except (ssl.SSLError, OSError) as error:
            raise _unusable(str(settings.cert_file), "cert_file", error) from error
    if settings.min_version in {"TLS10", "TLS11"}:
        # OpenSSL's default security level refuses these versions whatever the minimum says.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = _VERSIONS[settings.min_version]
    return context


def _unusable(path: str, key: str, error: OSError) -> ConfigError:
    reason = getattr(error, "reason", None) or error.strerror or str(error)
    return ConfigError(
        [Problem(path, f"cannot be used as {key}: {reason}; it must hold certificates in PEM form")]
    )
