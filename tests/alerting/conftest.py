"""Prometheus' programs, as far as several tests about alerts need them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(program: Callable[[str], str]) -> Run:
    """`run("promtool", "check", ...)`: the program with these arguments, to its end."""

    def to_its_end(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - found by the fixture
            [program(name), *arguments], capture_output=True, text=True, check=False, timeout=60
        )

    return to_its_end
