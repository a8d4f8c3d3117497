"""How the faults are carried out."""

from __future__ import annotations

import asyncio

from sbc_exporter.simulator import api
from sbc_exporter.simulator.faults import (
    Body,
    CloseBeforeAnswer,
    Endless,
    Fault,
    Hang,
    NoAnswer,
    Raw,
    Redirect,
    Refuse401,
    Reset,
    Status,
    Trickle,
)
from sbc_exporter.simulator.messages import Answer, Request, phrase
from sbc_exporter.simulator.stream import Stream

_ENDLESS_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
)


def other_answer(fault: Fault | None, request: Request) -> Answer | None:
    """The answer that the fault puts in place of the true one, if it does."""
    match fault:
        case Status(code, None, headers):
            return api.refuse(code, phrase(code), *headers)
        case Status(code, bytes() as body, headers):
            return Answer(code, body, headers)
        case Body(content, content_type, headers):
            return Answer(200, content, (("Content-Type", content_type), *headers))
        case Redirect(location, code):
            return Answer(code, headers=(("Location", location),))
        case Refuse401() if _shows_token(request):
            return api.refuse(401, api.NOT_AUTHORIZED)
        case _:
            return None


async def no_answer(fault: NoAnswer, stream: Stream) -> None:
    """What happens in place of an answer, up to the end of the connection."""
    match fault:
        case Raw(content):
            await stream.send(content)
        case Endless(chunk):
            await stream.send(_ENDLESS_HEAD)
            while True:
                await stream.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                # A client that reads fast would never let the loop turn to others.
                await asyncio.sleep(0)
        case Hang():
            await stream.until_gone()
        case Reset():
            stream.reset()
        case CloseBeforeAnswer():
            pass


async def trickle(fault: Trickle, stream: Stream, head: bytes, body: bytes) -> None:
    slow = head + body if fault.headers_too else body
    if not fault.headers_too:
        await stream.send(head)
    for byte in slow:
        await asyncio.sleep(fault.seconds_per_byte)
        await stream.send(bytes((byte,)))


def _shows_token(request: Request) -> bool:
    return request.headers.get("authorization", "").lower().startswith("bearer ")
