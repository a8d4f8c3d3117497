"""What holds for every request: versions, paths, verbs, media types, kept connections."""

from __future__ import annotations

import http.client
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from sbc_exporter.simulator import Device
from tests.simulator.client import DEADLINE, Client
from tests.support import Clock


def test_the_example_of_the_reference_in_python(
    client: Client, device: Device, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The documented Python code gets its answer once it trusts the CA."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    token, sbcip = client.login(), f"{device.host}:{device.port}"

    headers = {"Accept": "application/xml", "Authorization": "Bearer " + token}
    url = "https://" + sbcip + "/rest/v1.1/admin/asyncstatus"
    resp = requests.get(url, headers=headers, timeout=DEADLINE)

    assert resp.status_code == 200


def test_the_example_of_the_reference_in_curl(
    client: Client, device: Device, ca_file: Path, program: Callable[[str], str]
) -> None:
    """The documented command gets its answer once it trusts the CA."""
    program("curl")
    device.run("save")
    example = """\
curl -X GET \\
--header "Accept: application/xml" \\
--header "Authorization: Bearer $TOKEN" \\
"https://${SBCIP}/rest/v1.1/admin/asyncstatus"
"""
    done = subprocess.run(  # noqa: S603 - the command stands above
        ["/bin/sh", "-c", example],
        env={
            "PATH": "/usr/bin:/bin",
            "TOKEN": client.login(),
            "SBCIP": f"{device.host}:{device.port}",
            "CURL_CA_BUNDLE": str(ca_file),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE,
    )
    assert "<operation>save</operation>" in done.stdout


def test_requests_are_recorded_without_their_version(client: Client, device: Device) -> None:
    """The record names verb and path, in order."""
    token = client.login()
    client.status(token)
    client.session.get(f"{device.url}/rest/api/supportedversions", timeout=DEADLINE)
    client.session.get(f"{device.url}/favicon.ico", timeout=DEADLINE)
    assert device.asked == [
        "POST auth/token",
        "GET admin/asyncstatus",
        "GET api/supportedversions",
        "GET favicon.ico",
    ]


def test_an_unsupported_version_is_not_found(client: Client, device: Device) -> None:
    """A version that the device does not have gets the documented 404, even for the login."""
    device.versions = ("v1.0",)
    response = client.try_login()
    assert response.status_code == 404
    assert "<errorMessage>Unsupported versionId in URI</errorMessage>" in response.text


def test_the_supported_versions_are_told(client: Client, device: Device) -> None:
    """The last version is the latest; a token is needed."""
    url = f"{device.url}/rest/api/supportedversions"
    assert client.session.get(url, timeout=DEADLINE).status_code == 401
    headers = {"Authorization": f"Bearer {client.login()}"}
    text = client.session.get(url, headers=headers, timeout=DEADLINE).text
    assert (
        """\
    <supportedVersions>
      <latestVersion>v1.2</latestVersion>
      <otherVersions>
        <version>v1.0</version>
        <version>v1.1</version>
      </otherVersions>
    </supportedVersions>
"""
        in text
    )


def test_the_uptime_follows_the_clock(client: Client, clock: Clock) -> None:
    """system/status counts seconds since the device was made."""
    clock.advance(77)
    text = client.ask("GET", "system/status", client.login()).text
    assert "<uptimeSeconds>77</uptimeSeconds>" in text
    assert "<hostName>sbc-001</hostName>" in text


@pytest.mark.parametrize(
    "path", ["/", "/rest", "/rest/v1.1", "/rest/v1.1/admin", "/rest/v1.1/api/supportedversions"]
)
def test_other_paths_are_not_found(client: Client, device: Device, path: str) -> None:
    """A path outside the API is a 404 with the error envelope."""
    response = client.session.get(device.url + path, timeout=DEADLINE)
    assert response.status_code == 404
    assert "<errorMessage>Resource not found</errorMessage>" in response.text


def test_a_wrong_verb_is_told_the_right_one(client: Client) -> None:
    """A 405 lists what is allowed."""
    response = client.ask("DELETE", "configuration/management")
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST, PUT"


def test_head_gets_headers_only(client: Client) -> None:
    """HEAD is answered without a body, and the connection stays usable."""
    response = client.ask("HEAD", "admin/asyncstatus")
    assert (response.status_code, response.content) == (405, b"")
    assert client.status().status_code == 200
    assert client.device.connections == 1


@pytest.mark.parametrize(
    ("accept", "code"),
    [
        ("application/xml", 200),
        ("text/xml", 200),
        ("*/*", 200),
        ("application/json, application/xml;q=0.5", 200),
        ("application/json", 406),
        ("application/xml;q=0", 406),
    ],
)
def test_only_xml_can_be_had(client: Client, accept: str, code: int) -> None:
    """An Accept header that rules XML out gets 406."""
    token = client.login()
    assert client.ask("GET", "admin/asyncstatus", token, Accept=accept).status_code == code


def test_no_accept_header_is_fine(client: Client) -> None:
    """Who does not say what it takes gets XML."""
    client.session.headers.pop("Accept")
    assert client.status().status_code == 200


def test_connections_are_kept(client: Client, device: Device) -> None:
    """Several requests of a session go over one connection."""
    token = client.login()
    for _ in range(5):
        assert client.status(token).status_code == 200
    assert device.connections == 1


def test_a_client_can_ask_for_the_end_of_the_connection(client: Client, device: Device) -> None:
    """Connection: close is heeded."""
    client.ask("GET", "admin/asyncstatus", Connection="close")
    client.ask("GET", "admin/asyncstatus")
    assert device.connections == 2


def test_plain_http_is_sent_to_https(device: Device) -> None:
    """On the same port a request without TLS gets 426 and the documented message."""
    response = requests.get(f"http://{device.host}:{device.port}/rest/v1.1/auth/token", timeout=5)
    assert response.status_code == 426
    assert "<errorMessage>Client must connect with HTTPS.</errorMessage>" in response.text


def test_what_is_not_http_is_a_bad_request(device: Device) -> None:
    """Garbage gets a 400 and the end of the connection."""
    with socket.create_connection((device.host, device.port), DEADLINE) as sock:
        sock.sendall(b"\x00garbage\r\n\r\n")
        response = http.client.HTTPResponse(sock)
        response.begin()
        assert response.status == 400
        response.read()
        assert sock.recv(1) == b""


def test_a_client_may_wait_for_leave_to_send_its_body(device: Device) -> None:
    """Expect: 100-continue is granted."""
    with socket.create_connection((device.host, device.port), DEADLINE) as sock:
        sock.sendall(
            b"POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
        )
        assert sock.recv(100).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"x")
        assert sock.recv(100).startswith(b"HTTP/1.1 426 ")
