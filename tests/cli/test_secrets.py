"""Passwords and tokens: wherever the exporter speaks, it does not speak of them."""

from __future__ import annotations

import signal
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import requests

from sbc_exporter.simulator import Account, Simulator, faults
from tests.cli.process import fetch, running

Fleet = Callable[..., Simulator]
Configured = Callable[..., Path]

PASSWORD = "hunter2-Tr0ub4dor&3"
CREDENTIALS = b64encode(f"monitor:{PASSWORD}".encode()).decode()
# The simulator builds every token from user, class, time and chance, so all begin alike.
TOKEN_START = b64encode(b"monitor,admi").decode()

PAGES = (
    "/",
    *(f"/targets/sbc-00{number}" for number in range(1, 8)),
    "/metrics",
    "/sd",
    "/probe?target=sbc-001",
    "/probe?target=none",
    "/metrics?target=x",
)
GIVEN = f'password: "{PASSWORD}"'
# An unknown key, a missing colon, a wrong type, a repeated key, a broken quote.
MISTAKES = (
    f'passwort: "{PASSWORD}"',
    f"password {PASSWORD}",
    f"password: [{PASSWORD}]",
    f"{GIVEN}, {GIVEN}",
    f'password: "{PASSWORD}',
    f"password_env: {PASSWORD}",
    f"password_file: null, {PASSWORD}: x",
)


def spoil(simulator: Simulator) -> None:
    """One SBC is well; every other fails in a way of its own."""
    _, locked_out, refusing, resetting, redirecting, garbled, hanging = simulator.devices
    locked_out.accounts["monitor"] = Account("another", admin=True)
    refusing.faults["admin/asyncstatus"] = faults.Refuse401()
    resetting.faults["*"] = faults.Reset()
    redirecting.faults["*"] = faults.Redirect("https://127.0.0.1:1/")
    garbled.faults["*"] = faults.Raw(b"HTTP/1.1 two hundred\r\n\r\n")
    hanging.faults["*"] = faults.Hang()


def told(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.headers} {answer.text}"


def test_no_secret_is_ever_told(fleet: Fleet, configured: Configured) -> None:
    """Logs, pages and errors hold no password, no credentials, no token and no such header."""
    simulator = fleet(7, password=PASSWORD)
    spoil(simulator)
    path = configured(simulator)
    text = path.read_text(encoding="utf-8").replace("password_file: sbc-password", GIVEN)
    good = text.replace("  default:\n", "  default:\n    timeout: 300ms\n")
    path.write_text(good, encoding="utf-8")
    options = f"--config.file={path}", "--web.listen-address=127.0.0.1:0", "--log.level=debug"
    everything: list[str] = []

    with running("serve", *options) as exporter:
        url = exporter.address()
        everything += [told(fetch(f"{url}{page}")) for page in (*PAGES, *PAGES)]
        for mistake in MISTAKES:
            path.write_text(good.replace(GIVEN, mistake), encoding="utf-8")
            answer = fetch(f"{url}/-/reload", "POST")
            assert answer.status_code == 500, mistake
            everything.append(told(answer))
        exporter.send(signal.SIGHUP)
        exporter.line("configuration not reloaded")
        for arguments in (("check-config", str(path)), ("probe", options[0], "sbc-001")):
            with running(*arguments) as command:
                assert command.end() == 1
            everything += command.output
        path.write_text(good, encoding="utf-8")
        for name in ("sbc-001", "sbc-002"):
            with running("probe", options[0], name) as command:
                command.end()
            everything += command.output
        everything += [told(fetch(f"{url}{page}")) for page in PAGES]
        assert exporter.end(signal.SIGTERM) == 0
    everything += exporter.output

    up = [line for line in everything if 'sbc_up{target="sbc-001"} 1.0' in line]
    assert up, "the good SBC was never up, so no token was at stake"
    assert any("level=debug" in line for line in exporter.output)
    for secret in (PASSWORD, CREDENTIALS, TOKEN_START, "Authorization", "hunter2"):
        assert [line for line in everything if secret in line] == []


def test_tokens_begin_as_the_search_expects(fleet: Fleet, configured: Configured) -> None:
    """What the test above looks for is really how each token of the simulator begins."""
    simulator = fleet(password=PASSWORD)
    (device,) = simulator.devices
    url = f"{device.url}/rest/v1.2/auth/token"
    headers = {"Authorization": f"Basic {CREDENTIALS}"}
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(configured(simulator).parent / "ca.pem")
        answer = session.post(url, headers=headers, timeout=30)
    assert f"<accessToken>{TOKEN_START}" in answer.text
