"""An SBC may do anything: each way to fail, at login and at asyncstatus, one SBC out of three."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from sbc_exporter.scrape import Instruments
from sbc_exporter.simulator import Device, Simulator, faults
from sbc_exporter.simulator.faults import Fault
from tests.support import Clock, Exporter, Page

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]

LOGIN, STATUS = "auth/token", "admin/asyncstatus"

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">'
    b"]><response><data>&b;</data></response>"
)
EXTERNAL = (
    b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><response><data>&a;</data></response>'
)
UNPACKS_TO_300_MB = gzip.compress(bytes(300 * 1024**2), 1)

ANSWERS: dict[str, tuple[Fault, str]] = {
    "server error": (faults.Status(500), "500"),
    "not found": (faults.Status(404), "404"),
    "HTML": (faults.Body(b"<!doctype html><p>Welcome", "text/html"), "malformed"),
    "empty": (faults.Body(b""), "malformed"),
    "truncated": (faults.Body(b"<response><data><operationState>"), "malformed"),
    "entity bomb": (faults.Body(BOMB), "malformed"),
    "external entity": (faults.Body(EXTERNAL), "malformed"),
    "deep": (faults.Body(b"<a>" * 200_000), "malformed"),
    "unknown encoding": (faults.Body(b'<?xml version="1.0" encoding="x-1"?><a/>'), "malformed"),
    "no HTTP": (faults.Raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "malformed"),
    "short body": (
        faults.Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<a>"),
        "reset",
    ),
    "endless": (faults.Endless(b"x" * 65_536), "too_large"),
    "huge when unpacked": (
        faults.Body(UNPACKS_TO_300_MB, headers=(("Content-Encoding", "gzip"),)),
        "too_large",
    ),
    "length that lies": (
        faults.Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 2**21),
        "too_large",
    ),
    "redirect": (faults.Redirect("https://192.0.2.1/rest/v1.2/admin/asyncstatus"), "redirect"),
    "reset": (faults.Reset(), "reset"),
    "closed": (faults.CloseBeforeAnswer(), "reset"),
    "hangs": (faults.Hang(), "timeout"),
    "trickles": (faults.Trickle(0.05), "timeout"),
    "trickles headers": (faults.Trickle(0.05, headers_too=True), "timeout"),
}


@dataclass(frozen=True)
class Scene:
    """Three SBCs that work, scraped by an exporter."""

    devices: list[Device]
    exporter: Exporter

    def ups(self) -> list[float | None]:
        page = self.exporter.page()
        return [page.value("sbc_up", target=device.name) for device in self.devices]


TIMEOUT = 0.5


@pytest.fixture
def scene(fleet: Fleet, export: Export) -> Scene:
    simulator = fleet(3)
    return Scene(simulator.devices, export(simulator, f"timeout: {1000 * TIMEOUT:.0f}ms"))


def in_time(page: Page) -> bool:
    """Whether no scrape took longer than a machine under load may overdraw its deadline."""
    return max(page.named("sbc_scrape_duration_seconds").values()) < TIMEOUT + 1


def errors(page: Page, device: Device) -> dict[tuple[str, str], float]:
    """The SBC's errors by endpoint and code."""
    found = {}
    for labels, value in page.named("sbc_request_errors_total").items():
        by = dict(labels)
        if by["target"] == device.name:
            found[by["endpoint"], by["code"]] = value
    return found


@pytest.mark.parametrize("endpoint", [LOGIN, STATUS])
@pytest.mark.parametrize(("fault", "code"), ANSWERS.values(), ids=ANSWERS)
def test_bad_answer_costs_one_scrape_of_one_sbc(
    scene: Scene, endpoint: str, fault: Fault, code: str
) -> None:
    """It gives sbc_up 0 with its code, leaves the others alone, and is over when it is over."""
    bad = scene.devices[1]
    bad.faults[endpoint] = fault

    page = scene.exporter.page()

    ups = [page.value("sbc_up", target=device.name) for device in scene.devices]
    assert ups == [1, 0, 1]
    assert errors(page, bad) == {(endpoint, code): 1}
    assert in_time(page)
    del bad.faults[endpoint]
    assert scene.ups() == [1, 1, 1]


@pytest.mark.parametrize("endpoint", [LOGIN, STATUS])
@pytest.mark.parametrize(
    ("fail", "code"),
    [
        pytest.param(lambda device: device.stop(), "connect", id="nothing listens"),
        pytest.param(lambda d: setattr(d, "handshake", "hang"), "timeout", id="handshake hangs"),
        pytest.param(lambda d: setattr(d, "handshake", "reset"), "reset", id="handshake reset"),
        pytest.param(lambda d: setattr(d, "certificate", "expired"), "tls", id="expired"),
        pytest.param(lambda d: setattr(d, "certificate", "wrong_name"), "tls", id="wrong name"),
        pytest.param(lambda d: setattr(d, "certificate", "self_signed"), "tls", id="self-signed"),
        pytest.param(lambda device: setattr(device, "max_tls", "TLS11"), "tls", id="old TLS"),
    ],
)
def test_bad_connection_costs_one_scrape_of_one_sbc(
    scene: Scene, endpoint: str, fail: Callable[[Device], None], code: str
) -> None:
    """It gives sbc_up 0 with its code, leaves the others alone, and is over when it is over."""
    bad = scene.devices[1]
    if endpoint == STATUS:
        # It has a token then, and needs a new connection only.
        assert scene.ups() == [1, 1, 1]
        bad.break_connections()
    fail(bad)

    page = scene.exporter.page()

    ups = [page.value("sbc_up", target=device.name) for device in scene.devices]
    assert ups == [1, 0, 1]
    assert errors(page, bad) == {(endpoint, code): 1}
    assert in_time(page)
    bad.handshake, bad.certificate, bad.max_tls = "normal", "good", None
    bad.start()
    assert scene.ups() == [1, 1, 1]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port whose packets vanish: nobody takes its connections, and its queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening, ExitStack() as stack:
        where = listening.getsockname()
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(where)
        yield where[1]


def test_address_that_leads_nowhere_costs_the_others_nothing(
    scene: Scene, silent_port: int, tmp_path: Path
) -> None:
    """A name that does not resolve is `dns`, packets that vanish are `timeout`."""
    nameless, silent, good = scene.devices
    path = tmp_path / "sbc-exporter.yml"
    before = path.read_text(encoding="utf-8")
    text = before.replace(nameless.url, "https://sbc.invalid")
    path.write_text(text.replace(silent.url, f"127.0.0.1:{silent_port}"), encoding="utf-8")
    assert scene.exporter.post("/-/reload").status_code == 200

    page = scene.exporter.page()

    assert errors(page, nameless) == {(LOGIN, "dns"): 1}
    assert errors(page, silent) == {(LOGIN, "timeout"): 1}
    assert page.value("sbc_up", target=good.name) == 1
    assert in_time(page)
    path.write_text(before, encoding="utf-8")
    assert scene.exporter.post("/-/reload").status_code == 200
    assert scene.ups() == [1, 1, 1]


@pytest.mark.parametrize(
    "lose",
    [
        pytest.param(lambda device: device.drop_idle(), id="closed while idle"),
        pytest.param(lambda device: device.break_connections(), id="reset, as by a switchover"),
    ],
)
def test_kept_connection_that_died_costs_nothing(
    scene: Scene, lose: Callable[[Device], None]
) -> None:
    """The first scrape after it works already, on a fresh connection, and counts no error."""
    assert scene.ups() == [1, 1, 1]
    lost = scene.devices[1]
    lose(lost)

    page = scene.exporter.page()

    assert page.value("sbc_up", target=lost.name) == 1
    assert errors(page, lost) == {}
    assert lost.asked.count(f"POST {LOGIN}") == 1
    assert lost.connections == 2


def test_kept_connection_that_died_without_a_word_is_replaced_in_time(
    fleet: Callable[..., Simulator], export: Callable[..., Exporter]
) -> None:
    """Where not even an acknowledgement comes back, the same scrape works on a fresh connection."""
    simulator = fleet()
    (lost,) = simulator.devices
    exporter = export(simulator)
    exporter.page()
    lost.lose_connections()

    page = exporter.page()

    assert page.value("sbc_up", target=lost.name) == 1
    assert errors(page, lost) == {}
    assert lost.connections == 2


@pytest.mark.parametrize("timeout", ["8s", "1500ms"])
def test_switchover_to_a_box_that_knows_no_token(
    fleet: Fleet, export: Export, timeout: str
) -> None:
    """The old box is silent, the new one wants a login: the first scrape has it all, and works."""
    simulator = fleet()
    (device,) = simulator.devices
    exporter = export(simulator, f"timeout: {timeout}")
    exporter.page()
    device.lose_connections()
    device.forget_tokens()
    device.asked.clear()

    page = exporter.page()

    assert page.value("sbc_up", target=device.name) == 1
    assert device.asked == [f"GET {STATUS}", f"POST {LOGIN}", f"GET {STATUS}"]


def test_the_largest_answer_is_a_setting(fleet: Fleet, export: Export) -> None:
    """What is longer than max_response_size is refused, although one MiB is the usual bound."""
    simulator = fleet()
    (device,) = simulator.devices
    exporter = export(simulator, "max_response_size: 1KiB")
    device.faults[STATUS] = faults.Body(b"<response><data/>" + b" " * 2048 + b"</response>")

    assert errors(exporter.page(), device) == {(STATUS, "too_large"): 1}


def test_clock_that_steps_loses_no_token(fleet: Fleet, export: Export) -> None:
    """The time goes a day forth and two back: one login is enough, and no duration is negative."""
    simulator = fleet()
    (device,) = simulator.devices
    wall = Clock()
    exporter = export(simulator, instruments=Instruments(wall=wall))

    for step in (0, 86_400, -172_800, 0):
        wall.advance(step)
        page = exporter.page()
        assert page.value("sbc_up", target=device.name) == 1
        assert min(page.named("sbc_scrape_duration_seconds").values()) >= 0

    assert device.asked.count(f"POST {LOGIN}") == 1


def test_connection_that_never_lasts_costs_nothing(scene: Scene) -> None:
    """An SBC that closes after every answer is scraped all the same."""
    scene.devices[1].faults["*"] = faults.CloseAfterAnswer()

    assert [scene.ups() for _ in range(3)] == [[1, 1, 1]] * 3
    assert errors(scene.exporter.page(), scene.devices[1]) == {}


def test_token_that_is_refused_at_once_is_no_loop(scene: Scene) -> None:
    """After a good login whose token is refused, no other one is sent for a while."""
    bad = scene.devices[1]
    bad.faults[STATUS] = faults.Refuse401()

    for _ in range(5):
        assert scene.ups() == [1, 0, 1]

    assert bad.asked.count(f"POST {LOGIN}") == 1
    page = scene.exporter.page()
    assert page.value("sbc_login_withheld", target=bad.name) == 1
    assert errors(page, bad)[LOGIN, "withheld"] == 5


def test_names_out_of_the_ordinary_make_no_series(scene: Scene) -> None:
    """Quotes, line breaks and braces where a word should be are counted under `other`."""
    odd = 'save"} 1\nsbc_up{target="x"'
    text = odd.replace('"', "&quot;")
    state = f"<operationState><operation>{text}</operation><status>{text}</status></operationState>"
    body = f"<response><data>{state}</data></response>".encode()
    scene.devices[1].faults[STATUS] = faults.Body(body)

    page = scene.exporter.page()

    assert page.value("sbc_up", target="x") is None
    current = {"operation": "other", "status": "other", "target": scene.devices[1].name}
    assert page.value("sbc_async_operation_status", **current) == 1
