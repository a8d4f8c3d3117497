"""Where an SBC listens, from text."""

from __future__ import annotations

import ipaddress
import re

from sbc_exporter.config.advice import quote
from sbc_exporter.config.model import Address, Scheme

_PARTS = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^\[\]:]*))(?::(?P<port>.*))?", re.DOTALL)
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_LONGEST_NAME = 253
_HIGHEST_PORT = 65535


def parse_address(text: str) -> Address:
    """`host`, `host:port` or either with http:// or https:// before it; a ValueError if not."""
    if "@" in text:
        # What stands before the @ may be a password, so nothing of it is shown.
        raise ValueError("must not hold a user name or password; give these on their own")
    scheme, rest = _scheme(text)
    if re.search(r"[/?#]", rest):
        raise ValueError("must end after the host or port; remove the path and what follows it")
    if _is_ipv6(rest):
        raise ValueError(f"needs brackets around an IPv6 address; write [{rest}]")
    parts = _PARTS.fullmatch(rest)
    if parts is None:
        raise ValueError(f"{quote(text)} is no address; write host, host:port or [IPv6]:port")
    host = _ipv6(parts["v6"]) if parts["v6"] is not None else check_host(parts["host"])
    return Address(scheme=scheme, host=host, port=_port(parts["port"], scheme))


def check_host(text: str) -> str:
    """A host name or an IPv4 address as it is; a ValueError if it is neither."""
    if re.fullmatch(r"[0-9.]+", text):
        try:
            ipaddress.IPv4Address(text)
        except ValueError:
            raise ValueError(
                f"{quote(text)} is no IPv4 address; write four numbers from 0 to 255"
            ) from None
        return text
    labels = text.removesuffix(".").split(".")
    if len(text) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{quote(text)} is neither a host name nor an IP address")
    return text


def _scheme(text: str) -> tuple[Scheme, str]:
    scheme, separator, rest = text.partition("://")
    if not separator:
        return "https", text
    match scheme.lower():
        case "https":
            return "https", rest
        case "http":
            return "http", rest
    raise ValueError(f"cannot use {quote(scheme)}; write https:// or http://, or neither")


def _port(text: str | None, scheme: Scheme) -> int:
    if text is None:
        return 443 if scheme == "https" else 80
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) <= _HIGHEST_PORT:
        # Not shown: in https://user:password the password stands where a port would.
        raise ValueError(f"must have a number from 1 to {_HIGHEST_PORT} as its port")
    return int(text)


def _ipv6(text: str) -> str:
    if not _is_ipv6(text):
        raise ValueError(f"{quote(text)} is no IPv6 address; brackets are for these only")
    return str(ipaddress.IPv6Address(text))


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
