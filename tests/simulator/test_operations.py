"""Operations: how they are started, what asyncstatus says of them."""

from __future__ import annotations

import math

import pytest

from sbc_exporter.simulator import Device, Outcome
from sbc_exporter.simulator.sbc import NeverRequested
from tests.simulator.client import Client
from tests.support import Clock

ACTIVATE_SUCCESS = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<response>
  <data>
    <operationState>
      <operation>activate</operation>
      <status>success</status>
    </operationState>
  </data>
  <messages/>
  <links/>
</response>"""


@pytest.fixture
def token(client: Client) -> str:
    """A token that holds the configuration lock."""
    token = client.login()
    assert client.ask("POST", "configuration/lock", token).status_code == 204
    return token


def manage(client: Client, token: str, verb: str, action: str) -> int:
    return client.ask(verb, f"configuration/management?action={action}", token).status_code


def test_a_finished_activate_reads_as_documented(client: Client, token: str, clock: Clock) -> None:
    """The body equals the documented example to the last blank."""
    manage(client, token, "POST", "activate")
    clock.advance(2)
    assert client.status(token).text == ACTIVATE_SUCCESS


def test_an_operation_is_in_progress_until_its_time_is_over(
    client: Client, token: str, clock: Clock
) -> None:
    """Progress follows the clock and nothing else."""
    manage(client, token, "PUT", "save")
    clock.advance(1.9)
    assert "<status>inProgress</status>" in client.status(token).text
    clock.advance(0.1)
    assert "<status>success</status>" in client.status(token).text


@pytest.mark.parametrize(
    ("verb", "action"),
    [
        ("PUT", "save"),
        ("PUT", "verify"),
        ("PUT", "restore"),
        ("POST", "activate"),
        ("POST", "backup"),
    ],
)
def test_every_action_is_accepted_with_a_link(
    client: Client, token: str, verb: str, action: str
) -> None:
    """A 202 carries the absolute address of asyncstatus, which then names the operation."""
    response = client.ask(verb, f"configuration/management?action={action}", token)
    assert response.status_code == 202
    assert f"<link>{client.url('admin/asyncstatus')}</link>" in response.text
    assert f"<operation>{action}</operation>" in client.status(token).text


def test_only_the_latest_operation_is_reported(client: Client, device: Device) -> None:
    """What the command line starts takes the place of what was before."""
    device.run("save")
    device.run("activate")
    text = client.status().text
    assert "<operation>activate</operation>" in text
    assert "save" not in text


def test_a_planned_failure_comes_true(
    client: Client, device: Device, token: str, clock: Clock
) -> None:
    """A plan decides how an operation over REST ends, and its message comes with the end only."""
    device.plan["activate"] = Outcome("fail", seconds=5, error_message="No <realm> & no hope")
    manage(client, token, "POST", "activate")
    assert "errorMessage" not in client.status(token).text
    clock.advance(5)
    assert (
        """\
    <operationState>
      <operation>activate</operation>
      <status>fail</status>
      <errorMessage>No &lt;realm&gt; &amp; no hope</errorMessage>
    </operationState>
"""
        in client.status(token).text
    )


def test_the_message_of_a_failure_can_stand_in_data(client: Client, device: Device) -> None:
    """With error_place "data" the message is a sibling of operationState."""
    device.error_place = "data"
    device.run("save", Outcome("fail", seconds=0, error_message="disk full"))
    assert (
        """\
    </operationState>
    <errorMessage>disk full</errorMessage>
"""
        in client.status().text
    )


def test_additional_information_goes_out_as_it_is(client: Client, device: Device) -> None:
    """The XML given with an outcome stands in additionalInfo."""
    device.run("verify", Outcome(seconds=0, additional_info="<verifySummary/>"))
    assert "<additionalInfo><verifySummary/></additionalInfo>" in client.status().text


def test_characters_that_xml_cannot_hold_are_replaced(client: Client, device: Device) -> None:
    """An error message with a NUL or a carriage return still makes well-formed XML."""
    device.run("save", Outcome("fail", seconds=0, error_message="a\0b\rc"))
    assert "<errorMessage>a\N{REPLACEMENT CHARACTER}b&#13;c</errorMessage>" in (
        client.status().content.decode()
    )


def test_an_operation_can_last_for_ever(client: Client, device: Device, clock: Clock) -> None:
    """An infinite duration never ends."""
    device.run("backup", Outcome(seconds=math.inf))
    clock.advance(1e9)
    assert "<status>inProgress</status>" in client.status().text


@pytest.mark.parametrize(
    ("never_requested", "code", "data"),
    [
        ("empty_data", 200, "  <data/>\n"),
        ("empty_state", 200, "  <data>\n    <operationState/>\n  </data>\n"),
        ("not_found", 404, "<errorMessage>Resource not found</errorMessage>"),
    ],
)
def test_nothing_requested_can_look_in_three_ways(
    client: Client, device: Device, never_requested: NeverRequested, code: int, data: str
) -> None:
    """The body for a fresh box is not documented, so each likely one is at hand."""
    device.never_requested = never_requested
    response = client.status()
    assert response.status_code == code
    assert data in response.text


def test_management_needs_the_lock(client: Client) -> None:
    """Without the lock no operation starts."""
    response = client.ask("PUT", "configuration/management?action=save", client.login())
    assert response.status_code == 423
    assert "User does not have the lock" in response.text
    assert "save" not in client.status().text


def test_one_token_locks_out_the_others(client: Client, token: str) -> None:
    """While one token holds the lock, another can neither lock, nor unlock, nor save."""
    other = client.login()
    paths = ["configuration/lock", "configuration/unlock"]
    assert [client.ask("POST", path, other).status_code for path in paths] == [423, 423]
    assert manage(client, other, "PUT", "save") == 423
    assert client.ask("POST", "configuration/unlock", token).status_code == 204
    assert client.ask("POST", "configuration/lock", other).status_code == 204


def test_the_lock_dies_with_its_token(client: Client, token: str, clock: Clock) -> None:
    """Once the holder's token has expired, another may lock."""
    assert client.status(token).status_code == 200
    clock.advance(600)
    assert client.ask("POST", "configuration/lock", client.login()).status_code == 204


def test_a_renewal_keeps_the_lock(client: Client, token: str, clock: Clock) -> None:
    """A login with the current token in its body hands the lock on to the new token."""
    clock.advance(599)
    renewed = client.login(body=f"token={token}")
    clock.advance(1)
    assert renewed != token
    assert manage(client, renewed, "PUT", "save") == 202


@pytest.mark.parametrize("query", ["", "?action=", "?action=explode"])
def test_an_unknown_action_is_a_bad_request(client: Client, token: str, query: str) -> None:
    """Without one of the five actions the answer is 400."""
    assert client.ask("PUT", f"configuration/management{query}", token).status_code == 400


def test_an_action_wants_its_own_verb(client: Client, token: str) -> None:
    """PUT does not activate; the answer says what would."""
    response = client.ask("PUT", "configuration/management?action=activate", token)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"


def test_a_restore_needs_its_backup(client: Client, token: str, clock: Clock) -> None:
    """From a file that nobody backed up to it fails, and says so; after the backup it succeeds."""
    from_file = "restore&restoreSource=backupFile&filename=monday.gz"

    manage(client, token, "PUT", from_file)
    clock.advance(2)
    missing = client.status(token).text
    manage(client, token, "POST", "backup&backupSource=running&filename=monday.gz")
    manage(client, token, "PUT", from_file)
    clock.advance(2)

    assert "<status>fail</status>" in missing
    assert "There is no backup monday.gz" in missing
    assert "<status>success</status>" in client.status(token).text
