"""demo: simulated SBCs, the exporter on them and, where they are installed, who watches it."""

from __future__ import annotations

import re
import shlex
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.alerting.processes import installed
from tests.cli.process import Running, fetch, free_port, running
from tests.support import Page, eventually

PAGES = (
    "the status page",
    "one SBC, step by step",
    "all SBCs",
    "one SBC as metrics",
    "http_sd_configs",
)
# A scene later than the three minutes would be too late.
SECONDS = 180.0


def addresses(demo: Running, *words: str) -> list[str]:
    """The addresses that it prints before these words."""
    return [demo.line(word).split()[0] for word in words]


def test_the_demo_shows_what_it_says(tmp_path: Path) -> None:
    """The addresses that it prints answer, six SBCs are there, and not all is well with them."""
    with running("demo", "--web.listen-address=127.0.0.1:0", env={"PATH": str(tmp_path)}) as demo:
        urls = addresses(demo, *PAGES)
        demo.line("In place of Prometheus, the demo scrapes every")
        configuration = demo.line("the configuration is").split(";")[0].split()[-1]
        listening = demo.address()
        answers = [fetch(url) for url in urls]
        monitoring = Path(configuration).parent / "monitoring"
        written = sorted(path.name for path in monitoring.iterdir())
        code = demo.end(signal.SIGINT)

    assert all(url.startswith(f"{listening}/") for url in urls)
    assert [answer.status_code for answer in answers] == [200] * len(PAGES)
    page = Page(answers[2].text)
    assert sorted(page.named("sbc_up").values()) == [0, 1, 1, 1, 1, 1]
    running_backup = {"target": "sbc-004", "operation": "backup", "status": "inProgress"}
    assert page.value("sbc_async_operation_status", **running_backup) == 1
    assert len(answers[4].json()) == 6
    assert "fleet.json" in written
    assert code == 0
    assert not any("Traceback" in line for line in demo.output)
    assert not Path(configuration).exists()


@pytest.fixture
def tools(program: Callable[[str], str], tmp_path: Path) -> Path:
    """A folder for PATH that has Prometheus and Alertmanager as if they were installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("prometheus", "prometheus-alertmanager"):
        script = folder / name
        # What unshare and mount are found by; the demo itself needs neither.
        command = shlex.join(installed(program(name)))
        script.write_text(f'#!/bin/sh\nPATH=/usr/bin:/bin exec {command} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return folder


def firing(alertmanager: str) -> dict[str, Any]:
    """The failed operations that people are told of now, by SBC."""
    with requests.Session() as session:
        session.trust_env = False
        alerts = session.get(f"{alertmanager}api/v2/alerts", timeout=10).json()
    return {
        one["labels"]["target"]: one
        for one in alerts
        if one["labels"]["alertname"] == "SbcOperationFailed"
    }


def test_the_demo_shows_a_failure_and_its_end_in_the_alerts(tools: Path) -> None:
    """Within three minutes an activate fails, is alerted, and is put right; nothing is left."""
    with running("demo", "--web.listen-address=127.0.0.1:0", env={"PATH": str(tools)}) as demo:
        status, prometheus, alertmanager = addresses(
            demo, "the status page", "Prometheus: the alerts", "Alertmanager:"
        )

        assert fetch(prometheus).ok
        base = re.sub("(/classic)?/alerts$", "", prometheus)
        eventually(lambda: "sbc-002" in firing(alertmanager), SECONDS)
        assert "activate failed" in fetch(f"{status}?q=sbc-002").text
        assert "SbcOperationFailed" in fetch(f"{base}/api/v1/alerts").text
        eventually(lambda: "sbc-002" not in firing(alertmanager), SECONDS)
        assert "activate succeeded" in fetch(f"{status}?q=sbc-002").text

        code = demo.end(signal.SIGINT)

    assert code == 0
    for url in (prometheus, alertmanager):
        with pytest.raises(requests.ConnectionError):
            fetch(url)


def test_a_program_that_does_not_start_is_named(tmp_path: Path) -> None:
    """Its last words are shown, and the demo ends."""
    for name in ("prometheus", "alertmanager"):
        script = tmp_path / name
        script.write_text("#!/bin/sh\necho no space left >&2\nexit 1\n", encoding="utf-8")
        script.chmod(0o755)

    with running(
        "demo", f"--web.listen-address=127.0.0.1:{free_port()}", env={"PATH": str(tmp_path)}
    ) as demo:
        code = demo.end()

    assert code == 1
    assert demo.output[-1] == f"Error: {tmp_path}/alertmanager does not start: no space left"
