"""A runtime of a simulator, without HTTP around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sbc_exporter.own import OwnMetrics
from sbc_exporter.runtime import Runtime
from sbc_exporter.scrape import Instruments
from sbc_exporter.simulator import Simulator, write_config
from tests.support import from_file

Start = Callable[[Simulator], Runtime]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sbc-exporter.yml"


@pytest.fixture
def start(path: Path) -> Iterator[Start]:
    """Makes the runtime of a simulator, from the configuration at `path`."""
    made: list[Runtime] = []

    def make(simulator: Simulator) -> Runtime:
        write_config(simulator, path)
        made.append(Runtime(from_file(path), OwnMetrics(), Instruments()))
        return made[-1]

    yield make
    for runtime in made:
        runtime.close()
