"""The dashboards' files and what is in them."""

from __future__ import annotations

import json

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.source.device import device
from dashboards.source.exporter import exporter
from dashboards.source.fleet import fleet


def files() -> dict[str, str]:
    """The text of each file, by its name."""
    boards = {"fleet.json": fleet(), "device.json": device(), "exporter.json": exporter()}
    return {
        name: json.dumps(board, cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"
        for name, board in boards.items()
    }
