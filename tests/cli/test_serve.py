"""serve, as a process: start, signals, settings, and how it refuses."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests

from sbc_exporter.simulator import Simulator
from sbc_exporter.web.app import Limits
from tests.cli.conftest import Invoke
from tests.cli.process import fetch, running, taken_port
from tests.running.pieces import PATIENCE, Gate
from tests.support import Page, eventually

Fleet = Callable[..., Simulator]
Configured = Callable[..., Path]

ANY_PORT = "--web.listen-address=127.0.0.1:0"


@contextmanager
def asking(url: str) -> Iterator[HTTPConnection]:
    """A connection on which all SBCs have been asked for, and nothing read yet."""
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)) as connection:
        connection.request("GET", "/metrics")
        yield connection


def refuses(url: str) -> bool:
    try:
        fetch(f"{url}/-/healthy")
    except requests.ConnectionError:
        return True
    return False


def test_it_serves_and_reloads_and_ends(fleet: Fleet, configured: Configured) -> None:
    """The log tells where it listens; SIGHUP reloads; SIGTERM ends it with 0."""
    simulator = fleet(2)
    path = configured(simulator)
    with running("serve", f"--config.file={path}", ANY_PORT) as exporter:
        assert "targets=2" in exporter.line("msg=starting")
        url = exporter.address()
        before = Page(fetch(f"{url}/metrics").text)
        good = path.read_text(encoding="utf-8")
        path.write_text(good[: good.rindex("  - name:")], encoding="utf-8")
        exporter.send(signal.SIGHUP)
        exporter.line('msg="configuration reloaded"', "targets=1")
        after = Page(fetch(f"{url}/metrics").text)
        path.write_text(f"colour: red\n{good}", encoding="utf-8")
        exporter.send(signal.SIGHUP)
        refused = exporter.line('msg="configuration not reloaded"')
        still = Page(fetch(f"{url}/metrics").text)
        code = exporter.end(signal.SIGTERM)

    assert [len(page.named("sbc_up")) for page in (before, after, still)] == [2, 1, 1]
    assert f"{path}:1:1: colour: " in refused
    assert still.value("sbc_exporter_config_last_reload_successful") == 0
    assert code == 0
    assert exporter.output[-1].endswith("msg=stopping signal=SIGTERM")
    assert not any("Traceback" in line for line in exporter.output)


def test_what_is_in_flight_gets_its_answer(fleet: Fleet, configured: Configured) -> None:
    """After Ctrl-C a scrape that runs still ends in a page, and nobody new comes in."""
    gate = Gate()
    path = configured(fleet(clock=gate))
    with running("serve", f"--config.file={path}", ANY_PORT) as exporter:
        url = exporter.address()
        with gate.shut(), asking(url) as connection:
            assert gate.reached.wait(PATIENCE)
            exporter.send(signal.SIGINT)
            exporter.line("msg=stopping", "signal=SIGINT")
            eventually(lambda: refuses(url))
            gate.open()
            page = Page(connection.getresponse().read().decode())
        code = exporter.end()
    assert page.value("sbc_up", target="sbc-001") == 1
    assert code == 0
    assert not any("Traceback" in line for line in exporter.output)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(
    fleet: Fleet, configured: Configured, number: signal.Signals
) -> None:
    """Whoever does not want to wait for what is in flight sends the signal again."""
    gate = Gate()
    path = configured(fleet(clock=gate))
    with running("serve", f"--config.file={path}", ANY_PORT) as exporter:
        url = exporter.address()
        with gate.shut(), asking(url):
            assert gate.reached.wait(PATIENCE)
            exporter.send(number)
            exporter.line("msg=stopping")
            assert exporter.end(number) == -number


def test_as_many_scrapes_at_once_as_the_option_says(fleet: Fleet, configured: Configured) -> None:
    """One more gets a 503, health answers even then, and forty are the usual number."""
    gate = Gate()
    options = f"--config.file={configured(fleet(clock=gate))}", ANY_PORT
    with running("serve", *options, "--web.max-requests=1") as exporter:
        url = exporter.address()
        with gate.shut(), asking(url):
            assert gate.reached.wait(PATIENCE)
            refused = fetch(f"{url}/metrics")
            healthy = fetch(f"{url}/-/healthy")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert healthy.status_code == 200
    assert Limits().max_requests == 40


def test_a_bad_configuration_is_told_line_by_line(configured: Configured) -> None:
    """Each error is one line on its own, the exit code is 1, and nothing is served."""
    path = configured()
    path.write_text("auths: {}\ncolour: red\ntargets: []\n", encoding="utf-8")
    with running("serve", f"--config.file={path}", ANY_PORT) as exporter:
        code = exporter.end()
    assert code == 1
    assert len(exporter.output) == 3
    assert all(line.startswith(f"{path}:") for line in exporter.output)


def test_a_taken_port_is_told_in_one_line(configured: Configured) -> None:
    """Somebody else's port gives one line and exit code 1."""
    path = configured()
    with taken_port() as port:
        address = f"127.0.0.1:{port}"
        option = f"--web.listen-address={address}"
        with running("serve", f"--config.file={path}", option) as exporter:
            code = exporter.end()
    assert code == 1
    (line,) = exporter.output
    assert line.startswith(f"{address}: cannot listen there: Address already in use")


@pytest.mark.parametrize("address", ["10061", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:65536"])
def test_an_odd_address_is_told_in_one_line(
    invoke: Invoke, configured: Configured, address: str
) -> None:
    """What is no address to listen on gives one line and exit code 1."""
    result = invoke("serve", "--config.file", configured(), "--web.listen-address", address)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{address}: is no address to listen on; write host:port\n"


def test_one_sbc_needs_no_file(fleet: Fleet, configured: Configured) -> None:
    """The environment alone describes an SBC, and reloads read its password file again."""
    simulator = fleet()
    (device,) = simulator.devices
    folder = configured(simulator).parent
    env = {
        "SBC_EXPORTER_TARGET": device.url,
        "SBC_EXPORTER_USERNAME": "monitor",
        "SBC_EXPORTER_PASSWORD_FILE": str(folder / "sbc-password"),
        "SBC_EXPORTER_CA_FILE": str(folder / "ca.pem"),
    }
    with running("serve", ANY_PORT, env=env) as exporter:
        url = exporter.address()
        page = Page(fetch(f"{url}/metrics").text)
        (folder / "sbc-password").unlink()
        refused = fetch(f"{url}/-/reload", "POST")
        code = exporter.end(signal.SIGTERM)
    assert page.value("sbc_up", target=device.url.removeprefix("https://")) == 1
    assert refused.status_code == 500
    assert refused.text.startswith("SBC_EXPORTER_PASSWORD_FILE: ")
    assert code == 0


def test_options_have_twins_in_the_environment(fleet: Fleet, configured: Configured) -> None:
    """Several addresses, the log's level and format and the offset work as variables."""
    path = configured(fleet())
    env = {
        "SBC_EXPORTER_CONFIG_FILE": str(path),
        "SBC_EXPORTER_WEB_LISTEN_ADDRESS": "127.0.0.1:0 127.0.0.1:0",
        "SBC_EXPORTER_LOG_FORMAT": "json",
        "SBC_EXPORTER_LOG_LEVEL": "debug",
        "SBC_EXPORTER_SCRAPE_TIMEOUT_OFFSET": "1000",
    }
    with running("serve", env=env) as exporter:
        urls = [exporter.address(), exporter.address()]
        healthy = [fetch(f"{url}/-/healthy").text for url in urls]
        metrics = fetch(f"{urls[0]}/metrics", timeout="900")
        code = exporter.end(signal.SIGTERM)
    assert len(set(urls)) == 2
    assert healthy == ["healthy\n"] * 2
    assert metrics.status_code == 400
    assert "--scrape.timeout-offset takes 1000 s" in metrics.text
    assert code == 0
    records = [json.loads(line) for line in exporter.output]
    assert {"time", "level", "msg"} <= set.intersection(*map(set, records))
    assert any(record["level"] == "debug" for record in records)


def test_an_option_wins_over_its_twin(configured: Configured) -> None:
    """What stands on the command line counts, whatever the environment says."""
    path = configured()
    env = {"SBC_EXPORTER_LOG_FORMAT": "json", "SBC_EXPORTER_LOG_LEVEL": "loud"}
    options = f"--config.file={path}", ANY_PORT, "--log.format=logfmt", "--log.level=info"
    with running("serve", *options, env=env) as exporter:
        assert exporter.line("starting").startswith("time=")
        exporter.address()
        assert exporter.end(signal.SIGTERM) == 0
