"""/probe: one SBC, as Prometheus' relabelling asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sbc_exporter.simulator import Simulator, faults
from tests.support import Exporter

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 400, 'parameter "target" is missing'),
        ("?target=", 400, 'parameter "target" is missing'),
        ("?target=sbc-001&target=sbc-002", 400, 'parameter "target" is given 2 times'),
        ("?target=elsewhere", 404, 'target "elsewhere" is not in the configuration'),
        ("?target=127.0.0.1:22", 404, 'target "127.0.0.1:22" is not in the configuration'),
        ("?target=sbc-001&module=fast", 400, 'module "fast" is not in the configuration'),
        ("?target=sbc-001&module=a&module=b", 400, 'parameter "module" is given 2 times'),
        ("?target=sbc-001&collect[]=alarms", 400, 'collector "alarms" is not known'),
    ],
)
def test_a_wrong_question_is_refused(
    fleet: Fleet, export: Export, query: str, status: int, words: str
) -> None:
    """The answer says in one sentence what is wrong, and no SBC is asked."""
    simulator = fleet()
    answer = export(simulator).get(f"/probe{query}")
    assert answer.status_code == status
    assert answer.text.startswith(words)
    assert answer.text.count("\n") == 1
    assert simulator.devices[0].asked == []


@pytest.mark.parametrize("fan_out", [True, False])
def test_one_sbc_is_shown_and_nothing_else(fleet: Fleet, export: Export, *, fan_out: bool) -> None:
    """The page is about that SBC only: no other, and nothing of the exporter's own."""
    simulator = fleet(2)
    page = export(simulator, fan_out=fan_out).page("/probe?target=sbc-002")
    assert {dict(labels)["target"] for _, labels in page.series} == {"sbc-002"}
    assert page.value("sbc_up", target="sbc-002") == 1
    assert simulator.devices[0].asked == []


def test_collectors_can_be_named(fleet: Fleet, export: Export) -> None:
    """collect[] runs the collectors that it names, each once."""
    query = "target=sbc-001&collect[]=asyncstatus&collect[]=asyncstatus"
    simulator = fleet()
    page = export(simulator).page(f"/probe?{query}")
    success = {"target": "sbc-001", "collector": "asyncstatus"}
    assert page.value("sbc_scrape_collector_success", **success) == 1
    assert simulator.devices[0].asked == ["POST auth/token", "GET admin/asyncstatus"]


def test_another_module_can_be_named(fleet: Fleet, export: Export, tmp_path: Path) -> None:
    """The module of the query is used in place of the target's own."""
    simulator = fleet()
    (device,) = simulator.devices
    exporter = export(simulator)
    path = tmp_path / "sbc-exporter.yml"
    other = "  old:\n    api_version: v1.0\n    tls_config: {ca_file: ca.pem}\n"
    text = path.read_text(encoding="utf-8").replace("modules:\n", f"modules:\n{other}")
    path.write_text(text, encoding="utf-8")
    exporter.post("/-/reload").raise_for_status()
    device.versions = ("v1.0",)

    assert exporter.page("/probe?target=sbc-001").value("sbc_up", target="sbc-001") == 0
    page = exporter.page("/probe?target=sbc-001&module=old")
    assert page.value("sbc_up", target="sbc-001") == 1


def test_a_failing_sbc_is_still_a_page(fleet: Fleet, export: Export) -> None:
    """What is wrong with the SBC is in the metrics, and the answer is a 200."""
    simulator = fleet()
    simulator.devices[0].faults["admin/asyncstatus"] = faults.Status(503)
    page = export(simulator).page("/probe?target=sbc-001")
    error = {"target": "sbc-001", "endpoint": "admin/asyncstatus", "code": "503"}
    assert page.value("sbc_up", target="sbc-001") == 0
    assert page.value("sbc_request_errors_total", **error) == 1


def test_a_name_may_hold_anything_printable(fleet: Fleet, export: Export, tmp_path: Path) -> None:
    """A target with blanks, quotes and letters of any script is found by its quoted name."""
    exporter = export(fleet())
    path = tmp_path / "sbc-exporter.yml"
    text = path.read_text(encoding="utf-8")
    renamed = text.replace("name: sbc-001", "name: 'Zürich \"1\" & 2?'")
    path.write_text(renamed, encoding="utf-8")
    exporter.post("/-/reload").raise_for_status()
    page = exporter.page("/probe?target=Z%C3%BCrich%20%221%22%20%26%202%3F")
    assert page.value("sbc_up", target='Zürich "1" & 2?') == 1
