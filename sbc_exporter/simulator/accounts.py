"""Who is let in: accounts, tokens, the lock-out after wrong passwords, the configuration lock."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

ATTEMPTS = 3
LOCKED_OUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the SBC; `admin` is what asyncstatus and the configuration demand."""

    password: str = field(repr=False)
    admin: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    user: str
    expires: float


class Access:
    """
    The logins of one SBC, from power-on to power-off.

    Not safe for threads by itself: whoever owns it holds a lock. Every method takes the time.
    """

    def __init__(self) -> None:
        self._tokens: dict[str, _Token] = {}
        self._strikes: dict[str, int] = {}
        self._locked_out: dict[str, float] = {}
        self._lock_holder: str | None = None

    def login(
        self,
        accounts: Mapping[str, Account],
        user: str,
        password: str,
        *,
        now: float,
        lifetime: float,
    ) -> str | None:
        """
        A new token, or None.

        Three wrong passwords in a row lock the account for a minute. A locked account refuses
        the right password too, and None does not tell the difference, as on the real thing.
        """
        account = accounts.get(user)
        if account is None or now < self._locked_out.get(user, now):
            return None
        if password != account.password:
            self._strike(user, now)
            return None
        self._strikes.pop(user, None)
        self._tokens = {text: held for text, held in self._tokens.items() if now < held.expires}
        text = _new_token(user, now, admin=account.admin)
        self._tokens[text] = _Token(text, user, now + lifetime)
        return text

    def renew(self, body: bytes, token: str, now: float) -> None:
        """
        Hand the configuration lock on to the new token when the body names its holder.

        The name of the form field is not documented, so the old token may stand under any.
        """
        holder = self.lock_holder(now)
        if holder is not None and holder in unquote(body.decode("latin-1")):
            self._lock_holder = token

    def user(self, token: str, now: float) -> str | None:
        """Whom the token was given to, while it lives."""
        held = self._tokens.get(token)
        return held.user if held is not None and now < held.expires else None

    def forget(self) -> None:
        """No token is known any more, and so nobody holds the lock."""
        self._tokens.clear()

    def lock_holder(self, now: float) -> str | None:
        """The token that holds the configuration lock; the lock dies with its token."""
        holder = self._lock_holder
        return holder if holder is not None and self.user(holder, now) is not None else None

    def lock(self, token: str) -> None:
        self._lock_holder = token

    def unlock(self) -> None:
        self._lock_holder = None

    def _strike(self, user: str, now: float) -> None:
        strikes = self._strikes.pop(user, 0) + 1
        if strikes >= ATTEMPTS:
            self._locked_out[user] = now + LOCKED_OUT_SECONDS
        else:
            self._strikes[user] = strikes


def _new_token(user: str, now: float, *, admin: bool) -> str:
    """Built like the documented sample: user, class and time of issue, then hexadecimal digits."""
    issued = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))
    text = f"{user},{'admin' if admin else 'user'},{issued},{secrets.token_hex(52)}"
    return base64.b64encode(text.encode()).decode()
