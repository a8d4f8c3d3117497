"""Prometheus' own programs judge the files that we ship."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.alerting.conftest import Run
from tests.alerting.shipped import ALERTMANAGER, ALERTS, CASES, DASHBOARDS, PROMETHEUS, sooner
from tests.prometheus import both_patterns


@pytest.mark.parametrize("patterns", [str, both_patterns])
def test_prometheus_reads_the_example_and_all_rules(
    run: Run, tmp_path: Path, patterns: Callable[[str], str]
) -> None:
    """`promtool check config` takes it as it stands and with both jobs, and both rule files."""
    shutil.copytree(DASHBOARDS, tmp_path, dirs_exist_ok=True)
    config = tmp_path / PROMETHEUS.name
    config.write_text(patterns(PROMETHEUS.read_text(encoding="utf-8")), encoding="utf-8")

    checked = run("promtool", "check", "config", str(config))

    assert checked.returncode == 0, checked.stderr
    assert "2 rule files found" in checked.stdout


def test_as_it_stands_the_example_has_no_series_twice() -> None:
    """Only the second pattern, which needs a setting of the exporter, has to be switched on."""
    jobs = {
        name: [job["job_name"] for job in YAML(typ="safe").load(text)["scrape_configs"]]
        for name, text in {
            "shipped": PROMETHEUS.read_text(encoding="utf-8"),
            "both": both_patterns(PROMETHEUS.read_text(encoding="utf-8")),
        }.items()
    }

    assert jobs == {"shipped": ["sbc"], "both": ["sbc", "sbc-probe"]}


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
