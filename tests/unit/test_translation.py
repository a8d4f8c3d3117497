"""Every error of the libraries has a home among ours."""

from __future__ import annotations

import errno
import http.client
import inspect
import ssl
from collections.abc import Iterator

import pytest
import requests
import urllib3

from sbc_exporter.translation import translated

SECRET = "Bearer hunter2"

# Raised by what the transport never does (proxies, retries, JSON, forms), or never raised but
# as one of the others. They count as a lost connection, by their name.
WITHOUT_A_WORD_OF_THEIR_OWN = {
    "requests": {
        "ChunkedEncodingError",
        "ConnectionError",
        "HTTPError",
        "InvalidJSONError",
        "InvalidProxyURL",
        "InvalidSchema",
        "InvalidURL",
        "JSONDecodeError",
        "MissingSchema",
        "ProxyError",
        "RequestException",
        "RetryError",
        "StreamConsumedError",
        "TooManyRedirects",
        "URLRequired",
        "UnrewindableBodyError",
    },
    "urllib3": {
        "BodyNotHttplibCompatible",
        "EmptyPoolError",
        "FullPoolError",
        "HTTPError",
        "HeaderParsingError",
        "HostChangedError",
        "LocationParseError",
        "LocationValueError",
        "MaxRetryError",
        "PoolError",
        "ProtocolError",
        "ProxyError",
        "ProxySchemeUnknown",
        "RequestError",
        "ResponseError",
        "ResponseNotChunked",
        "TimeoutStateError",
        "URLSchemeUnknown",
        "UnrewindableBodyError",
    },
}


def library_errors() -> Iterator[tuple[str, type[Exception]]]:
    """Every exception that requests and urllib3 define, warnings apart."""
    for library, module in (("requests", requests.exceptions), ("urllib3", urllib3.exceptions)):
        kinds = {kind for _, kind in inspect.getmembers(module, inspect.isclass)}
        for kind in sorted(kinds, key=lambda kind: kind.__name__):
            if issubclass(kind, requests.RequestException | urllib3.exceptions.HTTPError) and (
                kind.__module__.startswith(library) and not issubclass(kind, Warning)
            ):
                yield library, kind


ERRORS = list(library_errors())
IDS = [f"{library}.{kind.__name__}" for library, kind in ERRORS]


def made(kind: type[Exception]) -> Exception:
    """One of that class, past its constructor: these take the oddest arguments."""
    return kind.__new__(kind, SECRET)


@pytest.mark.parametrize(("library", "kind"), ERRORS, ids=IDS)
def test_every_library_error_has_a_home(library: str, kind: type[Exception]) -> None:
    """An error is told apart by its class, or stands on the list of those that need not be."""
    error = translated(made(kind))
    assert error.code in {"timeout", "reset", "tls", "malformed"}
    assert SECRET not in str(error)
    nameless = str(error).startswith("the request failed (")
    assert nameless == (kind.__name__ in WITHOUT_A_WORD_OF_THEIR_OWN[library])


def test_there_are_library_errors() -> None:
    """The table above is made by looking, and must have found something."""
    assert len(ERRORS) > 40


def caused(outer: Exception, inner: BaseException) -> Exception:
    outer.__cause__ = inner
    return outer


def in_context(outer: Exception, inner: BaseException) -> Exception:
    outer.__context__ = inner
    return outer


def circular() -> Exception:
    first, second = requests.ConnectionError(SECRET), TimeoutError(SECRET)
    first.__cause__, second.__context__ = second, first
    return first


exceptions = urllib3.exceptions
pool = urllib3.HTTPSConnectionPool("sbc.invalid")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("timeout", requests.ReadTimeout(SECRET)),
        ("timeout", requests.ConnectTimeout(SECRET)),
        ("timeout", requests.Timeout(SECRET)),
        ("timeout", exceptions.ReadTimeoutError(pool, "/", SECRET)),
        ("timeout", exceptions.ConnectTimeoutError(SECRET)),
        ("timeout", TimeoutError(SECRET)),
        ("reset", TimeoutError(errno.ETIMEDOUT, SECRET)),
        ("timeout", requests.ConnectionError(exceptions.ReadTimeoutError(pool, "/", SECRET))),
        (
            "timeout",
            requests.ConnectionError(
                exceptions.MaxRetryError(pool, "/", exceptions.ReadTimeoutError(pool, "/", SECRET))
            ),
        ),
        ("timeout", exceptions.ProtocolError(SECRET, TimeoutError(SECRET))),
        ("timeout", circular()),
        (
            "reset",
            requests.ConnectionError(
                exceptions.ProtocolError(SECRET, http.client.RemoteDisconnected(SECRET))
            ),
        ),
        ("reset", exceptions.ProtocolError(SECRET, ConnectionResetError(104, SECRET))),
        ("reset", exceptions.ProtocolError(SECRET, exceptions.IncompleteRead(3, 7))),
        ("reset", requests.exceptions.ChunkedEncodingError(exceptions.IncompleteRead(3, 7))),
        ("reset", http.client.IncompleteRead(SECRET.encode(), 99)),
        ("reset", BrokenPipeError(32, SECRET)),
        ("reset", ssl.SSLEOFError(8, SECRET)),
        ("reset", exceptions.SSLError(ssl.SSLZeroReturnError(6, SECRET))),
        ("reset", OSError(113, SECRET)),
        ("reset", requests.RequestException(SECRET)),
        ("tls", requests.exceptions.SSLError(SECRET)),
        ("tls", exceptions.SSLError(SECRET)),
        ("tls", requests.exceptions.SSLError(exceptions.MaxRetryError(pool, "/", None))),
        (
            "tls",
            requests.ConnectionError(exceptions.ProtocolError(SECRET, ssl.SSLError(1, SECRET))),
        ),
        ("malformed", exceptions.ProtocolError(SECRET, http.client.BadStatusLine(SECRET))),
        ("malformed", requests.ConnectionError(http.client.LineTooLong(SECRET))),
        ("malformed", exceptions.DecodeError(SECRET)),
        ("malformed", requests.exceptions.ContentDecodingError(exceptions.DecodeError(SECRET))),
        ("malformed", exceptions.InvalidHeader(SECRET)),
        ("malformed", requests.exceptions.InvalidHeader(SECRET)),
        ("malformed", caused(requests.ConnectionError(SECRET), exceptions.DecodeError(SECRET))),
        ("malformed", in_context(requests.ConnectionError(SECRET), exceptions.DecodeError(SECRET))),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_code_is_that_of_the_innermost_cause(code: str, error: Exception) -> None:
    """Wrapped how it may be, what went wrong is found, and none of its text repeated."""
    ours = translated(error)
    assert ours.code == code
    assert SECRET not in str(ours)
    assert "hunter2" not in repr(ours)
