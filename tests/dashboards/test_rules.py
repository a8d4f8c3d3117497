"""The recording rules, as Prometheus' own tool sees them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.dashboards.grafana import FOLDER


@pytest.mark.parametrize(
    "arguments", [("check", "rules", "rules.yml"), ("test", "rules", "rules_test.yml")]
)
def test_promtool_is_content(arguments: tuple[str, ...], program: Callable[[str], str]) -> None:
    """rules.yml is valid, and does what rules_test.yml says."""
    run = subprocess.run(  # noqa: S603 - found by the fixture
        [program("promtool"), *arguments],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert run.returncode == 0, run.stdout + run.stderr
