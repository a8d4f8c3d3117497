"""
The configuration as the rest of the program sees it: resolved, checked, frozen.

Nothing here knows YAML. Two equal objects mean the same behaviour, which is how a reload
finds out what it may keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sbc_exporter.secret import Secret

TlsVersion = Literal["TLS10", "TLS11", "TLS12", "TLS13"]
ApiVersion = Literal["v1.0", "v1.1", "v1.2", "auto"]
Scheme = Literal["https", "http"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsConfig:
    """How an SBC's certificate is checked; no `ca_file` means the system's own authorities."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    server_name: str | None = None
    insecure_skip_verify: bool = False
    min_version: TlsVersion = "TLS12"


MAX_RESPONSE_SIZE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """
    How an SBC is asked, and for what.

    `timeout` and `min_interval` are in seconds, `max_response_size` in bytes, decoded. A
    `min_interval` of 0 is none.
    """

    name: str = "default"
    collectors: tuple[str, ...]
    api_version: ApiVersion = "v1.2"
    timeout: float = 8.0
    min_interval: float = 0.0
    max_response_size: int = MAX_RESPONSE_SIZE
    tls: TlsConfig = field(default_factory=TlsConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """The account that the exporter logs in with; `password_file` is where it came from."""

    name: str
    username: str
    password: Secret
    password_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an SBC listens. `host` has no brackets, also for IPv6."""

    scheme: Scheme
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One SBC. `labels` are the operator's own, sorted by name."""

    name: str
    address: Address
    auth: Auth
    module: Module
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of it. `targets` and `modules` are keyed by name, in the order of the file."""

    targets: Mapping[str, Target]
    modules: Mapping[str, Module]
    fan_out: bool = True
