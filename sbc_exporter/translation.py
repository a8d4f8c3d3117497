"""What requests, urllib3, http.client and ssl raise -> our DeviceErrors; the one such place."""

from __future__ import annotations

import errno
import ssl
import traceback
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead

import requests
import urllib3

from sbc_exporter.errors import BadAnswer, ConnectionLost, DeviceError, TimedOut, TlsRefused

# Looked for in this order, in the error and all that caused it: the libraries wrap one error
# in another, and a stall inside a body arrives as a "connection error".
_TIMED_OUT = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
_LOST = (
    ConnectionError,
    IncompleteRead,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
    urllib3.exceptions.ClosedPoolError,
)
_TLS = (ssl.SSLError, requests.exceptions.SSLError, urllib3.exceptions.SSLError)
_GARBAGE = (
    HTTPException,
    urllib3.exceptions.DecodeError,
    urllib3.exceptions.InvalidHeader,
    requests.exceptions.ContentDecodingError,
    requests.exceptions.InvalidHeader,
)


def translated(error: Exception) -> DeviceError:
    """
    The DeviceError that says the same.

    Its text never repeats that of requests' own errors, which may quote a header.
    """
    causes = list(_causes(error))
    for cause in causes:
        # urllib3's frames keep the error that keeps them, and with it the connection: for an SBC
        # that hangs, some 100 kB in every scrape until Python looks for garbage.
        traceback.clear_frames(cause.__traceback__)
    if any(isinstance(cause, OSError) and cause.errno == errno.ETIMEDOUT for cause in causes):
        # Not our patience, but the system's: for so long nothing has come back from there.
        return ConnectionLost("the SBC's machine does not take what is sent any more")
    for kinds, ours, text in (
        (_TIMED_OUT, TimedOut, "the answer did not come in time"),
        (_LOST, ConnectionLost, "the SBC ended the connection before its answer was complete"),
        (_TLS, TlsRefused, "TLS failed while the connection was in use"),
        (_GARBAGE, BadAnswer, "the answer is not HTTP"),
    ):
        if any(isinstance(cause, kinds) for cause in causes):
            return ours(text)
    return ConnectionLost(f"the request failed ({type(error).__name__})")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it wraps and what it was raised from, each once."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        current = waiting.pop()
        if isinstance(current, BaseException) and id(current) not in seen:
            seen.add(id(current))
            yield current
            waiting += [*current.args, current.__cause__, current.__context__]
            waiting.append(getattr(current, "reason", None))
