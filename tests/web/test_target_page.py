"""The page of one SBC: its last scrapes step by step, its failures, and a button that scrapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sbc_exporter.journal import MOST_ENTRIES
from sbc_exporter.simulator import Outcome, Simulator, faults, write_config
from sbc_exporter.web.app import Limits
from tests.running.pieces import PATIENCE, Gate
from tests.support import Exporter, exporting, from_file
from tests.web.reading import Html

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]


def target_page(exporter: Exporter, name: str = "sbc-001") -> Html:
    answer = exporter.get(f"/targets/{name}")
    assert answer.status_code == 200, answer.text
    return Html(answer.text)


def results(page: Html) -> Sequence[str]:
    """The results of the last scrapes, newest first."""
    return [row[1] for row in page.rows[1:] if len(row) == 4 and row != page.rows[0]]


def test_every_scrape_is_told_step_by_step(fleet: Fleet, export: Export) -> None:
    """The first scrape connects and logs in, the next ones fetch only; each step has its time."""
    exporter = export(fleet())
    exporter.page()
    exporter.page()

    warm, first = target_page(exporter).rows[1:3]

    def names(cell: str) -> Sequence[str]:
        return [word for word in cell.split() if word.isalpha() and word not in {"ms", "s"}]

    assert names(first[3]) == ["resolve", "connect", "TLS", "login", "fetch", "parse"]
    assert names(warm[3]) == ["fetch", "parse"]
    assert first[2].endswith("of 8 s")


def test_a_failed_step_is_named(fleet: Fleet, export: Export) -> None:
    """The step that failed says so, and the scrape has the code, the reason and what to do."""
    simulator = fleet()
    simulator.devices[0].stop()
    exporter = export(simulator)
    exporter.page()

    page = target_page(exporter)

    scrape, _, outage = page.rows[1:]
    assert scrape[1].startswith("\N{MULTIPLICATION X} failed connect connect to 127.0.0.1")
    assert scrape[3].endswith("failed")
    assert "connect" in scrape[3]
    assert outage[3].endswith("https-state enabled.")


def test_failures_stay_after_twenty_scrapes_that_went_well(fleet: Fleet, export: Export) -> None:
    """They have a table of their own, with how often, from when to when, and the first's steps."""
    simulator = fleet()
    (device,) = simulator.devices
    device.faults["admin/asyncstatus"] = faults.Status(500)
    exporter = export(simulator)
    exporter.page()
    exporter.page()
    device.faults.clear()
    for _ in range(MOST_ENTRIES + 3):
        exporter.page()

    page = target_page(exporter)

    *scrapes, _, outage = page.rows[1:]
    assert [row[1] for row in scrapes] == ["\N{CHECK MARK} answered"] * MOST_ENTRIES
    assert outage[2] == "2"
    assert outage[3].startswith("500 HTTP status 500")
    assert "fetch" in outage[4]


def test_before_the_first_scrape_nothing_is_claimed(fleet: Fleet, export: Export) -> None:
    """No scrape, no failure, no operation; settings and a way to scrape are there."""
    page = target_page(export(fleet(), "min_interval: 30s"))
    assert "? not scraped yet The last operation: not known" in page.words
    assert "The last scrapes None yet." in page.words
    assert "Failed scrapes None since the exporter started." in page.words
    assert "default: asyncstatus; API v1.2; timeout 8 s; min_interval 30 s" in page.words
    assert page.rows == []


def test_a_login_that_is_withheld_is_explained(
    fleet: Fleet, export: Export, tmp_path: Path
) -> None:
    """The page says until when no login is sent, and what ends the waiting."""
    simulator = fleet()
    exporter = export(simulator)
    (tmp_path / "sbc-password").write_text("wrong", encoding="utf-8")
    exporter.post("/-/reload")
    exporter.page()

    page = target_page(exporter)

    assert "No login is sent before 20" in page.words
    assert "because the SBC refused the last one" in page.words


def test_scrape_now_scrapes_and_shows_the_page(fleet: Fleet, export: Export) -> None:
    """The button asks the SBC at once, with the module's timeout, and leads back to its page."""
    simulator = fleet(2)
    device, other = simulator.devices
    device.run("save", Outcome(seconds=0))
    exporter = export(simulator)

    answer = exporter.post(f"/targets/{device.name}/scrape")

    assert [one.status_code for one in (*answer.history, answer)] == [303, 200]
    assert answer.url == f"{exporter.url}/targets/{device.name}"
    assert "The last operation: save succeeded" in Html(answer.text).words
    assert len(device.asked) == 2
    assert other.asked == []


def test_scrape_now_counts_among_the_scrapes(fleet: Fleet, export: Export) -> None:
    """With as many scrapes going on as there may be, it gets the 503 that they would get."""
    gate = Gate()
    exporter = export(fleet(clock=gate), "timeout: 30s", limits=Limits(max_requests=1))
    host = exporter.url.removeprefix("http://")
    with gate.shut(), closing(HTTPConnection(host, timeout=PATIENCE)) as waiting:
        waiting.request("GET", "/probe?target=sbc-001")
        assert gate.reached.wait(PATIENCE)
        answer = exporter.post("/targets/sbc-001/scrape")
    assert answer.status_code == 503
    assert "--web.max-requests" in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_sbc_that_is_not_configured_has_no_page(
    fleet: Fleet, export: Export, method: str
) -> None:
    """The answer is a 404 that names the target."""
    exporter = export(fleet())
    path = "/targets/elsewhere" + ("/scrape" if method == "POST" else "")
    answer = exporter.session.request(method, exporter.url + path, timeout=30)
    assert answer.status_code == 404
    assert answer.text == 'target "elsewhere" is not in the configuration\n'


@pytest.mark.parametrize(
    "name", ["a/b", "a b&c=d", "50%", "sbc#1?", "\u00fcber", "x/scrape", "[::1]"]
)
def test_a_name_may_hold_anything_printable(fleet: Fleet, tmp_path: Path, name: str) -> None:
    """The link of the fleet's page leads to the SBC's, and its button back to it."""
    simulator = fleet()
    path = tmp_path / "sbc-exporter.yml"
    write_config(simulator, path)
    yaml = YAML()
    document = yaml.load(path.read_text(encoding="utf-8"))
    document["targets"][0]["name"] = name
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)

    with exporting(from_file(path)) as exporter:
        (link,) = [one for one in Html(exporter.get("/").text).links if "targets" in one]
        page = exporter.get(f"/{link}")
        assert f"<h1>{name.replace('&', '&amp;')}</h1>" in page.text
        answer = exporter.post(f"/{link}/scrape")
        assert answer.url == f"{exporter.url}/{link}"
        assert results(Html(answer.text)) == ["\N{CHECK MARK} answered"]
        links = [one for one in Html(page.text).links if one.startswith("../")]
        assert [exporter.get(f"/targets/{one}").status_code for one in links] == [200] * len(links)
