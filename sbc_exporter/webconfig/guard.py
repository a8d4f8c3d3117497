"""Logins and headers around an ASGI application."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sbc_exporter.webconfig.load import WebConfig

# A container's health check has no password.
_FREE = "/-/healthy"


def guard(app: ASGIApp, current: Callable[[], WebConfig]) -> ASGIApp:
    """The application, for those only whom the web configuration lets in, and with its headers."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        if scope["type"] != "http":
            # There are no websockets here; this way there is no way around the login, either.
            await send({"type": "websocket.close"})
            return
        config = current()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(dict(config.headers))
            await send(message)

        answer = app if await _allowed(config, scope) else _UNAUTHORISED
        await answer(scope, receive, send_with_headers)

    return guarded


_UNAUTHORISED = PlainTextResponse(
    "user name and password are needed\n", 401, headers={"WWW-Authenticate": "Basic"}
)


async def _allowed(config: WebConfig, scope: Scope) -> bool:
    if config.logins is None or scope["path"] == _FREE:
        return True
    return await config.logins.allow(Headers(scope=scope).get("Authorization", ""))
