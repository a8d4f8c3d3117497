"""/metrics: all SBCs or some, under Prometheus' own deadline, in the format that it wants."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sbc_exporter.simulator import Simulator, faults
from sbc_exporter.web.app import Limits
from tests.support import Exporter, Page

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]

TIMEOUT = "X-Prometheus-Scrape-Timeout-Seconds"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def targets(page: Page) -> list[str]:
    return sorted(dict(labels)["target"] for labels in page.named("sbc_up"))


def own_names(page: Page) -> set[str]:
    return {name for name, _ in page.series if not name.startswith("sbc_")} | {
        name for name, _ in page.series if name.startswith("sbc_exporter_")
    }


def test_targets_can_be_picked(fleet: Fleet, export: Export) -> None:
    """Only the SBCs that are named are asked and shown, without the exporter's own metrics."""
    simulator = fleet(3)
    page = export(simulator).page("/metrics?target=sbc-003&target=sbc-001")
    assert targets(page) == ["sbc-001", "sbc-003"]
    assert own_names(page) == set()
    assert simulator.devices[1].asked == []


def test_the_whole_page_has_the_exporters_own_metrics(fleet: Fleet, export: Export) -> None:
    """Without a choice every SBC is there, and the exporter itself, which counts this request."""
    page = export(fleet(2)).page()
    assert targets(page) == ["sbc-001", "sbc-002"]
    assert {"sbc_exporter_targets", "process_cpu_seconds_total", "python_info"} <= own_names(page)
    assert page.value("sbc_exporter_scrapes_in_flight") == 1


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("target=sbc-001&target=sbc-001", 400, "twice"),
        ("target=sbc-001&target=elsewhere", 404, 'target "elsewhere" is not in the configuration'),
        ("target=", 404, "is not in the configuration"),
        ("target=127.0.0.1", 404, "is not in the configuration"),
    ],
)
def test_what_cannot_be_picked_is_refused(
    fleet: Fleet, export: Export, query: str, status: int, words: str
) -> None:
    """A wrong choice is answered in one sentence, and no SBC is asked."""
    simulator = fleet()
    answer = export(simulator).get(f"/metrics?{query}")
    assert answer.status_code == status
    assert words in answer.text
    assert answer.text.count("\n") == 1
    assert simulator.devices[0].asked == []


def test_without_fan_out_there_are_own_metrics_only(fleet: Fleet, export: Export) -> None:
    """With fan_out false, /metrics asks no SBC, and picking targets there is refused."""
    simulator = fleet()
    exporter = export(simulator, fan_out=False)
    page = exporter.page()
    refused = exporter.get("/metrics?target=sbc-001")
    assert targets(page) == []
    assert page.value("sbc_exporter_targets") == 1
    assert refused.status_code == 400
    assert "/probe?target=" in refused.text
    assert simulator.devices[0].asked == []


def test_the_time_allowed_stands_beside_the_time_taken(fleet: Fleet, export: Export) -> None:
    """It is the module's timeout, or what Prometheus leaves where that is less."""
    simulator = fleet()
    exporter = export(simulator, "timeout: 7s")
    allowed = {"target": simulator.devices[0].name}

    pages = [exporter.page(), exporter.page(headers={TIMEOUT: "5"})]

    values = [page.value("sbc_scrape_timeout_seconds", **allowed) for page in pages]
    assert values == [7, 4.5]


def test_prometheus_deadline_counts_less_the_offset(fleet: Fleet, export: Export) -> None:
    """An SBC that hangs ends its scrape when the header's time, less the offset, is over."""
    simulator = fleet()
    (device,) = simulator.devices
    device.faults["*"] = faults.Hang()
    exporter = export(simulator, "timeout: 1h", limits=Limits(timeout_offset=5.6))
    page = exporter.page(headers={TIMEOUT: "6"})
    assert page.value("sbc_up", target=device.name) == 0
    seconds = page.value("sbc_scrape_duration_seconds", target=device.name)
    assert seconds is not None
    assert 0.3 < seconds < 5


@pytest.mark.parametrize("value", ["soon", "", "nan", "inf", "-inf", "1e999", "-3", "0", "0.5"])
@pytest.mark.parametrize("path", ["/metrics", "/probe?target=sbc-001"])
def test_a_deadline_that_makes_no_sense_is_refused(
    fleet: Fleet, export: Export, path: str, value: str
) -> None:
    """No number, no end, or no time left after the offset: a 400 that names the header."""
    simulator = fleet()
    answer = export(simulator).get(path, {TIMEOUT: value})
    assert answer.status_code == 400
    assert answer.text.startswith(f"header {TIMEOUT} ")
    assert answer.text.count("\n") == 1
    assert simulator.devices[0].asked == []


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("", False),
    ],
)
def test_gzip_is_used_when_asked_for(
    fleet: Fleet, export: Export, accepted: str, *, compressed: bool
) -> None:
    """Pages are compressed for those who accept it, and say which headers they depend on."""
    simulator = fleet(10)
    exporter = export(simulator)
    answer = exporter.get("/metrics", {"Accept-Encoding": accepted})
    assert (answer.headers.get("Content-Encoding") == "gzip") is compressed
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    assert targets(Page(answer.text)) == [device.name for device in simulator.devices]


def test_a_page_that_travels_at_once_is_not_compressed(fleet: Fleet, export: Export) -> None:
    """One SBC's page fits into the first packets, so that packing it would only cost time."""
    answer = export(fleet()).get("/probe?target=sbc-001", {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("path", ["/metrics", "/probe?target=sbc-001"])
def test_both_formats_say_what_they_are(fleet: Fleet, export: Export, path: str) -> None:
    """Text is the default; OpenMetrics comes when asked for and has its end mark."""
    exporter = export(fleet())
    text = exporter.get(path)
    openmetrics = exporter.get(path, {"Accept": OPENMETRICS})
    assert text.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert (
        openmetrics.headers["Content-Type"]
        == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    )
    assert openmetrics.text.endswith("\n# EOF\n")
    for page in (Page(text.text), Page(openmetrics.text, is_openmetrics=True)):
        assert page.value("sbc_up", target="sbc-001") == 1


def test_a_head_request_has_the_same_headers(fleet: Fleet, export: Export) -> None:
    """HEAD is answered as GET is, without the page."""
    exporter = export(fleet())
    answer = exporter.session.head(f"{exporter.url}/metrics", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.content == b""
