"""The status page: what the last scrape of every SBC saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest

from sbc_exporter import __version__
from sbc_exporter.scrape import Instruments
from sbc_exporter.simulator import Account, Outcome, Simulator
from tests.support import Clock, Exporter
from tests.web.reading import Html

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>&amp;'


def test_every_sbc_has_a_row(fleet: Fleet, export: Export, clock: Clock) -> None:
    """Name, labels, state, operation, when it was first seen and message, the worst SBC first."""
    simulator = fleet(5)
    failed, fine, down, idle, running = simulator.devices
    failed.run("activate", Outcome(status="fail", seconds=0, error_message="realm is missing"))
    fine.run("save", Outcome(seconds=0))
    down.stop()
    running.run("backup", Outcome(seconds=1e6))
    exporter = export(simulator, instruments=Instruments(wall=clock))
    exporter.page()
    page = exporter.get("/")

    _, *rows = Html(page.text).rows
    assert [row[0].split()[:2] for row in rows] == [
        [device.name, device.url] for device in (down, failed, running, fine, idle)
    ]
    assert [row[1:3] for row in rows] == [
        ["\N{MULTIPLICATION X} down", "not known"],
        ["! failed", "activate failed"],
        ["\N{HORIZONTAL ELLIPSIS} in progress", "backup in progress"],
        ["\N{CHECK MARK} fine", "save succeeded"],
        ["\N{CHECK MARK} fine", "none yet"],
    ]
    assert rows[0][0].endswith("pair=fra-1 site=fra")
    assert rows[0][4].startswith("connect ")
    assert rows[0][4].endswith("https-state enabled.")
    assert [row[4] for row in rows[1:]] == ["realm is missing", "none", "none", "none"]
    assert "2027-01-15 08:00:00 UTC" in rows[1][3]
    assert __version__ in page.text
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_page_asks_nothing_of_any_sbc(fleet: Fleet, export: Export) -> None:
    """Before the first scrape the page says so, and to look at it scrapes nothing."""
    simulator = fleet()
    exporter = export(simulator)
    ((_, *cells),) = Html(exporter.get("/").text).rows[1:]
    assert cells == ["? not scraped yet", "not known", "\N{EN DASH}", "none", "never"]
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
    assert row[1:3] == ["\N{MULTIPLICATION X} down", "backup succeeded"]
    assert row[4].startswith("connect ")


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
    assert row[4] == f"{HOSTILE} What the SBC adds verify field: {HOSTILE}"
    assert "img" not in page.tags
    assert page.links.count("script.js") == 1
    assert "onerror" not in page.attributes


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("sbc-001", [0]),
        ("SITE=AMS", [1, 0]),
        ("failed", [1]),
        ("activate  failed", [1]),
        ("realm", [1]),
        ("down connect", [2]),
        ("down save", []),
        ("   ", [2, 1, 0]),
        ("<b>", []),
    ],
)
def test_search_finds_what_has_all_the_words(
    fleet: Fleet, export: Export, search: str, found: list[int]
) -> None:
    """Names, addresses, labels, states, operations and messages count, small letters or large."""
    simulator = fleet(3)
    fine, failed, down = simulator.devices
    fine.run("save", Outcome(seconds=0))
    failed.run("activate", Outcome(status="fail", seconds=0, error_message="realm is missing"))
    down.stop()
    exporter = export(simulator)
    exporter.page()

    page = Html(exporter.get(f"/?q={quote(search)}").text)

    names = [row[0].split()[0] for row in page.rows[1:]]
    assert names == [simulator.devices[index].name for index in found]
    # The numbers are those of all SBCs, so that a search hides no trouble.
    assert "3 SBCs: \N{MULTIPLICATION X} 1 down ! 1 failed" in page.words
    assert ("No SBC has all these words." in page.words) == (not found)


def test_the_browser_is_told_to_be_careful(fleet: Fleet, export: Export) -> None:
    """No script but ours, no frame, no guessing of types, no copy kept, no address handed on."""
    exporter = export(fleet())
    for path in ("/", "/targets/sbc-001"):
        headers = exporter.get(path).headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert policy == [
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "Server" not in headers


def test_links_lead_somewhere(fleet: Fleet, export: Export) -> None:
    """Every link answers with a 200, and is relative, for pages that a proxy puts below a path."""
    exporter = export(fleet())
    links = Html(exporter.get("/").text).links
    assert {"style.css", "script.js", "targets/sbc-001", "metrics"} <= set(links)
    for link in links:
        assert not link.startswith(("/", "http"))
        answer = exporter.get(f"/{link}")
        assert answer.status_code == 200, link
    assert exporter.get("/style.css").headers["Content-Type"].startswith("text/css")
    assert exporter.get("/script.js").headers["Content-Type"].startswith("text/javascript")


def test_a_page_reloads_itself_where_no_script_may_and_somebody_asks(
    fleet: Fleet, export: Export
) -> None:
    """Without JavaScript a link makes the page reload itself, and another one ends that."""
    exporter = export(fleet())
    still, moving = exporter.get("/?q=sbc").text, exporter.get("/?q=sbc&refresh=30").text
    assert "http-equiv" not in still
    assert 'href="?q=sbc&amp;refresh=30"' in still
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in moving
    assert 'href="?q=sbc"' in moving


@pytest.mark.parametrize(
    "query", ["refresh=0", "refresh=-1", "refresh=x", "refresh=12345", "q=1&q=2"]
)
def test_a_parameter_that_makes_no_sense_is_refused(
    fleet: Fleet, export: Export, query: str
) -> None:
    """The answer is a 400 that names the parameter."""
    answer = export(fleet()).get(f"/?{query}")
    assert answer.status_code == 400
    assert f'parameter "{query.partition("=")[0]}"' in answer.text


def test_a_large_page_is_compressed_when_asked_for(fleet: Fleet, export: Export) -> None:
    """A thousand rows travel as gzip, and a cache is told what the answer depends on."""
    exporter = export(fleet(30))
    plain = exporter.get("/", {"Accept-Encoding": "identity"})
    packed = exporter.get("/", {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert len(Html(packed.text).rows) == len(Html(plain.text).rows) == 31


def test_the_page_says_how_it_fills(fleet: Fleet, export: Export) -> None:
    """Until the first scrape it says who scrapes, and where somebody can do so himself."""
    exporter = export(fleet())
    before = Html(exporter.get("/").text)
    exporter.page()
    after = Html(exporter.get("/").text)

    assert "No SBC has been scraped yet." in before.words
    assert before.links.count("metrics") == 2
    assert "No SBC has been scraped yet." not in after.words


def test_an_sbc_that_is_there_is_not_called_down(fleet: Fleet, export: Export) -> None:
    """One that refuses the login, the rights or the handshake has that as its state."""
    simulator = fleet(4)
    refusing, limiting, untrusted, _ = simulator.devices
    refusing.accounts["monitor"] = Account("another", admin=True)
    limiting.accounts["monitor"] = replace(limiting.accounts["monitor"], admin=False)
    untrusted.certificate = "expired"
    exporter = export(simulator)

    def states() -> list[str]:
        exporter.page()
        return [row[1].split(maxsplit=1)[1] for row in Html(exporter.get("/").text).rows[1:]]

    assert states() == ["login refused", "no rights", "TLS refused", "fine"]
    assert states() == ["login withheld", "no rights", "TLS refused", "fine"]
