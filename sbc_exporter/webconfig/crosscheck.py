"""What takes two keys to judge, on data whose shape may be wrong in other places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sbc_exporter.config.advice import quote
from sbc_exporter.config.document import Finding
from sbc_exporter.webconfig.ciphers import HTTP2_SUITES, TLS12_SUITES, TLS13_SUITES

_TLS = "tls_server_config"
_HTTP = "http_server_config"
_VERIFYING = ("VerifyClientCertIfGiven", "RequireAndVerifyClientCert")
_CA = ("client_ca", "client_ca_file")
_HEADER_VALUES = {
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
}


def crosscheck(data: Mapping[str, object]) -> Iterator[Finding]:
    """Everything that does not go together."""
    http = _mapping(data.get(_HTTP))
    yield from _header_values(_mapping(http.get("headers")))
    tls = data.get(_TLS)
    if tls is None and _TLS in data:
        # Not as if it were left out: whoever writes this key does not want plain HTTP.
        yield Finding((_TLS,), "has no value; write one, or take the key out")
    if isinstance(tls, dict):
        yield from _certificate(tls)
        yield from _client_certificates(tls)
        yield from _versions(tls)
        yield from _suites(tls, http2=http.get("http2", True) is True)
        yield from _curves(tls)


def _header_values(headers: Mapping[str, object]) -> Iterator[Finding]:
    for name, allowed in _HEADER_VALUES.items():
        value = headers.get(name, allowed[0])
        if isinstance(value, str) and value not in allowed:
            what = f"must be {' or '.join(allowed)}, not {quote(value)}"
            yield Finding((_HTTP, "headers", name), what)


def _certificate(tls: Mapping[str, object]) -> Iterator[Finding]:
    for half, file in (("cert", "cert_file"), ("key", "key_file")):
        if half in tls and file in tls:
            yield Finding((_TLS, half), f"stands beside {file}; keep one of them")
        if half not in tls and file not in tls:
            yield Finding((_TLS,), f"has neither {file} nor {half}; TLS takes one of them")


def _client_certificates(tls: Mapping[str, object]) -> Iterator[Finding]:
    kind = tls.get("client_auth_type", "NoClientCert")
    given = [key for key in _CA if key in tls]
    if len(given) > 1:
        yield Finding((_TLS, "client_ca"), "stands beside client_ca_file; keep one of them")
    if given and kind == "NoClientCert":
        what = "is of no use alone; give client_auth_type: RequireAndVerifyClientCert as well"
        yield Finding((_TLS, given[0]), what)
    if kind in _VERIFYING and not given:
        what = "needs client_ca_file or client_ca: any certificate of a public authority would do"
        yield Finding((_TLS, "client_auth_type"), what)
    if "client_allowed_sans" in tls and kind != "RequireAndVerifyClientCert":
        what = "needs client_auth_type: RequireAndVerifyClientCert, or a client may show none"
        yield Finding((_TLS, "client_allowed_sans"), what)


def _versions(tls: Mapping[str, object]) -> Iterator[Finding]:
    lowest, highest = tls.get("min_version", "TLS12"), tls.get("max_version", "TLS13")
    if isinstance(lowest, str) and isinstance(highest, str) and lowest > highest:
        key = "max_version" if "max_version" in tls else "min_version"
        what = f"leaves no version: from {quote(lowest)} to {quote(highest)} there is none"
        yield Finding((_TLS, key), what)


def _suites(tls: Mapping[str, object], *, http2: bool) -> Iterator[Finding]:
    suites = tls.get("cipher_suites")
    if not isinstance(suites, list) or not suites or tls.get("min_version") == "TLS13":
        return
    words = [suite for suite in suites if isinstance(suite, str)]
    if any(word not in TLS12_SUITES and word not in TLS13_SUITES for word in words):
        # What was meant is not known, so nothing is said of what is missing.
        return
    if not any(word in TLS12_SUITES for word in words):
        what = "names no suite of TLS 1.2, and those of TLS 1.3 are always on; see min_version"
        yield Finding((_TLS, "cipher_suites"), what)
    elif http2 and not any(word in HTTP2_SUITES for word in words):
        what = f"must name {' or '.join(HTTP2_SUITES)} for HTTP/2; add it, or set http2: false"
        yield Finding((_TLS, "cipher_suites"), what)


def _curves(tls: Mapping[str, object]) -> Iterator[Finding]:
    curves = tls.get("curve_preferences")
    if isinstance(curves, list) and len(curves) > 1:
        what = "can name one curve only, because Python's ssl takes no more; keep one, or none"
        yield Finding((_TLS, "curve_preferences"), what)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
