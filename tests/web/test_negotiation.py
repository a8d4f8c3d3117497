"""What a client accepts, and what it gets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_exporter.exposition import Format
from sbc_exporter.simulator import Simulator
from sbc_exporter.web.negotiation import exposition_format, wants_gzip
from tests.support import Exporter, Page

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]

OM = "application/openmetrics-text"
# As Prometheus 2.53 and 3 send them.
OLD_PROMETHEUS = f"{OM};version=1.0.0;q=0.5,{OM};version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3"
NEW_PROMETHEUS = (
    f"{OM};version=1.0.0;escaping=allow-utf-8;q=0.5,{OM};version=0.0.1;q=0.4,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
# Headers at which the library's own choice fails, promises too much, or echoes the client.
ODD = (
    f"{OM};version=abc",
    f"{OM};version=2.0.0",
    f"{OM};version=9.9",
    f"{OM};version=",
    f"{OM};version",
    f"{OM};version=1.0.0;q=abc",
    f"{OM};version=1.0.0;q=",
    f"{OM};q=-1",
    f"{OM};q=nan",
    f"{OM};version=\xff\xb2",
    ";;;,,,=",
    ",",
    "q=1",
    "\xe4\xf6\xfc",
    f"{OM};version=1.0.0," * 200,
)


@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        ("", "text"),
        ("*/*", "text"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text"),
        ("text/plain", "text"),
        (OM, "openmetrics"),
        (OM.upper(), "openmetrics"),
        (f"{OM} ; version=1.0.0", "openmetrics"),
        (f"{OM};version=0.0.1", "openmetrics"),
        (f"{OM};version=2.0.0", "text"),
        (f"{OM};version=abc", "text"),
        (f"{OM};version=2.0.0,{OM};version=1.0.0;q=0.5", "openmetrics"),
        (f"{OM};q=0", "text"),
        (f"{OM};q=0.1,text/plain;q=0.9", "text"),
        (f"{OM};q=0.9,text/plain;q=0.9", "openmetrics"),
        (f"{OM};q=2,text/plain;q=0.1", "text"),
        (OLD_PROMETHEUS, "openmetrics"),
        (NEW_PROMETHEUS, "openmetrics"),
    ],
)
def test_openmetrics_is_for_those_who_want_it(accept: str, format_: Format) -> None:
    """The preferred one of the formats that both sides speak is chosen; else it is text."""
    assert exposition_format(accept) == format_


@given(st.text())
def test_no_header_is_too_odd(header: str) -> None:
    """Any header text gives one of both formats, and a yes or a no to gzip."""
    assert exposition_format(header) in {"text", "openmetrics"}
    assert wants_gzip(header) in {True, False}


@given(
    st.lists(
        st.sampled_from([OM, "text/plain", "*/*", "gzip", ";", ",", "=", "q", "version", "1.0.0"])
        | st.text(max_size=4)
    ).map("".join)
)
def test_no_header_of_likely_pieces_is_too_odd(header: str) -> None:
    """Headers that begin well and end badly are read without an error, too."""
    assert exposition_format(header) in {"text", "openmetrics"}
    assert wants_gzip(header) in {True, False}


def test_an_odd_header_still_gives_a_page(fleet: Fleet, export: Export) -> None:
    """Over the wire, each odd header gets a page whose content type is one of both."""
    exporter = export(fleet())
    for accept in ODD:
        answer = exporter.get("/metrics", {"Accept": accept})
        assert answer.status_code == 200, accept
        kind = answer.headers["Content-Type"]
        assert kind in {
            "text/plain; version=0.0.4; charset=utf-8",
            f"{OM}; version=1.0.0; charset=utf-8",
        }
        Page(answer.text, is_openmetrics=kind.startswith(OM))
