"""
One account on one SBC: its password, its token, and when no login may be sent.

An account is locked after three bad passwords, and people use it too: after a refused login
the next one waits a minute, then two, four, up to thirty.
"""

from __future__ import annotations

from base64 import b64encode

from sbc_exporter.config import values
from sbc_exporter.config.model import Auth
from sbc_exporter.deadline import Clock
from sbc_exporter.errors import LoginWithheld
from sbc_exporter.secret import Secret

# sbc-rest-api: a token is good for ten minutes from its issue, however it is used.
TOKEN_SECONDS = 600.0
RENEWED_BEFORE = 60.0

FIRST_HOLD = 60.0
LONGEST_HOLD = 1800.0


class Login:
    """Used by one conversation at a time; times are in seconds of a monotonic clock."""

    def __init__(self, auth: Auth, clock: Clock) -> None:
        self._auth = auth
        self._password = auth.password
        self._clock = clock
        self._token: Secret | None = None
        self._renew_at = 0.0
        self._hold = 0.0
        self._hold_until = 0.0

    def basic(self) -> str:
        """The header's value that carries user name and password."""
        pair = f"{self._auth.username}:{self._password.reveal()}".encode()
        return f"Basic {b64encode(pair).decode('ascii')}"

    def tells(self, text: str) -> bool:
        """Whether a text holds the password, the token, or the header made of the former."""
        secrets = [self._password.reveal(), self.basic().split()[1]]
        if self._token is not None:
            secrets.append(self._token.reveal())
        return any(secret in text for secret in secrets)

    def renew_password(self) -> bool:
        """Read the password's file again; true when it holds another one than before."""
        if self._auth.password_file is None:
            return False
        try:
            password = values.read_password(self._auth.password_file)
        except ValueError:
            # It may be in the middle of being replaced. What we have is all that we have.
            return False
        renewed = password != self._password
        self._password = password
        return renewed

    def token(self) -> Secret | None:
        """The token, while it is good for another minute."""
        return self._token if self._clock() < self._renew_at else None

    def granted(self, token: Secret, asked_at: float) -> None:
        """A login succeeded; the token's life is counted from when it was asked for."""
        self._token = token
        self._renew_at = asked_at + TOKEN_SECONDS - RENEWED_BEFORE

    def forget(self) -> None:
        """The SBC does not take the token any more."""
        self._token = None

    def proven(self) -> None:
        """A token was accepted, so the credentials are right: no login is withheld."""
        self._hold = self._hold_until = 0.0

    def refused(self) -> None:
        """The SBC refused the credentials, or the token that it had just given."""
        self._token = None
        self._hold = min(self._hold * 2, LONGEST_HOLD) if self._hold else FIRST_HOLD
        self._hold_until = self._clock() + self._hold

    def withheld_for(self) -> float:
        """Seconds for which no login may be sent; 0 when one may."""
        return max(0.0, self._hold_until - self._clock())

    def require_allowed(self) -> None:
        """Raises LoginWithheld while no login may be sent."""
        left = self.withheld_for()
        if left > 0:
            raise LoginWithheld(
                f"no login for another {left:.0f} s, because the SBC refused the last one"
            )
