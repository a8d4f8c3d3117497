"""A short good file, and what loads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sbc_exporter.config import Config, load_file

Load = Callable[[str], Config]


@pytest.fixture
def short() -> str:
    """A file with only what has to be given."""
    return (
        "auths: {monitor: {username: monitor, password: s3cret}}\n"
        "targets: [{name: edge, address: sbc.example.net}]\n"
    )


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Writes a text to sbc.yml in tmp_path and loads it."""

    def load_text(text: str) -> Config:
        path = tmp_path / "sbc.yml"
        path.write_text(text)
        return load_file(path, collectors=["asyncstatus", "alarms"], environ={})

    return load_text
