"""Login and token: when which request goes to a simulated SBC."""

from __future__ import annotations

import pytest

from sbc_exporter.client import SbcClient
from sbc_exporter.errors import LoginWithheld
from sbc_exporter.simulator import Account, Device, Outcome, Simulator, faults
from sbc_exporter.simulator.sbc import USER
from sbc_exporter.visit import Exchange
from tests.support import Clock
from tests.unit.support import ENDPOINT, LOGIN, STATUS, Connect, failure, scrape, visit


def test_one_login_serves_many_requests(client: SbcClient, device: Device) -> None:
    """The token is kept, and so is the connection."""
    device.run("save", Outcome(seconds=0))
    assert [scrape(client) for _ in range(3)] == ["save"] * 3
    assert device.asked == [LOGIN, STATUS, STATUS, STATUS]
    assert device.connections == 1


def test_token_is_renewed_a_minute_before_its_end(
    client: SbcClient, device: Device, clock: Clock
) -> None:
    """Nine minutes after the login a new one is sent, before the SBC has refused anything."""
    scrape(client)
    clock.advance(539)
    scrape(client)
    clock.advance(1)
    scrape(client)
    assert device.asked == [LOGIN, STATUS, STATUS, LOGIN, STATUS]


def test_refused_token_costs_one_login_and_one_repeat(client: SbcClient, device: Device) -> None:
    """After a reboot the caller notices nothing, and the failed request is on record."""
    scrape(client)
    device.forget_tokens()
    device.asked.clear()
    on = visit()

    scrape(client, on)

    assert device.asked == [STATUS, LOGIN, STATUS]
    codes = [(exchange.endpoint, exchange.code) for exchange in on.exchanges]
    assert codes == [(ENDPOINT, "401"), ("auth/token", None), (ENDPOINT, None)]


def test_token_that_expires_early_is_renewed(
    client: SbcClient, device: Device, clock: Clock
) -> None:
    """An SBC with shorter lives than documented costs a 401 each, and works."""
    device.token_lifetime = 60
    scrape(client)
    clock.advance(61)
    scrape(client)
    assert device.asked == [LOGIN, STATUS, STATUS, LOGIN, STATUS]


def test_fresh_token_that_is_refused_withholds_the_next_login(
    client: SbcClient, device: Device, clock: Clock
) -> None:
    """More logins would not help; after a minute one is tried again, then after two."""
    device.faults[ENDPOINT] = faults.Refuse401()
    assert failure(client) == "401"
    assert failure(client) == "withheld"
    clock.advance(60)
    assert failure(client) == "401"
    clock.advance(119)
    assert failure(client) == "withheld"
    assert device.asked == [LOGIN, STATUS, LOGIN, STATUS]


def test_old_token_and_fresh_token_refused_is_one_login(client: SbcClient, device: Device) -> None:
    """Two 401s in one scrape, and no third request."""
    scrape(client)
    device.asked.clear()
    device.faults[ENDPOINT] = faults.Refuse401()
    assert failure(client) == "401"
    assert device.asked == [STATUS, LOGIN, STATUS]
    device.asked.clear()
    assert failure(client) == "withheld"
    assert device.asked == []


@pytest.mark.parametrize("status", [401, 403])
def test_refused_login_is_withheld_longer_and_longer(
    client: SbcClient, device: Device, clock: Clock, status: int
) -> None:
    """One login a minute, two, four; in between the SBC hears nothing."""
    device.faults["auth/token"] = faults.Status(status)
    for hold in (60, 120, 240):
        assert failure(client) == str(status)
        clock.advance(hold - 1)
        assert failure(client) == "withheld"
        clock.advance(1)
    assert device.asked == [LOGIN] * 3


def test_withheld_login_is_recorded_as_unsent(client: SbcClient, device: Device) -> None:
    """It is an error of the login's endpoint, but no request."""
    device.faults["auth/token"] = faults.Status(401)
    failure(client)
    on = visit()
    with pytest.raises(LoginWithheld):
        scrape(client, on)
    assert on.exchanges == [Exchange("auth/token", None, "withheld", sent=False)]


@pytest.mark.parametrize(
    "fault",
    [faults.Status(500), faults.Status(503), faults.Reset(), faults.Body(b"<html>")],
    ids=["500", "503", "reset", "HTML"],
)
def test_login_that_failed_otherwise_is_tried_again(
    client: SbcClient, device: Device, fault: faults.Fault
) -> None:
    """A rebooting SBC has said nothing about the password."""
    device.faults["auth/token"] = fault
    failure(client)
    device.faults.clear()
    assert scrape(client) == ""


def test_missing_rights_withhold_nothing(
    client: SbcClient, device: Device, simulator: Simulator
) -> None:
    """A 403 on asyncstatus is about the account's class, and the token stays good."""
    device.accounts[USER] = Account(simulator.password, admin=False)
    assert [failure(client) for _ in range(3)] == ["403"] * 3
    assert device.asked == [LOGIN, STATUS, STATUS, STATUS]


def test_success_ends_the_row_of_refusals(
    client: SbcClient, device: Device, simulator: Simulator, clock: Clock
) -> None:
    """Once the password was right, the next refusal is held for a minute again."""
    device.accounts[USER] = Account("another", admin=True)
    for hold in (60, 120):
        assert failure(client) == "401"
        clock.advance(hold)
    device.accounts[USER] = Account(simulator.password, admin=True)
    scrape(client)
    device.accounts[USER] = Account("another", admin=True)
    device.forget_tokens()
    assert failure(client) == "401"
    clock.advance(60)
    assert failure(client) == "401"


def test_account_is_never_locked(connect: Connect, device: Device, simulator: Simulator) -> None:
    """Three scrapes with a wrong password leave the account to the people who use it."""
    wrong = connect(password="wrong")
    assert [failure(wrong) for _ in range(3)] == ["401", "withheld", "withheld"]
    assert device.asked == [LOGIN]
    assert scrape(connect(password=simulator.password)) == ""


@pytest.mark.parametrize("password", ["p:ä€\N{GRINNING FACE}", ":", " ", "a" * 500])
def test_password_may_hold_anything(connect: Connect, device: Device, password: str) -> None:
    """Colons and characters of every script arrive as they are."""
    device.accounts[USER] = Account(password, admin=True)
    assert scrape(connect(password=password)) == ""
