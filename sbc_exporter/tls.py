"""Settings -> SSL contexts: one for each distinct setting, however many SBCs share it."""

from __future__ import annotations

import ssl
from dataclasses import replace

from sbc_exporter.config.model import TlsConfig
from sbc_exporter.errors import ConfigError, Problem
from sbc_exporter.sockets import TlsSocket

_VERSIONS = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}


class Contexts:
    """
    The contexts in use.

    Building one reads the certificate authorities: 40 ms and 0.8 MB, each. The server name is
    not part of a context, so it does not make a setting distinct.
    """

    def __init__(self) -> None:
        self._made: dict[TlsConfig, ssl.SSLContext] = {}

    def get(self, settings: TlsConfig) -> ssl.SSLContext:
        """Raises ConfigError, naming the file, when a certificate file makes no sense."""
        key = replace(settings, server_name=None)
        if key not in self._made:
            self._made[key] = _build(key)
        return self._made[key]


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
