"""Pages that everybody can use: axe-core finds nothing, and nothing is cut off."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from sbc_exporter.simulator import Outcome, Simulator
from tests.support import Exporter

Fleet = Callable[..., Simulator]
Export = Callable[..., Exporter]
Open = Callable[..., Page]

# An SBC in each situation that a page tells apart.
DETAILS = "<verify><object>realm</object><message>is not used</message></verify>"


@pytest.fixture
def exporter(fleet: Fleet, export: Export) -> Exporter:
    simulator = fleet(6)
    failed, fine, verified, running, down, _ = simulator.devices
    failed.run("activate", Outcome(status="fail", seconds=0, error_message="realm/" * 60))
    fine.run("save", Outcome(seconds=0))
    verified.run("verify", Outcome(seconds=0, additional_info=DETAILS))
    running.run("backup", Outcome(seconds=math.inf))
    exporter = export(simulator)
    exporter.page()
    down.stop()
    exporter.page()
    return exporter


@pytest.mark.parametrize("path", ["/", "/?q=nowhere", "/targets/sbc-001", "/targets/sbc-005"])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_axe_finds_no_violation(
    exporter: Exporter, open_page: Open, axe: str, path: str, color_scheme: str, width: int
) -> None:
    """Contrast, names, roles, order: on a phone and a wide screen, by day and by night."""
    page = open_page(f"{exporter.url}{path}", width=width, color_scheme=color_scheme)
    page.evaluate(axe)

    violations = page.evaluate("axe.run().then((found) => found.violations)")

    assert [(one["id"], one["help"], [n["html"] for n in one["nodes"]]) for one in violations] == []


@pytest.mark.parametrize("path", ["/", "/targets/sbc-001", "/targets/sbc-005"])
@pytest.mark.parametrize("width", [320, 360, 800, 1400])
def test_nothing_stands_beyond_the_edge(
    exporter: Exporter, open_page: Open, path: str, width: int
) -> None:
    """A page is as wide as its window, down to the narrowest, so nobody scrolls sideways."""
    page = open_page(f"{exporter.url}{path}", width=width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_table_stays_a_table_on_a_phone(exporter: Exporter, open_page: Open) -> None:
    """A screen reader finds rows and cells, although the eye sees cards."""
    page = open_page(exporter.url, width=360)

    assert page.get_by_role("row").count() == 7
    assert page.get_by_role("rowheader").count() == 6
    assert page.get_by_role("columnheader").count() == 6
