"""The whole chain, with a real Prometheus at its end."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from sbc_exporter.simulator import Outcome, Simulator
from tests.prometheus import example_for, prometheus
from tests.support import Exporter, eventually

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]
Program = Callable[[str], str]


@pytest.fixture
def promtool(program: Program) -> Callable[..., subprocess.CompletedProcess[str]]:
    binary = program("promtool")

    def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - found by the fixture
            [binary, *arguments], input=given, capture_output=True, text=True, check=False
        )

    return run


def test_both_patterns_tell_how_operations_end(
    fleet: Fleet, export: Export, program: Program, tmp_path: Path
) -> None:
    """Over /metrics and over /probe, Prometheus sees what the SBCs do, and what they are."""
    binary = program("prometheus")
    simulator = fleet(3)
    saving, failing, leaving = simulator.devices
    saving.run("save", Outcome(seconds=0))
    exporter = export(simulator)
    jobs = ("sbc", "sbc-probe")

    with prometheus(binary, example_for(exporter), tmp_path) as prom:

        def says(promql: str, labels: tuple[str, ...], expected: Iterable[tuple[str, ...]]) -> None:
            eventually(lambda: set(prom.query(promql, *labels)) == set(expected))

        all_up = {(job, device.name) for job in jobs for device in simulator.devices}
        says("sbc_up == 1", ("job", "target"), all_up)
        current = "sbc_async_operation_status == 1"
        words = ("job", "target", "operation", "status")
        says(current, words, {(job, saving.name, "save", "success") for job in jobs})

        failing.run("activate", Outcome(status="fail", seconds=3, error_message="no"))
        of_failing = f'sbc_async_operation_status{{target="{failing.name}"}} == 1'
        says(of_failing, words, {(job, failing.name, "activate", "inProgress") for job in jobs})
        says(of_failing, words, {(job, failing.name, "activate", "fail") for job in jobs})
        changes = 'sbc_async_operation_changes_total{status="fail"} > 0'
        says(changes, words, {(job, failing.name, "activate", "fail") for job in jobs})

        leaving.stop()
        says("sbc_up == 0", ("job", "target"), {(job, leaving.name) for job in jobs})
        codes = 'sum by (job, target, code) (sbc_request_errors_total{code="connect"})'
        says(codes, ("job", "target", "code"), {(job, leaving.name, "connect") for job in jobs})
        # The exporter answers all the same, and for the others nothing has changed.
        assert set(prom.query("up").values()) == {1.0}
        assert set(prom.query("sbc_up == 1", "target")) == {(saving.name,), (failing.name,)}

        # In one pattern the operator's labels are joined on, in the other they are there.
        joined = 'sbc_up{job="sbc"} * on (job, target) group_left (site) sbc_target_info'
        sites = {(saving.name, "ams"), (failing.name, "ams"), (leaving.name, "fra")}
        assert set(prom.query(joined, "target", "site")) == sites
        assert set(prom.query('sbc_up{job="sbc-probe"}', "instance", "site")) == sites


def test_no_page_gives_promtool_anything_to_say(
    fleet: Fleet,
    export: Export,
    promtool: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """`promtool check metrics` is content with /metrics and /probe, of good SBCs and bad."""
    simulator = fleet(3)
    simulator.devices[0].run("save", Outcome(status="fail", seconds=0, error_message="no"))
    simulator.devices[1].stop()
    exporter = export(simulator)
    paths = ["/metrics", *(f"/probe?target={device.name}" for device in simulator.devices)]

    for path in paths:
        checked = promtool("check", "metrics", given=exporter.get(path).text)

        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", ""), path


def test_discovery_names_every_sbc(fleet: Fleet, export: Export) -> None:
    """What /sd offers can each be probed by that name."""
    simulator = fleet(2)
    exporter = export(simulator)

    groups = exporter.get("/sd").json()

    names = [target for group in groups for target in group["targets"]]
    assert [exporter.get(f"/probe?target={name}").status_code for name in names] == [200, 200]
