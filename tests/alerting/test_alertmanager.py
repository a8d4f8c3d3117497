"""Who is told of which alert, and which alert mutes which, by a real Alertmanager."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.alerting.conftest import Run
from tests.alerting.processes import alertmanager
from tests.alerting.shipped import ALERTMANAGER, alerts
from tests.support import eventually

SEVERITY = {alert.name: alert.rule["labels"]["severity"] for alert in alerts()}


def alert(alertname: str, **labels: str) -> dict[str, str]:
    """The labels of an alert; of the exporter x and the SBC ams-1, unless others are given."""
    of_exporter = alertname.startswith("SbcExporter")
    of_sbc = {} if of_exporter else {"target": "ams-1", "site": "ams"}
    known = {"alertname": alertname, "severity": SEVERITY[alertname], "exporter": "x:1"}
    return {**known, **of_sbc, **labels}


@pytest.mark.parametrize("name", SEVERITY)
def test_severity_decides_who_is_told(run: Run, name: str) -> None:
    """Critical alerts go to whoever is on call, all others to the team."""
    labels = [f"{key}={value}" for key, value in alert(name).items()]

    routed = run("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels)

    expected = "on-call" if SEVERITY[name] == "critical" else "voice-team"
    assert (routed.returncode, routed.stdout.strip()) == (0, expected), routed.stderr


def test_each_alert_is_muted_by_its_cause_alone(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    """An exporter mutes its SBCs, an SBC that is down its other alerts, a cause what follows."""
    fleet = [
        # All that the exporter x says is muted, by one alert.
        alert("SbcExporterDown"),
        alert("SbcExporterReloadFailed"),
        alert("SbcDown"),
        alert("SbcOperationFailed", target="ams-2"),
        # The exporter y is up.
        alert("SbcDown", exporter="y:1", target="fra-1"),
        alert("SbcOperationFailed", exporter="y:1", target="fra-1"),
        alert("SbcOperationFailed", exporter="y:1", target="fra-2"),
        alert("SbcCredentialsRefused", exporter="y:1", target="fra-2"),
        alert("SbcLoginWithheld", exporter="y:1", target="fra-2"),
        alert("SbcLoginWithheld", exporter="y:1", target="fra-3"),
        alert("SbcScrapeNearDeadline", exporter="y:1", target="fra-4"),
        alert("SbcApiSlow", exporter="y:1", target="fra-4"),
        alert("SbcApiSlow", exporter="y:1", target="fra-5"),
    ]
    config = ALERTMANAGER.read_text(encoding="utf-8")

    with alertmanager(program("prometheus-alertmanager"), config, tmp_path) as manager:
        manager.tell(fleet)
        eventually(lambda: len(manager.alerts()) == len(fleet))

        assert manager.muted() == {
            ("SbcExporterReloadFailed", ""): {"SbcExporterDown"},
            ("SbcDown", "ams-1"): {"SbcExporterDown"},
            ("SbcOperationFailed", "ams-2"): {"SbcExporterDown"},
            ("SbcOperationFailed", "fra-1"): {"SbcDown"},
            ("SbcLoginWithheld", "fra-2"): {"SbcCredentialsRefused"},
            ("SbcApiSlow", "fra-4"): {"SbcScrapeNearDeadline"},
        }


def test_an_exporter_without_a_name_mutes_nobody(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    """Where scraping gives no label `exporter`, one that is down leaves the SBCs of others."""
    nameless = [alert("SbcExporterDown"), alert("SbcDown")]
    for labels in nameless:
        del labels["exporter"]
    config = ALERTMANAGER.read_text(encoding="utf-8")

    with alertmanager(program("prometheus-alertmanager"), config, tmp_path) as manager:
        manager.tell(nameless)
        eventually(lambda: len(manager.alerts()) == len(nameless))

        assert manager.muted() == {}
