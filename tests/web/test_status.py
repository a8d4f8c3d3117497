"""The status page: what the last scrape of every SBC saw."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sbc_exporter import __version__
from sbc_exporter.scrape import Instruments
from sbc_exporter.simulator import Outcome, Simulator
from sbc_exporter.web.status import age
from tests.support import Clock, Exporter
from tests.web.reading import Html

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]

# What stands in a cell without a value.
NONE = "\N{EN DASH}"
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>&amp;'


def test_every_sbc_has_a_row(fleet: Fleet, export: Export, clock: Clock) -> None:
    """Name, up, operation, status, since and message, the worst SBC first."""
    simulator = fleet(4)
    failed, fine, down, idle = simulator.devices
    failed.run("activate", Outcome(status="fail", seconds=0, error_message="realm is missing"))
    fine.run("save", Outcome(seconds=0))
    down.stop()
    exporter = export(simulator, instruments=Instruments(wall=clock))
    exporter.page()
    page = exporter.get("/")

    _, *rows = Html(page.text).rows
    assert [row[0] for row in rows] == [
        f"{device.name} {device.url}" for device in (down, failed, fine, idle)
    ]
    assert [row[1:4] for row in rows] == [
        ["down", NONE, NONE],
        ["up", "activate", "fail"],
        ["up", "save", "success"],
        ["up", "none yet", NONE],
    ]
    assert rows[0][5].startswith("connect ")
    assert [row[5] for row in rows[1:]] == ["realm is missing", "", ""]
    assert 'title="2027-01-15 08:00:00 UTC"' in page.text
    assert __version__ in page.text
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_page_asks_nothing_of_any_sbc(fleet: Fleet, export: Export) -> None:
    """Before the first scrape the page says so, and to look at it scrapes nothing."""
    simulator = fleet()
    exporter = export(simulator)
    ((_, *cells),) = Html(exporter.get("/").text).rows[1:]
    assert cells == ["not scraped yet", NONE, NONE, NONE, "", "never"]
    assert simulator.devices[0].asked == []
    assert simulator.devices[0].connections == 0


def test_an_sbc_that_went_down_shows_what_it_said_last(fleet: Fleet, export: Export) -> None:
    """The last known operation stays beside the reason why the SBC is down."""
    simulator = fleet()
    (device,) = simulator.devices
    device.run("backup", Outcome(seconds=0))
    exporter = export(simulator)
    exporter.page()
    device.stop()
    exporter.page()
    (row,) = Html(exporter.get("/").text).rows[1:]
    assert row[1:4] == ["down", "backup", "success"]
    assert row[5].startswith("connect ")


def test_words_of_an_sbc_are_words_only(fleet: Fleet, export: Export) -> None:
    """Whatever markup a message or additionalInfo holds is shown and not obeyed."""
    simulator = fleet()
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    outcome = Outcome(
        status="fail",
        seconds=0,
        error_message=HOSTILE,
        additional_info=f"<verify><field>{escaped}</field></verify>",
    )
    simulator.devices[0].run("verify", outcome)
    exporter = export(simulator)
    exporter.page()
    page = Html(exporter.get("/").text)
    (row,) = page.rows[1:]
    assert row[5] == f"{HOSTILE} Additional information verify field: {HOSTILE}"
    assert not {"script", "img"} & page.tags


def test_the_browser_is_told_to_be_careful(fleet: Fleet, export: Export) -> None:
    """No script, no frame, no guessing of types, no copy kept, no address handed on."""
    headers = export(fleet()).get("/").headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert not any("unsafe" in directive for directive in policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Server" not in headers


def test_links_lead_somewhere(fleet: Fleet, export: Export) -> None:
    """Every link answers with a 200, and is relative, for pages that a proxy puts below a path."""
    exporter = export(fleet())
    links = Html(exporter.get("/").text).links
    assert len(links) == 6
    for link in links:
        assert not link.startswith(("/", "http"))
        answer = exporter.get(f"/{link}")
        assert answer.status_code == 200, link
    assert exporter.get("/style.css").headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (0.9, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
    ],
)
def test_ages_are_said_as_people_say_them(seconds: float, text: str) -> None:
    """An age is in whole units of the size that fits."""
    assert age(seconds) == text
