"""One connection: TLS or not, HTTP/1.1 with kept connections, and the faults of the SBC."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from http import HTTPStatus

import h11

from sbc_exporter.simulator import api
from sbc_exporter.simulator.certificates import Contexts
from sbc_exporter.simulator.faults import CloseAfterAnswer, Fault, NoAnswer, Trickle
from sbc_exporter.simulator.messages import Answer, Request, phrase
from sbc_exporter.simulator.misbehaviour import no_answer, other_answer, trickle
from sbc_exporter.simulator.sbc import Sbc
from sbc_exporter.simulator.stream import Stream

log = logging.getLogger(__name__)

# A TLS connection begins with a handshake record; no HTTP method begins with this byte.
_TLS_HANDSHAKE = b"\x16"


async def serve(sbc: Sbc, contexts: Contexts, stream: Stream) -> None:
    """Carry one connection from its first byte on; who accepted it closes it."""
    # A client may go at any moment; an ssl.SSLError is an OSError, too.
    with contextlib.suppress(OSError):
        first = await stream.peek()
        if first == _TLS_HANDSHAKE:
            if sbc.handshake == "hang":
                await stream.until_gone()
            elif sbc.handshake == "reset":
                stream.reset()
            else:
                await stream.start_tls(contexts(sbc.certificate, sbc.max_tls))
                await _converse(sbc, stream, secure=True)
        elif first:
            await _converse(sbc, stream, secure=False)


async def _converse(sbc: Sbc, stream: Stream, *, secure: bool) -> None:
    http = h11.Connection(h11.SERVER)
    while True:
        # No await stands between the last byte of an answer and this line: whoever has the
        # answer finds the connection idle.
        stream.idle = True
        try:
            request = await _next_request(http, stream)
        except h11.RemoteProtocolError as error:
            await stream.send(b"".join(_render(http, api.refuse(400, str(error)))))
            return
        if request is None or not await _reply(sbc, http, stream, request, secure=secure):
            return
        http.start_next_cycle()


async def _next_request(http: h11.Connection, stream: Stream) -> Request | None:
    """The next request with its body, or None when the client has no more."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            if http.they_are_waiting_for_100_continue:
                await stream.send(http.send(h11.InformationalResponse(status_code=100, headers=[])))
            http.receive_data(await stream.receive())
        elif isinstance(event, h11.Request):
            head = event
            stream.idle = False
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _request(head, bytes(body))
        else:
            return None


def _request(head: h11.Request, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in head.headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Request(head.method.decode("latin-1"), head.target.decode("latin-1"), headers, body)


async def _reply(
    sbc: Sbc, http: h11.Connection, stream: Stream, request: Request, *, secure: bool
) -> bool:
    """Answer, or fail as the fault says; true when the connection is kept."""
    sbc.asked.append(f"{request.method} {request.endpoint}")
    await asyncio.sleep(sbc.latency)
    fault = sbc.fault(request.endpoint)
    if isinstance(fault, NoAnswer):
        await no_answer(fault, stream)
        return False
    answer = _answer(sbc, request, fault, secure=secure)
    head, body = _render(http, answer, bodyless=request.method == "HEAD")
    if isinstance(fault, Trickle):
        await trickle(fault, stream, head, body)
    else:
        await stream.send(head + body)
    kept = http.our_state is h11.DONE and http.their_state is h11.DONE
    return kept and not isinstance(fault, CloseAfterAnswer)


def _answer(sbc: Sbc, request: Request, fault: Fault | None, *, secure: bool) -> Answer:
    try:
        return other_answer(fault, request) or api.answer(sbc, request, secure=secure)
    except Exception:
        log.exception("The simulator itself failed on %s %s", request.method, request.endpoint)
        return api.refuse(500, "The simulator itself failed.")


def _render(http: h11.Connection, answer: Answer, *, bodyless: bool = False) -> tuple[bytes, bytes]:
    """Head and body as they go over the wire."""
    headers = list(answer.headers)
    bodyless = bodyless or answer.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
    if answer.status != HTTPStatus.NO_CONTENT:
        headers.append(("Content-Length", str(len(answer.body))))
    response = h11.Response(
        status_code=answer.status, headers=headers, reason=phrase(answer.status).encode()
    )
    head = http.send(response)
    body = http.send(h11.Data(data=b"" if bodyless else answer.body))
    return head, body + http.send(h11.EndOfMessage())
