"""A certificate, for settings that want one."""

from __future__ import annotations

from pathlib import Path

import trustme


def write_ca(path: Path) -> None:
    path.write_bytes(trustme.CA().cert_pem.bytes())
