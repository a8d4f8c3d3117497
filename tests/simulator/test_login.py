"""Tokens, wrong passwords, and who may do what."""

from __future__ import annotations

from sbc_exporter.simulator import Account, Device
from tests.simulator.client import Client
from tests.support import Clock


def test_a_login_gives_an_opaque_token(client: Client) -> None:
    """The documented body carries a token of about 185 characters, a new one every time."""
    first, second = client.login(), client.login()
    assert 180 <= len(first) <= 190
    assert first != second


def test_the_token_stands_in_the_documented_body(client: Client) -> None:
    """The token is the only thing in <data>, laid out as in the vendor's examples."""
    response = client.try_login()
    lines = response.text.split("\n")
    assert lines[:3] == [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        "<response>",
        "  <data>",
    ]
    assert lines[4:] == ["  </data>", "  <messages/>", "  <links/>", "</response>"]
    assert response.headers["Content-Type"] == "application/xml"


def test_a_request_without_a_token_is_refused(client: Client) -> None:
    """No token, an invented one, and Basic where a token belongs: each gets the documented 401."""
    refused = [
        client.ask("GET", "admin/asyncstatus"),
        client.status("invented"),
        client.ask("GET", "admin/asyncstatus", Authorization="Basic bW9uaXRvcjpzaW11bGF0ZWQ="),
    ]
    assert [response.status_code for response in refused] == [401, 401, 401]
    assert "<errorMessage>Client not authorized.</errorMessage>" in refused[0].text


def test_a_token_ends_ten_minutes_after_its_issue(client: Client, clock: Clock) -> None:
    """Use does not prolong a token."""
    token = client.login()
    clock.advance(599)
    assert client.status(token).status_code == 200
    clock.advance(1)
    assert client.status(token).status_code == 401


def test_the_lifetime_of_tokens_can_be_set(client: Client, device: Device, clock: Clock) -> None:
    """A token lives as long as the device said when it was given."""
    device.token_lifetime = 5
    token = client.login()
    clock.advance(5)
    assert client.status(token).status_code == 401


def test_a_reboot_forgets_tokens(client: Client, device: Device) -> None:
    """After forget_tokens an old token is refused and a login gives a good one."""
    token = client.login()
    device.forget_tokens()
    assert client.status(token).status_code == 401
    assert client.status(client.login()).status_code == 200


def test_three_wrong_passwords_lock_the_account_for_a_minute(client: Client, clock: Clock) -> None:
    """While locked even the right password is refused, in the very words of a wrong one."""
    wrong = [client.try_login(password="wrong") for _ in range(3)]
    clock.advance(59)
    locked = client.try_login()
    assert locked.status_code == 401
    assert locked.content == wrong[0].content
    clock.advance(1)
    assert client.try_login().status_code == 200


def test_a_good_login_wipes_out_the_wrong_ones(client: Client) -> None:
    """Only wrong passwords in a row lock an account."""
    for _ in range(2):
        for _ in range(2):
            assert client.try_login(password="wrong").status_code == 401
        assert client.try_login().status_code == 200


def test_wrong_passwords_lock_one_account_only(client: Client, device: Device) -> None:
    """Another account still gets in."""
    device.accounts["other"] = Account("secret")
    for _ in range(3):
        client.try_login(password="wrong")
    assert client.try_login("other", "secret").status_code == 200


def test_credentials_may_be_any_text(client: Client, device: Device) -> None:
    """A password with a colon and letters beyond ASCII is taken in either usual encoding."""
    device.accounts["zoë"] = Account("pass:wörd")
    assert client.try_login("zoë", "pass:wörd").status_code == 200
    # requests itself encodes credentials as Latin-1.
    response = client.session.post(client.url("auth/token"), auth=("zoë", "pass:wörd"), timeout=5)
    assert response.status_code == 200


def test_malformed_credentials_are_refused(client: Client) -> None:
    """What is not base64 is not a login."""
    response = client.ask("POST", "auth/token", Authorization="Basic $$$")
    assert response.status_code == 401


def test_asyncstatus_needs_an_administrator(client: Client, device: Device) -> None:
    """An ordinary account gets 403 from asyncstatus, and 200 from system/status."""
    device.accounts["watcher"] = Account("secret")
    token = client.login("watcher", "secret")
    assert client.status(token).status_code == 403
    assert client.ask("GET", "system/status", token).status_code == 200


def test_secrets_are_not_shown(device: Device) -> None:
    """The password is in no representation of an account."""
    assert "simulated" not in repr(device.accounts)
