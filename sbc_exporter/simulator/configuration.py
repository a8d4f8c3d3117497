"""An exporter configuration for a running simulator."""

from __future__ import annotations

import os
from pathlib import Path

from sbc_exporter.simulator.device import Device
from sbc_exporter.simulator.fleet import Simulator
from sbc_exporter.simulator.sbc import USER

CA_FILE = "ca.pem"
PASSWORD_FILE = "sbc-password"  # noqa: S105 - the name of a file
SITES = ("ams", "fra", "lon")

_HEAD = f"""\
auths:
  {USER}: {{username: {USER}, password_file: {PASSWORD_FILE}}}
modules:
  default:
    tls_config: {{ca_file: {CA_FILE}}}
targets:
"""
_TARGET = """\
  - name: {name}
    address: {address}
    auth: {auth}
    labels: {{site: {site}, pair: {pair}}}
"""


def write_config(sim: Simulator, path: Path) -> None:
    """
    Write the configuration to `path`, and beside it the CA and the password.

    Two devices each make a pair; the pairs are spread over three sites.
    """
    (path.parent / CA_FILE).write_bytes(sim.ca_pem)
    _write_secret(path.parent / PASSWORD_FILE, sim.password)
    targets = (_target(index, device) for index, device in enumerate(sim.devices))
    path.write_text(_HEAD + "".join(targets), encoding="utf-8")


def _target(index: int, device: Device) -> str:
    round_of_pairs, place = divmod(index // 2, len(SITES))
    site = SITES[place]
    return _TARGET.format(
        name=device.name,
        address=device.url,
        auth=USER,
        site=site,
        pair=f"{site}-{round_of_pairs + 1}",
    )


def _write_secret(path: Path, secret: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        # A file that was there before keeps its mode when it is opened.
        os.fchmod(descriptor, 0o600)
        file.write(secret)
