"""simulate: SBCs to try the exporter on."""

from __future__ import annotations

import signal
import stat
from pathlib import Path

from tests.cli.conftest import Invoke
from tests.cli.process import fetch, free_ports, running, taken_port
from tests.support import Page, eventually


def test_serve_works_with_what_it_writes(tmp_path: Path) -> None:
    """Configuration, CA and password lie side by side, and the exporter's SBC is up."""
    path = tmp_path / "sbc-exporter.yml"
    base = f"--base-port={free_ports(1)}"
    with running("simulate", "--devices=1", base, f"--write-config={path}") as simulator:
        simulator.line("Ctrl-C ends it.")
        option = "--web.listen-address=127.0.0.1:0"
        with running("serve", f"--config.file={path}", option) as exporter:
            page = Page(fetch(f"{exporter.address()}/metrics").text)
            assert exporter.end(signal.SIGTERM) == 0
        code = simulator.end(signal.SIGTERM)

    assert list(page.named("sbc_up").values()) == [1]
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "ca.pem",
        path.name,
        "sbc-password",
    ]
    assert stat.S_IMODE((tmp_path / "sbc-password").stat().st_mode) == 0o600
    assert code == 0
    assert f"Scrape them:   sbc-exporter serve --config.file={path}" in simulator.output


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    """Somebody else's port gives one line and exit code 1, and no file is written."""
    path = tmp_path / "sbc-exporter.yml"
    with taken_port() as port:
        options = f"--base-port={port}", f"--write-config={path}"
        with running("simulate", *options) as simulator:
            code = simulator.end()
    assert code == 1
    (line,) = simulator.output
    assert "Address already in use" in line
    assert str(port) in line
    assert not path.exists()


def test_scenes_are_played(tmp_path: Path) -> None:
    """With --scenes one SBC is down and an operation runs from the start, and later one fails."""
    path = tmp_path / "sbc-exporter.yml"
    options = f"--base-port={free_ports(6)}", f"--write-config={path}", "--scenes=1"
    with running("simulate", "--devices=6", *options) as simulator:
        simulator.line("Ctrl-C ends it.")
        listen = "--web.listen-address=127.0.0.1:0"
        with running("serve", f"--config.file={path}", listen) as exporter:
            page = f"{exporter.address()}/metrics"

            def runs(target: str, operation: str) -> bool:
                words = {"target": target, "operation": operation, "status": "inProgress"}
                return Page(fetch(page).text).value("sbc_async_operation_status", **words) == 1

            assert runs("sbc-004", "backup")
            eventually(lambda: runs("sbc-002", "activate"))
        assert simulator.end(signal.SIGTERM) == 0


def test_too_few_devices_cannot_play(invoke: Invoke, tmp_path: Path) -> None:
    """The message says how many the story needs."""
    result = invoke("simulate", "--scenes=20", f"--write-config={tmp_path / 'x.yml'}")
    assert result.exit_code == 2
    assert "--scenes needs at least --devices=6" in result.stderr
