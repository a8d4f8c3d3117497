"""When a token is renewed, and when no login may be sent."""

from __future__ import annotations

import pytest

from sbc_exporter.config.model import Auth
from sbc_exporter.errors import LoginWithheld
from sbc_exporter.login import Login
from sbc_exporter.secret import Secret
from tests.support import Clock

TOKEN = Secret("token")
OTHER = Secret("other")


@pytest.fixture
def login(clock: Clock) -> Login:
    return Login(Auth(name="a", username="monitor", password=Secret("right")), clock)


def is_withheld(login: Login) -> bool:
    try:
        login.require_allowed()
    except LoginWithheld:
        return True
    return False


def test_nothing_is_known_at_first(login: Login) -> None:
    """There is no token, and a login may be sent."""
    assert login.token() is None
    assert not is_withheld(login)


def test_token_is_used_until_a_minute_before_its_end(login: Login, clock: Clock) -> None:
    """Of ten minutes, nine are used."""
    login.granted(TOKEN, clock())
    clock.advance(539.9)
    assert login.token() == TOKEN
    clock.advance(0.1)
    assert login.token() is None


def test_life_of_a_token_counts_from_the_asking(login: Login, clock: Clock) -> None:
    """The time that the answer took to come is part of the token's life."""
    asked_at = clock()
    clock.advance(30)
    login.granted(TOKEN, asked_at)
    clock.advance(509.9)
    assert login.token() == TOKEN
    clock.advance(0.1)
    assert login.token() is None


def test_newer_token_takes_the_place_of_the_old_one(login: Login, clock: Clock) -> None:
    """The last login counts, and its life starts anew."""
    login.granted(TOKEN, clock())
    clock.advance(500)
    login.granted(OTHER, clock())
    clock.advance(500)
    assert login.token() == OTHER


def test_forgotten_token_is_not_used_again(login: Login, clock: Clock) -> None:
    """A token that the SBC does not take is gone, and a login may be sent at once."""
    login.granted(TOKEN, clock())
    login.forget()
    assert login.token() is None
    assert not is_withheld(login)


def test_refusals_hold_longer_and_longer(login: Login, clock: Clock) -> None:
    """A minute, then twice as long after each refusal, half an hour at most."""
    for hold in (60, 120, 240, 480, 960, 1800, 1800):
        login.refused()
        assert is_withheld(login)
        clock.advance(hold - 0.5)
        assert is_withheld(login)
        clock.advance(0.5)
        assert not is_withheld(login)


def test_refusal_takes_the_token_away(login: Login, clock: Clock) -> None:
    """A token refused right after its login is of no use."""
    login.granted(TOKEN, clock())
    login.refused()
    assert login.token() is None


def test_proven_credentials_end_the_hold(login: Login, clock: Clock) -> None:
    """A token that was accepted proves the password, and the next refusal starts at a minute."""
    login.refused()
    clock.advance(60)
    login.refused()
    login.proven()
    assert not is_withheld(login)
    login.refused()
    clock.advance(60)
    assert not is_withheld(login)


def test_granted_login_alone_does_not_end_the_row(login: Login, clock: Clock) -> None:
    """Logins whose tokens are refused at once are held longer and longer, too."""
    login.refused()
    clock.advance(60)
    login.granted(TOKEN, clock())
    login.refused()
    clock.advance(60)
    assert is_withheld(login)


def test_withheld_login_says_for_how_long(login: Login, clock: Clock) -> None:
    """The message holds the seconds that are left."""
    login.refused()
    clock.advance(15)
    with pytest.raises(LoginWithheld, match="no login for another 45 s"):
        login.require_allowed()
