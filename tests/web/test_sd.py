"""/sd: the targets for Prometheus' http_sd_configs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sbc_exporter.simulator import Simulator
from tests.support import Exporter

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]


def test_targets_are_listed_as_prometheus_reads_them(
    fleet: Fleet, export: Export, tmp_path: Path
) -> None:
    """Each target is one group, sorted by name, with what relabelling may want to know."""
    simulator = fleet(2)
    exporter = export(simulator)
    path = tmp_path / "sbc-exporter.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("name: sbc-001", "name: zulu"), encoding="utf-8")
    exporter.post("/-/reload").raise_for_status()

    answer = exporter.get("/sd")

    first, second = simulator.devices
    labels = {
        "__meta_sbc_module": "default",
        "__meta_sbc_label_pair": "ams-1",
        "__meta_sbc_label_site": "ams",
    }
    # Prometheus refuses any other type.
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == [
        {"targets": ["sbc-002"], "labels": {"__meta_sbc_address": second.url, **labels}},
        {"targets": ["zulu"], "labels": {"__meta_sbc_address": first.url, **labels}},
    ]
    assert first.asked == second.asked == []
