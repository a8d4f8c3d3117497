"""Reading the configuration: a YAML file, or a handful of environment variables."""

from __future__ import annotations

from sbc_exporter.config.environment import load_environment
from sbc_exporter.config.load import load_file
from sbc_exporter.config.model import Address, Auth, Config, Module, Target, TlsConfig

__all__ = [
    "Address",
    "Auth",
    "Config",
    "Module",
    "Target",
    "TlsConfig",
    "load_environment",
    "load_file",
]
