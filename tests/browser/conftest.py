"""A real browser, Debian's Chromium, on the pages of a real exporter."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

AXE = Path(__file__).parents[2] / ".cache" / "axe" / "axe.min.js"

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(program: Callable[[str], str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """
    `open_page(url, width=360, color_scheme="dark")`: a page in a window of its own.

    Its clock stands still but for what the test makes of it, so nothing refreshes by chance. At
    the end the browser must have had nothing to complain of.
    """
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # That an answer was an error is what some tests are about.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    with ExitStack() as stack:

        def make(url: str, *, width: int = 1400, **context: object) -> Page:
            window = browser.new_context(viewport={"width": width, "height": 900}, **context)  # type: ignore[arg-type]  # passed on
            stack.callback(window.close)
            page = window.new_page()
            page.on("console", hear)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.clock.install()
            page.goto(url)
            return page

        yield make

    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core; tests/axe.sh fetches it."""
    if not AXE.exists():
        message = "not checked, because axe-core is not in .cache: see tests/axe.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return AXE.read_text(encoding="utf-8")
