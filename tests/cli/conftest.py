"""Commands inside the test's own process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sbc_exporter.cli import main
from sbc_exporter.simulator import Simulator, write_config

Invoke = Callable[..., Result]


@pytest.fixture
def invoke() -> Iterator[Invoke]:
    """Runs a command that ends by itself; what it does to logging is undone."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in ("urllib3", "hypercorn", "asyncio")}

    def run(*arguments: str | Path, env: Mapping[str, str | None] | None = None) -> Result:
        words = [str(argument) for argument in arguments]
        return CliRunner(env=env).invoke(main, words, catch_exceptions=False)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.fixture
def configured(fleet: Callable[..., Simulator], tmp_path: Path) -> Callable[..., Path]:
    """Writes the configuration of a simulator, and gives its path."""

    def write(simulator: Simulator | None = None) -> Path:
        path = tmp_path / "sbc-exporter.yml"
        write_config(simulator or fleet(), path)
        return path

    return write
