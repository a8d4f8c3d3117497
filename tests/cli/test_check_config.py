"""check-config: is the file right?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sbc_exporter.simulator import Simulator
from tests.cli.conftest import Invoke

Fleet = Callable[..., Simulator]
Configured = Callable[..., Path]


def test_a_good_file_gets_one_line(invoke: Invoke, fleet: Fleet, configured: Configured) -> None:
    """The line says what the file holds; no SBC is asked."""
    simulator = fleet(3)
    path = configured(simulator)
    result = invoke("check-config", path)
    counts = "3 targets, 1 module, 1 auth in use, fan-out on"
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{path}: valid: {counts}\n"
    assert [device.connections for device in simulator.devices] == [0, 0, 0]


def test_every_error_has_its_place(invoke: Invoke, configured: Configured) -> None:
    """All errors are on stderr, in the order of the file, each with line and column."""
    path = configured()
    text = path.read_text(encoding="utf-8")
    bad = text.replace("  default:\n", "  default:\n    timeout: 5\n") + "colour: red\n"
    path.write_text(bad, encoding="utf-8")
    line = bad.count("\n")
    result = invoke("check-config", path)
    assert (result.exit_code, result.stdout) == (1, "")
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{path}:5:5: modules.default.timeout: ")
    assert second.startswith(f"{path}:{line}:1: colour: ")


def test_garbage_for_a_ca_is_an_error(invoke: Invoke, configured: Configured) -> None:
    """A CA file without certificates is found before anything is served."""
    path = configured()
    authority = path.parent / "ca.pem"
    authority.write_text("no certificate\n", encoding="utf-8")
    result = invoke("check-config", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f'ca_file: "{authority}" holds no certificate that can be used' in result.stderr
    assert result.stderr.startswith(f"{path}:")
    assert result.stderr.count("\n") == 1


def test_a_missing_file_is_an_error(invoke: Invoke, tmp_path: Path) -> None:
    """A file that is not there, or is a folder, is told in one line."""
    for path in (tmp_path / "none.yml", tmp_path):
        result = invoke("check-config", path)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"{path}: cannot be read: ")
        assert result.stderr.count("\n") == 1
