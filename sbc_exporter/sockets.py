"""
Connections that keep to a deadline, made step by step: resolve, connect, TLS.

The time-out of a socket bounds one read, and so do those of requests and urllib3: an SBC
that sends a byte now and then would hold them for ever. A socket made here takes what is
set by `settimeout` as a budget for everything until the next `settimeout`.
"""

from __future__ import annotations

import math
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from sbc_exporter.config.model import Address
from sbc_exporter.deadline import Deadline
from sbc_exporter.errors import ConnectionLost, NameUnknown, TimedOut, TlsRefused, Unreachable
from sbc_exporter.visit import Visit

# Telling the socket costs a system call, which lets other threads go first: what an answer that
# comes soon never needs. A budget is overdrawn by this much at most.
_WORTH_TELLING = 0.05
# The same for a budget that is nearly what the socket keeps to already, from the last request.
_NEARLY = 0.005

# Seconds for which what was sent may stay without a sign of life from the other machine; a third
# of a scrape's time at most. Then a kept connection has died without a word, and there is still
# time for a fresh one.
_UNACKNOWLEDGED = 2.0

AddressInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]


class _Budget(socket.socket):
    """See the head of this file."""

    _until: float | None = None
    _told = 0.0

    def settimeout(self, value: float | None) -> None:
        self._told = time.monotonic()
        self._until = None if value is None else self._told + value
        kept = self.gettimeout()
        if not (value and kept and abs(value - kept) <= _NEARLY):
            super().settimeout(value)

    def _spend(self) -> None:
        now = time.monotonic()
        if self._until is None or now - self._told < _WORTH_TELLING:
            return
        if now >= self._until:
            raise TimeoutError("the time for this request is over")
        self._told = now
        super().settimeout(self._until - now)


class PlainSocket(_Budget):
    """A TCP connection with a budget."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._spend()
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._spend()
        super().sendall(*args, **kwargs)


class TlsSocket(_Budget, ssl.SSLSocket):
    """A TLS connection with a budget."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._spend()
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._spend()
        return super().send(*args, **kwargs)


def dial(
    address: Address,
    tls: ssl.SSLContext | None,
    server_name: str,
    visit: Visit,
) -> socket.socket:
    """
    A connection to the SBC that is ready for HTTP, with TLS where a context is given.

    Raises NameUnknown, Unreachable, TlsRefused, ConnectionLost or TimedOut.
    """
    with visit.step("resolve"):
        candidates = resolve(address.host, address.port, visit.deadline)
    with visit.step("connect"):
        connection = _connect(address, candidates, visit.deadline)
    if tls is None:
        return connection
    try:
        with visit.step("tls"):
            return _secure(connection, tls, server_name, visit.deadline)
    except BaseException:
        connection.close()
        raise


def resolve(
    host: str,
    port: int,
    deadline: Deadline,
    lookup: Callable[..., list[Any]] = socket.getaddrinfo,
) -> list[AddressInfo]:
    """
    Where a name leads.

    The system's resolver knows no time-out, so it runs in a thread of its own: one that hangs
    ends when the resolver does, and nobody waits for it.
    """

    def look(found: Future[list[AddressInfo]]) -> None:
        try:
            found.set_result(lookup(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            # Without its traceback, which would keep this frame, and that the future.
            found.set_exception(error.with_traceback(None))

    found: Future[list[AddressInfo]] = Future()
    if _is_literal(host):
        look(found)
    else:
        name = f"resolve {host}"
        threading.Thread(target=look, args=[found], name=name, daemon=True).start()
    try:
        return found.result(deadline.require(f"resolve {host}"))
    except TimeoutError as error:
        raise TimedOut(f"resolve {host}: no answer from the resolver in time") from error
    except OSError as error:
        raise NameUnknown(f"resolve {host}: {error.strerror or error}") from error
    except UnicodeError as error:
        raise NameUnknown(f"resolve {host}: not a valid name") from error
    finally:
        # Its error keeps this frame, so the frame must not keep it.
        del found


def _is_literal(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return True


def _connect(address: Address, candidates: list[AddressInfo], deadline: Deadline) -> PlainSocket:
    doing = f"connect to {address.host} port {address.port}"
    failure: Exception = Unreachable(f"{doing}: the name has no address")
    milliseconds = math.ceil(1000 * min(_UNACKNOWLEDGED, deadline.remaining() / 3))
    for number, (family, kind, protocol, _, where) in enumerate(candidates):
        # A fair share each, so that a dead IPv6 address leaves time for the IPv4 one.
        share = deadline.require(doing) / (len(candidates) - number)
        connection = PlainSocket(family, kind, protocol)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(share)
            connection.connect(where)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # on Linux
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
        except TimeoutError as error:
            connection.close()
            failure = TimedOut(f"{doing}: no answer in time")
            failure.__cause__ = error
        except OSError as error:
            connection.close()
            failure = Unreachable(f"{doing}: {error.strerror or error}")
            failure.__cause__ = error
        else:
            return connection
    try:
        raise failure
    finally:
        # It keeps this frame, so the frame must not keep it.
        del failure


def _secure(
    connection: socket.socket, tls: ssl.SSLContext, server_name: str, deadline: Deadline
) -> ssl.SSLSocket:
    doing = f"TLS with {server_name}"
    connection.settimeout(deadline.require(doing))
    try:
        return tls.wrap_socket(connection, server_hostname=server_name)
    except ssl.SSLCertVerificationError as error:
        reason = _DISTRUST.get(error.verify_code, error.verify_message)
        raise TlsRefused(f"{doing}: {reason}") from error
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
        raise ConnectionLost(f"{doing}: the SBC closed the connection") from error
    except ssl.SSLError as error:
        advice = Unreachable.advice if error.reason == _NO_TLS else None
        raise TlsRefused(f"{doing}: {_reason(error)}", advice) from error
    except TimeoutError as error:
        raise TimedOut(f"{doing}: the handshake did not end in time") from error
    except OSError as error:
        raise ConnectionLost(f"{doing}: {error.strerror or error}") from error
    except ValueError as error:
        raise TlsRefused(f"{doing}: {error}") from error


_NO_TLS = "WRONG_VERSION_NUMBER"
# By OpenSSL's X509_V_ERR_ codes, where its own words do not lead on.
_DISTRUST = {
    18: "self-signed certificate, which is not itself in ca_file",
    19: "self-signed certificate in the chain, which is not in ca_file",
    20: "nothing in ca_file signed the certificate; without one, none of the system's authorities",
}


def _reason(error: ssl.SSLError) -> str:
    words = {
        _NO_TLS: "what answers there does not speak TLS",
        "UNSUPPORTED_PROTOCOL": "the SBC's TLS version is older than min_version",
        "TLSV1_ALERT_PROTOCOL_VERSION": "the SBC's TLS version is older than min_version",
    }
    return words.get(error.reason or "", (error.reason or str(error)).replace("_", " ").lower())
