"""Who may see the pages."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping

import bcrypt

from sbc_exporter.secret import Secret

# bcrypt looks no further, and the library refuses more.
_LONGEST_PASSWORD = 72


class Logins:
    """
    The users of one content of the file, with the logins that were found good.

    A check takes tens of milliseconds of a processor, so only one runs at a time, in a thread:
    wrong passwords can at most delay other first logins, never scrapes. Of a good login, a hash
    with a key of our own is kept.
    """

    def __init__(self, users: Mapping[str, Secret]) -> None:
        self._hashes = {user.encode(): hash_.reveal().encode() for user, hash_ in users.items()}
        # What an unknown user's password is checked against, so that it takes as long: the
        # dearest one. "$2b$10$...": the cost stands after the second dollar sign.
        self._decoy = max(self._hashes.values(), key=lambda hash_: hash_.split(b"$")[2])
        self._key = secrets.token_bytes(hashlib.blake2b.MAX_KEY_SIZE)
        self._good: dict[bytes, bytes] = {}
        self._checking = asyncio.Lock()

    async def allow(self, authorization: str) -> bool:
        """Whether that is the Authorization header of a known user with the right password."""
        pair = _pair(authorization)
        if pair is None:
            return False
        user, _, password = pair.partition(b":")
        if self._remembered(user, pair):
            return True
        async with self._checking:
            # Somebody may have asked the same while we waited.
            if self._remembered(user, pair):
                return True
            hash_ = self._hashes.get(user, self._decoy)
            right = await asyncio.to_thread(bcrypt.checkpw, password[:_LONGEST_PASSWORD], hash_)
        if right and user in self._hashes:
            self._good[user] = self._digest(pair)
            return True
        return False

    def _remembered(self, user: bytes, pair: bytes) -> bool:
        return secrets.compare_digest(self._good.get(user, b""), self._digest(pair))

    def _digest(self, pair: bytes) -> bytes:
        return hashlib.blake2b(pair, key=self._key).digest()


def _pair(authorization: str) -> bytes | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return pair if b":" in pair else None
