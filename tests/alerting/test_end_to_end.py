"""From an operation that fails on a simulated SBC to those who are told, by the shipped files."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sbc_exporter.simulator import Outcome, Simulator, write_config
from tests.alerting.processes import alertmanager, webhook
from tests.alerting.shipped import ALERTMANAGER, ALERTS, PROMETHEUS, RULES, sooner
from tests.prometheus import both_patterns, prometheus
from tests.support import eventually, exporting, from_file

# The jobs of prometheus.yml that each pattern takes, and whether /metrics has the SBCs then.
PATTERNS = {"metrics": (("sbc",), True), "probe": (("sbc", "sbc-probe"), False)}


def with_jobs(config: str, jobs: tuple[str, ...]) -> str:
    """That configuration without the other jobs."""
    yaml = YAML()
    document = yaml.load(config)
    document["scrape_configs"] = [
        one for one in document["scrape_configs"] if one["job_name"] in jobs
    ]
    written = io.StringIO()
    yaml.dump(document, written)
    return written.getvalue()


def shipped(path: Path, addresses: dict[str, str]) -> str:
    """That file at the faster pace, with this test's addresses in place of the usual ones."""
    text = sooner(path.read_text(encoding="utf-8"))
    for usual, ours in addresses.items():
        text = text.replace(usual, ours)
    return text


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_failed_activate_is_told_and_its_end_too(
    fleet: Callable[..., Simulator], program: Callable[[str], str], tmp_path: Path, pattern: str
) -> None:
    """The alert reaches the webhook, a good activate ends it, a stopped exporter mutes the rest."""
    jobs, fan_out = PATTERNS[pattern]
    simulator = fleet(3)
    failing, _, leaving = simulator.devices
    written = tmp_path / "sbc-exporter.yml"
    write_config(simulator, written)
    text = written.read_text(encoding="utf-8")
    written.write_text(f"{text}fan_out: {str(fan_out).lower()}\n", encoding="utf-8")

    with ExitStack() as stack:
        running = ExitStack()
        stack.enter_context(running)
        exporter = running.enter_context(exporting(from_file(written)))
        address = exporter.url.removeprefix("http://")
        receiver = stack.enter_context(webhook())
        told_to = {"http://localhost:9095": receiver.url}
        config = shipped(ALERTMANAGER, told_to)
        binary = program("prometheus-alertmanager")
        manager = stack.enter_context(alertmanager(binary, config, tmp_path))
        addresses = {"localhost:10061": address, "localhost:9093": manager.address}
        for rules in (RULES, ALERTS):
            (tmp_path / rules.name).write_text(shipped(rules, addresses), encoding="utf-8")
        config = with_jobs(both_patterns(shipped(PROMETHEUS, addresses)), jobs)
        prom = stack.enter_context(prometheus(program("prometheus"), config, tmp_path))
        eventually(lambda: sum(prom.query("sbc_up", "target").values()) == 3)

        leaving.stop()
        failing.run("activate", Outcome(status="fail", seconds=0, error_message="no such realm"))

        told = receiver.wait_for("SbcOperationFailed", failing.name, "firing")
        assert told.receiver == "voice-team"
        assert (
            told.labels.items()
            >= {
                "target": failing.name,
                "site": "ams",
                "severity": "warning",
                "exporter": address,
                "job": jobs[-1],
            }.items()
        )
        assert told.labels.keys().isdisjoint({"operation", "status", "code"})
        assert told.annotations["summary"] == "The last operation on an SBC failed."
        assert f"The last activate on {failing.name} failed." in told.annotations["description"]
        assert told.annotations["runbook_url"] == "runbook.md#sbcoperationfailed"

        failing.run("activate", Outcome(seconds=0))

        receiver.wait_for("SbcOperationFailed", failing.name, "resolved")
        told = receiver.wait_for("SbcDown", leaving.name, "firing")
        assert (told.receiver, told.labels["site"]) == ("on-call", "fra")
        assert f"{leaving.name} has not answered" in told.annotations["description"]
        assert "Code connect." in told.annotations["description"]

        running.close()

        eventually(lambda: manager.muted() == {("SbcDown", leaving.name): {"SbcExporterDown"}})
        told = receiver.wait_for("SbcExporterDown", "", "firing")
        assert (told.receiver, told.labels["exporter"]) == ("on-call", address)
        # What was told is all there was to tell, and that the muted one ended is not told.
        eventually(lambda: not prom.query('ALERTS{alertname="SbcDown"}', "target"))
        assert {one.subject for one in receiver.told} == {
            ("SbcOperationFailed", failing.name, "firing"),
            ("SbcOperationFailed", failing.name, "resolved"),
            ("SbcDown", leaving.name, "firing"),
            ("SbcExporterDown", "", "firing"),
        }
