"""Prometheus' own programs judge the files that we ship."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.alerting.conftest import Run
from tests.alerting.shipped import ALERTMANAGER, ALERTS, CASES, DASHBOARDS, PROMETHEUS, sooner


def test_prometheus_reads_the_example_and_all_rules(run: Run) -> None:
    """`promtool check config` takes prometheus.yml, and the two rule files that it names."""
    checked = run("promtool", "check", "config", str(PROMETHEUS))

    assert checked.returncode == 0, checked.stderr
    assert "2 rule files found" in checked.stdout


def test_alert_rules_have_nothing_to_complain_about(run: Run) -> None:
    """`promtool check rules` finds no error and no rule that is there twice."""
    checked = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", str(ALERTS))

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_alertmanager_reads_the_example(run: Run) -> None:
    """`amtool check-config` takes alertmanager.yml."""
    checked = run("amtool", "check-config", str(ALERTMANAGER))

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_alerts_fire_and_end_as_their_cases_say(run: Run, path: Path, tmp_path: Path) -> None:
    """`promtool test rules` holds for each file of cases."""
    copied = shutil.copytree(DASHBOARDS / "tests", tmp_path / "tests")
    shutil.copy(ALERTS, tmp_path)

    tested = run("promtool", "test", "rules", str(copied / path.name))

    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_times_are_shortened_and_nothing_else() -> None:
    """The faster pace of the end-to-end test reaches every time, and no name or number."""
    slow = "scrape_timeout: 10s\nfor: 5m  # of 15 minutes\nx:last3m: up[3m] > vector(300)"
    quick = "scrape_timeout: 1s\nfor: 10s  # of 15 minutes\nx:last3m: up[6s] > vector(300)"

    assert sooner(slow) == quick
