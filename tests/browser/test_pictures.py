"""The demo as people see it; its pictures stand in README."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.cli.process import running

Open = Callable[..., Page]

DOCS = Path(__file__).parents[2] / "docs"
# The first scene begins after ten seconds, and its activate takes five.
PATIENCE = 60_000

PICTURES = {
    "status-page.png": ("", 1400),
    "status-page-phone.png": ("", 360),
    "target-page.png": ("targets/sbc-002", 1400),
}


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    """The address of the demo's status page."""
    with running("demo", "--web.listen-address=127.0.0.1:0", env={"PATH": ""}) as demo:
        yield demo.line("the status page").split()[0]


@pytest.fixture
def keep(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where pictures go: into the checkout where new ones are wanted."""
    return DOCS if request.config.getoption("--update-pictures") else tmp_path


@pytest.mark.parametrize("name", PICTURES)
def test_the_demo_shows_a_failure(demo: str, open_page: Open, keep: Path, name: str) -> None:
    """Soon after its start an activate has failed, and the page says on which SBC and why."""
    path, width = PICTURES[name]
    page = open_page(f"{demo}{path}", width=width)
    page.clock.resume()

    # On the fleet's page it is the second row, below the SBC that is down.
    expect(page.locator("#fleet tbody tr").nth(1).or_(page.locator("#now"))).to_contain_text(
        "activate failed", timeout=PATIENCE
    )
    expect(page.get_by_text("realm core-ams refers to network-interface")).to_be_visible()
    picture = page.screenshot(path=keep / name, full_page=True)

    # The width of a PNG stands at a fixed place of its header.
    assert int.from_bytes(picture[16:20]) == width


def test_readme_has_every_picture() -> None:
    """None is kept for nothing."""
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    kept = {path.name for path in DOCS.iterdir()}

    assert kept == set(PICTURES)
    assert {name for name in kept if f"](docs/{name})" not in readme} == set()
