"""Health, reload, and what is said when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from sbc_exporter.config.model import Config
from sbc_exporter.simulator import Simulator, write_config
from sbc_exporter.web.app import Limits
from tests.running.pieces import PATIENCE, Gate
from tests.support import Exporter, exporting, from_file

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]

RELOADED = "sbc_exporter_config_last_reload_successful"
# As many as there may be.
SCRAPES = Limits().max_requests


def test_health_does_not_wait_for_scrapes(fleet: Fleet, export: Export) -> None:
    """While as many scrapes hang as there may be, health, status and reload are at once."""
    gate = Gate()
    exporter = export(fleet(clock=gate), "timeout: 30s")
    host = exporter.url.removeprefix("http://")
    with ExitStack() as stack:
        stack.enter_context(gate.shut())
        waiting = [
            stack.enter_context(closing(HTTPConnection(host, timeout=PATIENCE)))
            for _ in range(SCRAPES)
        ]
        for connection in waiting:
            connection.request("GET", "/probe?target=sbc-001")
        assert gate.reached.wait(PATIENCE)
        answers = [exporter.get(path) for path in ("/-/healthy", "/-/ready", "/", "/sd")]
        answers.append(exporter.post("/-/reload"))
        gate.open()
        pages = [connection.getresponse() for connection in waiting]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert [answer.text for answer in answers[:2]] == ["healthy\n", "ready\n"]
    assert [page.status for page in pages] == [200] * SCRAPES


def test_one_scrape_too_many_is_turned_away(fleet: Fleet, export: Export) -> None:
    """It gets a 503 at once, which says when to come again; afterwards there is room."""
    gate = Gate()
    exporter = export(fleet(clock=gate), limits=Limits(max_requests=1))
    host = exporter.url.removeprefix("http://")
    with gate.shut(), closing(HTTPConnection(host, timeout=PATIENCE)) as waiting:
        waiting.request("GET", "/metrics")
        assert gate.reached.wait(PATIENCE)
        refused = exporter.get("/metrics")
        gate.open()
        first = waiting.getresponse().status

    assert (refused.status_code, first) == (503, 200)
    assert refused.headers["Retry-After"] == "1"
    assert refused.text.count("\n") == 1
    assert exporter.page().value("sbc_up", target="sbc-001") == 1


def test_a_reload_is_a_post(fleet: Fleet, export: Export) -> None:
    """POST and PUT reload; GET changes nothing and is told what to use."""
    exporter = export(fleet())
    before = exporter.runtime.snapshot
    refused = exporter.get("/-/reload")
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == {"POST", "PUT"}
    assert exporter.runtime.snapshot is before
    done = exporter.post("/-/reload")
    assert (done.status_code, done.text) == (200, "reloaded\n")
    assert exporter.runtime.snapshot is not before


def test_a_bad_file_is_told_and_not_taken(fleet: Fleet, export: Export, tmp_path: Path) -> None:
    """The reload answers 500 with a line for every error; a good file puts the metric right."""
    exporter = export(fleet(), fan_out=False)
    path = tmp_path / "sbc-exporter.yml"
    good = path.read_text(encoding="utf-8")
    bad = good.replace("fan_out: false", "fan_out: perhaps\ncolour: red")
    path.write_text(bad, encoding="utf-8")
    refused = exporter.post("/-/reload")
    after_bad = exporter.page().value(RELOADED)
    path.write_text(good, encoding="utf-8")
    accepted = exporter.post("/-/reload")

    assert refused.status_code == 500
    lines = refused.text.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{path}:") for line in lines)
    assert after_bad == 0
    assert accepted.status_code == 200
    assert exporter.page().value(RELOADED) == 1


@pytest.mark.parametrize("path", ["/favicon.ico", "/metrics/all", "/-/", "/templates/style.css"])
def test_unknown_paths_are_not_found(fleet: Fleet, export: Export, path: str) -> None:
    """What is not in the table of routes is a 404."""
    assert export(fleet()).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/metrics", "/probe?target=sbc-001", "/sd", "/-/healthy"])
def test_pages_are_only_read(fleet: Fleet, export: Export, path: str) -> None:
    """Nothing but the reload takes a POST."""
    simulator = fleet()
    assert export(simulator).post(path).status_code == 405
    assert simulator.devices[0].asked == []


def test_a_bug_is_counted_and_keeps_its_details(
    fleet: Fleet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller learns only that there is a log; the log has the traceback; the rest goes on."""
    path = tmp_path / "sbc-exporter.yml"
    write_config(fleet(), path)
    config = from_file(path)()
    loaded: list[Config] = []

    def load() -> Config:
        if loaded:
            raise ZeroDivisionError("a detail")
        loaded.append(config)
        return config

    with exporting(load) as exporter:
        answer = exporter.post("/-/reload")
        page = exporter.page()

    assert answer.status_code == 500
    assert answer.text == "internal error: see the exporter's log\n"
    assert page.value("sbc_exporter_internal_errors_total") == 1
    assert page.value("sbc_up", target="sbc-001") == 1
    assert "ZeroDivisionError: a detail" in caplog.text
