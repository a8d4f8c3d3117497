"""probe: one scrape, told step by step."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sbc_exporter.simulator import Account, Device, Outcome, Simulator, faults
from tests.cli.conftest import Invoke
from tests.support import Page

Fleet = Callable[..., Simulator]
Configured = Callable[..., Path]

PASSWORD = "correct horse battery staple"


def stopped(device: Device) -> None:
    device.stop()


def wrong_password(device: Device) -> None:
    device.accounts["monitor"] = Account("another", admin=True)


def no_rights(device: Device) -> None:
    device.accounts["monitor"] = Account(PASSWORD, admin=False)


def wrong_certificate(device: Device) -> None:
    device.certificate = "wrong_name"


def web_page(device: Device) -> None:
    device.faults["admin/asyncstatus"] = faults.Body(b"<html><br></html>", "text/html")


def steps(stderr: str) -> list[tuple[str, str]]:
    """Name and outcome of each step, in order."""
    return re.findall(r"^  (\w+) +\d+\.\d{3} s  (ok|FAILED)", stderr, re.MULTILINE)


def test_the_steps_are_told_in_order(invoke: Invoke, fleet: Fleet, configured: Configured) -> None:
    """Steps and operation go to stderr, the metrics to stdout, and the exit code is 0."""
    simulator = fleet()
    (device,) = simulator.devices
    device.run("save", Outcome(status="fail", seconds=0, error_message="disk\x9b31m full"))
    result = invoke("probe", "--config.file", configured(simulator), device.name)

    assert result.exit_code == 0
    names = ["resolve", "connect", "tls", "login", "fetch", "parse"]
    assert steps(result.stderr) == [(name, "ok") for name in names]
    first, *_, operation, message = result.stderr.splitlines()
    assert first == f"{device.name} at {device.url}, module default"
    assert operation == "Last operation: save, fail"
    assert message.strip() == "disk 31m full"
    assert Page(result.stdout).value("sbc_up", target=device.name) == 1


@pytest.mark.parametrize(
    ("spoil", "failed", "reason", "advice"),
    [
        (stopped, "connect", "Connection refused", "Check address and port"),
        (wrong_password, "login", "HTTP status 401", "Check user name and password"),
        (no_rights, "fetch", "HTTP status 403", "Give the account administrator rights"),
        (wrong_certificate, "tls", "certificate", "Check the settings for"),
        (web_page, "parse", "not well-formed XML", "Check that the address is the SBC's"),
    ],
)
def test_the_failed_step_is_named(
    invoke: Invoke,
    fleet: Fleet,
    configured: Configured,
    spoil: Callable[[Device], None],
    failed: str,
    reason: str,
    advice: str,
) -> None:
    """The last step shows what is wrong, advice follows, and the exit code is 1."""
    simulator = fleet(password=PASSWORD)
    (device,) = simulator.devices
    spoil(device)
    result = invoke("probe", "--config.file", configured(simulator), device.name)

    assert result.exit_code == 1
    told = steps(result.stderr)
    assert told[-1] == (failed, "FAILED")
    assert {outcome for _, outcome in told[:-1]} == {"ok"}
    *_, step, last = result.stderr.splitlines()
    assert reason in step
    assert last.startswith(f"What to do: {advice}")
    assert PASSWORD not in result.output
    assert Page(result.stdout).value("sbc_up", target=device.name) == 0


def test_an_sbc_that_was_never_asked_is_fine(
    invoke: Invoke, fleet: Fleet, configured: Configured
) -> None:
    """Without any operation the probe says so and succeeds."""
    simulator = fleet()
    result = invoke("probe", "--config.file", configured(simulator), "sbc-001")
    assert result.exit_code == 0
    last = result.stderr.splitlines()[-1]
    assert last == "No operation has been requested on this SBC yet."


def test_unknown_names_are_refused(invoke: Invoke, fleet: Fleet, configured: Configured) -> None:
    """An unknown target is told which ones there are; an unknown module is refused, too."""
    simulator = fleet(2)
    option = "--config.file", configured(simulator)
    target = invoke("probe", *option, "elsewhere")
    module = invoke("probe", *option, "--module", "fast", "sbc-001")
    assert (target.exit_code, module.exit_code) == (1, 1)
    assert target.stderr == (
        'Error: target "elsewhere" is not in the configuration; there are: sbc-001, sbc-002\n'
    )
    assert module.stderr.startswith('Error: module "fast" is not in the configuration')
    assert target.stdout == module.stdout == ""
    assert [device.asked for device in simulator.devices] == [[], []]


def test_the_environment_is_enough(invoke: Invoke, fleet: Fleet, configured: Configured) -> None:
    """Without a file, the SBC of the SBC_EXPORTER_* variables is probed."""
    simulator = fleet()
    (device,) = simulator.devices
    folder = configured(simulator).parent
    env = {
        "SBC_EXPORTER_TARGET": device.url,
        "SBC_EXPORTER_USERNAME": "monitor",
        "SBC_EXPORTER_PASSWORD_FILE": str(folder / "sbc-password"),
        "SBC_EXPORTER_CA_FILE": str(folder / "ca.pem"),
        "SBC_EXPORTER_CONFIG_FILE": None,
    }
    name = device.url.removeprefix("https://")
    result = invoke("probe", name, env=env)
    assert result.exit_code == 0
    assert Page(result.stdout).value("sbc_up", target=name) == 1


def test_a_bad_file_is_refused(invoke: Invoke, configured: Configured) -> None:
    """What is wrong with the file is told as by check-config."""
    path = configured()
    path.write_text("colour: red\n", encoding="utf-8")
    checked = invoke("check-config", path)
    probed = invoke("probe", "--config.file", path, "sbc-001")
    assert probed.exit_code == 1
    assert probed.stderr == checked.stderr != ""
