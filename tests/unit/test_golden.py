"""Answers in tests/golden, each with the metrics that it gives beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from sbc_exporter.collectors import asyncstatus
from sbc_exporter.exposition import render
from sbc_exporter.metrics import Sample
from sbc_exporter.report import Report
from sbc_exporter.xmltree import parse
from tests.support import Page

FOLDER = Path(__file__).parent.parent / "golden" / "asyncstatus"

# The first answer of a sequence, and how far each is from the one before.
START = 1_800_000_000.0
APART = 15.0

# NAME.xml, or the sequence NAME.1.xml, NAME.2.xml ...
NAMES = sorted({path.name.split(".")[0] for path in FOLDER.glob("*.xml")})


def may_update(*, wanted: bool, environ: Mapping[str, str]) -> bool:
    if wanted and environ.get("CI") == "true":
        pytest.fail("--update-golden is refused where CI=true: look at the change yourself")
    return wanted


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether the golden files shall be written anew."""
    return may_update(wanted=request.config.getoption("--update-golden"), environ=os.environ)


def answers(name: str) -> list[bytes]:
    """The answers of that name, in their order."""
    paths = sorted(FOLDER.glob(f"{name}.*.xml"), key=lambda path: int(path.name.split(".")[1]))
    return [path.read_bytes() for path in paths or [FOLDER / f"{name}.xml"]]


def samples(contents: list[bytes]) -> tuple[Sample, ...]:
    """The collector's samples after the last of these answers."""
    collector = asyncstatus.COLLECTOR
    history: asyncstatus.History | None = None
    for number, content in enumerate(contents):
        history = collector.fold(history, parse(content), START + number * APART)
    assert history is not None
    return (*collector.gauges(history), *collector.counters(history))


def exposition(found: tuple[Sample, ...]) -> str:
    """These samples as they stand on a page, without those of the scrape itself."""
    report = Report(
        target="sbc",
        module="default",
        ended_at=START,
        finished=0,
        seconds=0,
        timeout=8,
        results=(),
        steps=(),
        labels=(),
        findings=found,
    )
    own = tuple(family.name for family in asyncstatus.COLLECTOR.families)
    lines = render([report], (), "text").body.decode().splitlines(keepends=True)
    named = re.compile(rf"(# (HELP|TYPE) )?({'|'.join(own)})[ {{]")
    return "".join(line for line in lines if named.match(line))


@pytest.mark.parametrize("name", NAMES)
def test_answers_give_the_golden_metrics(name: str, *, update: bool) -> None:
    """After the last answer of a sequence the collector's families read as in NAME.prom."""
    text = exposition(samples(answers(name)))
    Page(text)
    golden = FOLDER / f"{name}.prom"
    if update:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_pair() -> None:
    """No metrics are left behind by an answer that is gone, and sequences have no gap."""
    assert {path.stem for path in FOLDER.glob("*.prom")} == set(NAMES)
    for name in NAMES:
        numbers = sorted(int(path.name.split(".")[1]) for path in FOLDER.glob(f"{name}.*.xml"))
        assert numbers == list(range(1, len(numbers) + 1))


def test_update_is_refused_in_continuous_integration() -> None:
    """There, golden files that write themselves would hide every change."""
    with pytest.raises(pytest.fail.Exception, match="refused where CI=true"):
        may_update(wanted=True, environ={"CI": "true"})
    assert may_update(wanted=True, environ={})
    assert not may_update(wanted=False, environ={"CI": "true"})
