"""The web configuration from its file, or every reason why not."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sbc_exporter.config.document import Finding, read_document
from sbc_exporter.config.problems import check_shape, in_order
from sbc_exporter.errors import ConfigError
from sbc_exporter.webconfig.crosscheck import crosscheck
from sbc_exporter.webconfig.handshake import Unusable, make_context
from sbc_exporter.webconfig.logins import Logins
from sbc_exporter.webconfig.schema import KIND, FileShape, Surroundings

_NEEDS = 'keys such as "tls_server_config:" and "basic_auth_users:"'


@dataclass(frozen=True, slots=True)
class WebConfig:
    """What one content of the files means; no `logins` lets everybody in."""

    tls: ssl.SSLContext | None
    logins: Logins | None
    headers: tuple[tuple[str, str], ...]


def load_web_config(path: Path, note: Callable[[Path], None]) -> WebConfig:
    """
    The file's content and that of the files it names, checked as a whole.

    `note` is told of each file just before it is read. A ConfigError holds all problems, in the
    order of the file.
    """
    note(path)
    document = read_document(path, _NEEDS)
    shape, misfits = check_shape(
        document.data, KIND, Surroundings(folder=path.absolute().parent, note=note)
    )
    findings = [*document.findings, *misfits, *crosscheck(document.data)]
    if shape is None or findings:
        raise ConfigError(in_order(document, findings, KIND))
    try:
        return _web_config(shape)
    except Unusable as error:
        finding = Finding(("tls_server_config", error.key), str(error))
        raise ConfigError(in_order(document, [finding], KIND)) from error


def _web_config(shape: FileShape) -> WebConfig:
    tls, http = shape.tls_server_config, shape.http_server_config
    return WebConfig(
        tls=make_context(tls, http2=http.http2) if tls else None,
        logins=Logins(shape.basic_auth_users) if shape.basic_auth_users else None,
        headers=tuple((name, value) for name, value in http.headers.items() if value),
    )
