"""Who gets in, and how long it takes to keep others out."""

from __future__ import annotations

import asyncio
import base64
import socket
import time
from pathlib import Path
from statistics import median

import bcrypt
import pytest

from sbc_exporter.secret import Secret
from sbc_exporter.webconfig.logins import Logins
from tests.support import Clock
from tests.webconfig.clients import PATIENCE, basic, get
from tests.webconfig.conftest import PLAIN, Serve


def hashed(password: str, cost: int = 4) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


def users(**passwords: str) -> str:
    lines = "".join(f"  {user}: {hashed(password)}\n" for user, password in passwords.items())
    return f"basic_auth_users:\n{lines}"


def encoded(pair: bytes) -> str:
    return f"Basic {base64.b64encode(pair).decode()}"


def test_right_password(serve: Serve) -> None:
    """A user with the right password gets in, at first and when the login is remembered."""
    port = serve(users(alice="pässword:1", bob="other"))

    for _ in range(2):
        assert get(port, authorization=basic("alice", "pässword:1"))[0] == 200
        assert get(port, authorization=basic("bob", "other"))[0] == 200


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic !",
        "Bearer abc",
        encoded(b"alice"),
        encoded(b"alice:"),
        encoded(b"alice:wrong"),
        encoded(b"alice:right\0"),
        encoded(b"Alice:right"),
        encoded(b"unknown:right"),
        encoded(b"\xff:right"),
        encoded(b":right"),
    ],
)
def test_anything_else(serve: Serve, authorization: str | None) -> None:
    """Whoever shows no right login is asked for one, also after somebody else was let in."""
    port = serve(users(alice="right"))
    assert get(port, authorization=basic("alice", "right"))[0] == 200

    status, headers = get(port, authorization=authorization)

    assert (status, headers["WWW-Authenticate"]) == (401, "Basic")


@pytest.mark.parametrize("path", ["/", "/-/ready", "/-/healthy/", "//-/healthy", "/none"])
def test_every_path_but_one_is_guarded(serve: Serve, path: str) -> None:
    """Only the health check is free, under exactly its own path."""
    port = serve(users(alice="right"))

    assert get(port, path)[0] == 401
    assert get(port, "/-/healthy")[0] == 200


def test_no_users(serve: Serve) -> None:
    """Without users everybody gets in."""
    assert get(serve(PLAIN))[0] == 200


def test_no_way_around_by_websocket(serve: Serve) -> None:
    """A websocket is refused, whatever its path."""
    port = serve(users(alice="right"))
    with socket.create_connection(("localhost", port), timeout=PATIENCE) as client:
        client.sendall(
            b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert client.recv(12) == b"HTTP/1.1 403"


def test_long_password(serve: Serve) -> None:
    """Of a password, bcrypt looks at 72 bytes, and so does every tool that makes hashes."""
    port = serve(users(alice="x" * 72))

    assert get(port, authorization=basic("alice", "x" * 80))[0] == 200
    assert get(port, authorization=basic("alice", "x" * 71))[0] == 401


def test_changed_password(serve: Serve, folder: Path, clock: Clock) -> None:
    """A login that was remembered ends with the file that allowed it."""
    port = serve(users(alice="old"))
    assert get(port, authorization=basic("alice", "old"))[0] == 200

    (folder / "web.yml").write_text(users(alice="new"))
    clock.advance(1)

    assert get(port, authorization=basic("alice", "old"))[0] == 401
    assert get(port, authorization=basic("alice", "new"))[0] == 200


def test_unknown_users_take_as_long() -> None:
    """How long a refusal takes does not tell which users there are."""
    logins = Logins({"alice": Secret(hashed("right", 9)), "bob": Secret(hashed("right", 4))})

    async def seconds(authorization: str) -> float:
        started = time.perf_counter()
        assert not await logins.allow(authorization)
        return time.perf_counter() - started

    async def compare() -> tuple[float, float]:
        known = [await seconds(basic("alice", "wrong")) for _ in range(5)]
        unknown = [await seconds(basic("nobody", "wrong")) for _ in range(5)]
        return median(known), median(unknown)

    known, unknown = asyncio.run(compare())
    assert known / 3 < unknown < known * 3


def test_wrong_passwords_hold_up_nobody_known() -> None:
    """A login that is remembered waits for no check of another."""
    logins = Logins({"alice": Secret(hashed("right", 11))})

    async def run() -> list[str]:
        ended = []
        assert await logins.allow(basic("alice", "right"))

        async def ask(password: str) -> None:
            await logins.allow(basic("alice", password))
            ended.append(password)

        async with asyncio.TaskGroup() as group:
            for password in ("wrong", "bad", "right"):
                group.create_task(ask(password))
        return ended

    assert asyncio.run(run()) == ["right", "wrong", "bad"]
