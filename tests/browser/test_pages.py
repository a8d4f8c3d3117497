"""The pages as people use them, in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sbc_exporter.simulator import Device, Outcome, Simulator
from tests.support import Exporter, exporting, from_file

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]
Open = Callable[..., Page]

HOSTILE = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
REFRESH = 10_000
VERIFY = "<verify><object>realm</object></verify>"


def row(page: Page, device: Device) -> str:
    return page.locator(f'tr[data-key="{device.name}"]').inner_text()


def fail(device: Device, message: str = "realm is missing") -> None:
    device.run("activate", Outcome(status="fail", seconds=0, error_message=message))


def test_a_page_follows_the_scrapes_without_a_reload(
    fleet: Fleet, export: Export, open_page: Open
) -> None:
    """Within ten seconds it shows what the last scrape saw, and is still the same page."""
    simulator = fleet(2)
    exporter = export(simulator)
    exporter.page()
    page = open_page(exporter.url)
    expect(page.locator("tbody tr")).to_have_count(2)
    page.evaluate("window.isTheSame = true")

    fail(simulator.devices[1])
    exporter.page()
    page.clock.fast_forward(REFRESH)

    expect(page.locator("tbody tr").first).to_contain_text("activate failed")
    expect(page.locator("tbody tr").first).to_contain_text("realm is missing")
    expect(page.locator("#summary")).to_contain_text("1 failed")
    assert page.evaluate("window.isTheSame") is True


def test_a_refresh_keeps_the_place(fleet: Fleet, export: Export, open_page: Open) -> None:
    """What is open stays open, what has the focus keeps it, and what is seen stays in its place."""
    simulator = fleet(40)
    *others, verified = simulator.devices
    verified.run("verify", Outcome(seconds=0, additional_info=VERIFY))
    exporter = export(simulator)
    exporter.page()
    page = open_page(exporter.url)
    shown = page.locator(f'tr[data-key="{verified.name}"]')
    summary = shown.locator("summary")
    summary.scroll_into_view_if_needed()
    summary.click()
    before = shown.bounding_box()

    # These come before it now, so it would be pushed down.
    for device in others[:20]:
        fail(device)
    exporter.page()
    page.clock.fast_forward(REFRESH)
    expect(page.locator("#summary")).to_contain_text("20 failed")

    after = shown.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2
    expect(shown.locator("details")).to_have_attribute("open", "")
    expect(summary).to_be_focused()


def test_refreshing_can_be_switched_off(fleet: Fleet, export: Export, open_page: Open) -> None:
    """Whoever reads slowly is not disturbed."""
    simulator = fleet()
    exporter = export(simulator)
    page = open_page(exporter.url)
    page.get_by_label("Refresh every 10 seconds").uncheck()

    exporter.page()
    page.clock.fast_forward(10 * REFRESH)
    page.clock.resume()

    expect(page.locator("tbody tr")).to_contain_text("not scraped yet")
    page.get_by_label("Refresh every 10 seconds").check()
    page.clock.fast_forward(REFRESH)
    expect(page.locator("tbody tr")).to_contain_text("fine")


def test_a_page_says_that_the_exporter_is_gone(
    fleet: Fleet, export: Export, open_page: Open
) -> None:
    """What it said last stays on the page, below a sentence that says so, until it is back."""
    exporter = export(fleet())
    exporter.page()
    page = open_page(exporter.url)

    page.route("**/*", lambda route: route.abort())
    page.clock.fast_forward(REFRESH)
    expect(page.get_by_role("alert")).to_contain_text("The exporter does not answer.")
    expect(page.locator("tbody tr")).to_contain_text("fine")

    page.unroute("**/*")
    page.clock.fast_forward(REFRESH)
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("script", [True, False])
def test_search_shows_what_is_looked_for(
    fleet: Fleet, export: Export, open_page: Open, *, script: bool
) -> None:
    """With each letter typed, or with a click where no script may run; its address keeps it."""
    simulator = fleet(3)
    fail(simulator.devices[1])
    exporter = export(simulator)
    exporter.page()
    page = open_page(exporter.url, java_script_enabled=script)

    page.get_by_label("Search").fill("activate failed")
    if script:
        page.clock.fast_forward(1000)
    else:
        page.get_by_role("button", name="Search").click()

    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text(simulator.devices[1].name)
    expect(page.locator("#summary")).to_contain_text("1 found.")
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("Search")).to_have_value("activate failed")


@pytest.mark.parametrize("script", [True, False])
def test_scrape_now_shows_what_it_brought(
    fleet: Fleet, export: Export, open_page: Open, *, script: bool
) -> None:
    """A click scrapes the SBC, and its page has one scrape more, with script and without."""
    simulator = fleet()
    (device,) = simulator.devices
    fail(device)
    exporter = export(simulator)
    page = open_page(exporter.url, java_script_enabled=script)
    page.get_by_role("link", name=device.name).click()
    expect(page.get_by_text("None yet.")).to_be_visible()

    page.get_by_role("button", name="Scrape now").click()

    expect(page.locator("#scrapes tbody tr")).to_have_count(1)
    expect(page.locator("#now")).to_contain_text("activate failed")
    expect(page.locator("#now")).to_contain_text("realm is missing")
    expect(page.get_by_role("button", name="Scrape now")).to_be_enabled()
    assert page.url == f"{exporter.url}/targets/{device.name}"


def test_the_keyboard_reaches_everything(fleet: Fleet, export: Export, open_page: Open) -> None:
    """From the search to an SBC, on to its page, to a scrape and back, without a mouse."""
    simulator = fleet(2)
    exporter = export(simulator)
    page = open_page(exporter.url)
    page.get_by_label("Search").press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=simulator.devices[0].name)).to_be_focused()

    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Scrape now")
    expect(button).to_be_visible()
    for _ in range(5):
        page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#scrapes tbody tr")).to_have_count(1)
    expect(button).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/targets/sbc-001"])
def test_a_hostile_message_is_only_shown(
    fleet: Fleet, export: Export, open_page: Open, path: str
) -> None:
    """Markup in an SBC's error message stands there as text, after a refresh, too."""
    simulator = fleet()
    exporter = export(simulator)
    page = open_page(f"{exporter.url}{path}")
    title = page.title()

    fail(simulator.devices[0], HOSTILE)
    exporter.page()
    for show in (lambda: page.clock.fast_forward(REFRESH), page.reload):
        show()
        expect(page.get_by_text(HOSTILE)).to_be_visible()
        assert page.locator("img").count() == 0
        assert page.title() == title


@contextmanager
def many(tmp_path: Path, number: int) -> Iterator[Exporter]:
    """An exporter of so many SBCs, none of which is there."""
    lines = "".join(f"  - {{name: sbc-{n:04}, address: '127.0.0.1:1'}}\n" for n in range(number))
    path = tmp_path / "sbc-exporter.yml"
    path.write_text(
        "auths: {monitor: {username: monitor, password: simulated}}\ntargets:\n" + lines,
        encoding="utf-8",
    )
    with exporting(from_file(path)) as exporter:
        yield exporter


def test_a_thousand_sbcs_are_one_page(tmp_path: Path, open_page: Open) -> None:
    """All of them stand on the page, refresh, and are searched."""
    with many(tmp_path, 1000) as exporter:
        page = open_page(exporter.url)
        expect(page.locator("tbody tr")).to_have_count(1000)
        exporter.page()

        page.clock.fast_forward(REFRESH)
        expect(page.locator("#summary")).to_contain_text(
            "1000 SBCs: \N{MULTIPLICATION X} 1000 down"
        )
        page.get_by_label("Search").fill("sbc-0777")
        page.clock.fast_forward(1000)
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator("tbody tr")).to_contain_text("Connection refused")
