"""Fixtures of all tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sbc_exporter.simulator import Simulator, write_config
from tests.support import Clock, Exporter, exporting, from_file

UNPACKED = Path(__file__).parent.parent / ".cache" / "prometheus" / "usr" / "bin"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files and the generated tables anew from what comes out now",
    )
    parser.addoption(
        "--update-pictures", action="store_true", help="take README's pictures of the demo anew"
    )


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """
    Where a program stands: on PATH, or where tests/prometheus.sh put Prometheus' own.

    Without it the test is skipped, but for CI, where nothing may be.
    """

    def find(name: str) -> str:
        path = os.pathsep.join([os.environ.get("PATH", ""), str(UNPACKED)])
        found = shutil.which(name, path=path)
        if found is None:
            message = f"not checked, because this machine has no {name}"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        return found

    return find


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fleet() -> Iterator[Callable[..., Simulator]]:
    """Makes simulators that run until the end of the test."""
    with ExitStack() as stack:
        yield lambda devices=1, **kwargs: stack.enter_context(Simulator(devices, **kwargs))


@pytest.fixture
def export(tmp_path: Path) -> Iterator[Callable[..., Exporter]]:
    """
    Makes exporters that serve until the end of the test.

    `export(simulator, "timeout: 1s", fan_out=False)`: the lines go into the default module.
    The configuration is tmp_path / "sbc-exporter.yml".
    """
    with ExitStack() as stack:

        def make(
            simulator: Simulator, *module_lines: str, fan_out: bool = True, **kwargs: object
        ) -> Exporter:
            path = tmp_path / "sbc-exporter.yml"
            write_config(simulator, path)
            text = path.read_text(encoding="utf-8")
            lines = "".join(f"    {line}\n" for line in module_lines)
            text = text.replace("  default:\n", f"  default:\n{lines}")
            path.write_text(text + f"fan_out: {str(fan_out).lower()}\n", encoding="utf-8")
            return stack.enter_context(exporting(from_file(path), **kwargs))  # type: ignore[arg-type]  # passed on

        yield make
