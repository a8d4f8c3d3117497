"""What a conversation makes of tokens and answers that are not as documented."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable
from contextlib import closing

import pytest

from sbc_exporter.client import SbcClient
from sbc_exporter.config.model import Auth
from sbc_exporter.errors import BadAnswer, DeviceError, UnexpectedStatus
from sbc_exporter.login import Login
from sbc_exporter.secret import Secret
from sbc_exporter.simulator import Device, Simulator, faults
from sbc_exporter.simulator.bodies import access_token
from sbc_exporter.xmltree import Node
from tests.support import Clock
from tests.unit.support import (
    ENDPOINT,
    LOGIN,
    STATUS,
    Connect,
    failure,
    head_of,
    plain,
    scrape,
    serving,
    visit,
)


@pytest.mark.parametrize(
    "token",
    ["two\nlines", "two\r\nX-Evil: 1", "hunter two", "tökén", "\N{ZERO WIDTH SPACE}x", "x" * 8193],
    ids=["line break", "header", "space", "umlaut", "invisible", "too long"],
)
def test_impossible_token_is_malformed_and_never_shown(
    client: SbcClient, device: Device, token: str
) -> None:
    """What cannot stand in a header is not put into one, nor into a message."""
    device.faults["auth/token"] = faults.Body(access_token(token))
    with pytest.raises(BadAnswer) as raised:
        scrape(client)
    assert "<data/accessToken>" in str(raised.value)
    assert token[:5] not in f"{raised.value} {raised.value.__cause__}"
    assert device.asked == [LOGIN]


@pytest.mark.parametrize("token", ["x" * 8192, "!~", "YWRtaW4=+/-_."])
def test_odd_token_is_used_as_it_is(client: SbcClient, device: Device, token: str) -> None:
    """A token is opaque: whatever fits a header goes back."""
    device.faults["auth/token"] = faults.Body(access_token(token))
    assert failure(client) == "401"
    assert device.asked == [LOGIN, STATUS]


@pytest.mark.parametrize("body", [b"", b"<response><data/></response>", b"<html></html>"])
def test_login_without_a_token_is_malformed(client: SbcClient, device: Device, body: bytes) -> None:
    """A 200 that holds no token is no login."""
    device.faults["auth/token"] = faults.Body(body)
    assert failure(client) == "malformed"


def test_error_holds_the_words_of_the_sbc(client: SbcClient, device: Device) -> None:
    """The errorMessage of the envelope is in the text, at most 1,000 characters of it."""
    device.faults[ENDPOINT] = faults.Status(423, b"<r><errorMessage>locked</errorMessage></r>")
    with pytest.raises(UnexpectedStatus, match=r"^HTTP status 423: locked$"):
        scrape(client)
    long = b"<r><errorMessage>" + b"x" * 5000 + b"</errorMessage></r>"
    device.faults[ENDPOINT] = faults.Status(500, long)
    with pytest.raises(UnexpectedStatus, match=r"^HTTP status 500: x{1000}$"):
        scrape(client)


@pytest.mark.parametrize("body", [b"", b"<html><p>", b"<r><errorMessage/></r>"])
def test_error_without_words_is_its_status(client: SbcClient, device: Device, body: bytes) -> None:
    """Whatever else stands in the body of an error is left alone."""
    device.faults[ENDPOINT] = faults.Status(500, body)
    with pytest.raises(UnexpectedStatus, match=r"^HTTP status 500$"):
        scrape(client)


@pytest.mark.parametrize(
    "fault",
    [
        faults.Body(b""),
        faults.Body(b"<response>"),
        faults.Body(b"<!DOCTYPE html><html></html>", "text/html"),
        faults.Raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
    ],
    ids=["empty", "half a document", "HTML", "half a header"],
)
def test_answer_that_is_no_xml_is_malformed(
    client: SbcClient, device: Device, fault: faults.Fault
) -> None:
    """A 200 counts only with a document in it, and the failure belongs to the request."""
    device.faults[ENDPOINT] = fault
    on = visit()
    with pytest.raises(BadAnswer):
        scrape(client, on)
    assert [exchange.code for exchange in on.exchanges] == [None, "malformed"]
    assert on.steps[-1].name == "parse"


def test_reader_can_refuse_the_answer(client: SbcClient) -> None:
    """A BadAnswer of whoever reads counts as a failure of the request."""

    def read(_: Node) -> None:
        raise BadAnswer("no such element")

    on = visit()
    with pytest.raises(BadAnswer, match="no such element"):
        client.get(ENDPOINT, read, on)
    assert on.exchanges[-1].code == "malformed"
    assert on.exchanges[-1].seconds is not None
    assert on.steps[-1].error == "no such element"


def test_secrets_are_in_no_failure(connect: Connect, device: Device, simulator: Simulator) -> None:
    """Neither password nor token is in the words about a failure, or in its steps."""
    for fault in (faults.Reset(), faults.Status(500), faults.Body(b"<a>")):
        for endpoint in ("auth/token", ENDPOINT):
            device.faults[endpoint] = fault
            on = visit()
            with pytest.raises(DeviceError) as raised:
                scrape(connect(), on)
            shown = f"{raised.value!r} {raised.value.__cause__!r} {on.steps} {on.exchanges}"
            assert simulator.password not in shown
            assert "Basic" not in shown
            assert "Bearer" not in shown
            device.faults.clear()


def quoting(status: str) -> Callable[[socket.socket], None]:
    """An SBC that grants a token, and quotes every other request in its answer."""

    def serve(connection: socket.socket) -> None:
        while head := head_of(connection):
            text = base64.b64encode(b"a-token").decode()
            body = f"<response><data><accessToken>{text}</accessToken></data></response>"
            line = "200 OK"
            if not head.startswith(b"POST") or status.startswith("401"):
                quoted = head.decode().replace("\r\n", " ")
                body = f"<response><data/><errorMessage>{quoted}</errorMessage></response>"
                line = status
            connection.sendall(
                f"HTTP/1.1 {line}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            )

    return serve


@pytest.mark.parametrize("status", ["401 No", "403 No", "500 No", "200 OK"])
def test_what_quotes_the_credentials_is_not_repeated(status: str, clock: Clock) -> None:
    """An SBC, or what stands before it, may show a request; nobody else sees what it sent."""
    auth = Auth(name="a", username="monitor", password=Secret("hunter2!"))
    with serving(quoting(status)) as port, closing(plain(port)) as transport:
        client = SbcClient(transport, Login(auth, clock), "v1.2", clock)
        on = visit()
        with pytest.raises(DeviceError) as raised:
            scrape(client, on)

    shown = f"{raised.value} {on.steps}"
    assert "credentials" in shown or "token" in shown
    for secret in ("hunter2!", base64.b64encode(b"monitor:hunter2!").decode(), "YS10b2tlbg=="):
        assert secret not in shown
