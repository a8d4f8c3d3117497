"""Reports as pages, in both formats."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_exporter import report
from sbc_exporter.exposition import FAMILIES, Format, render
from sbc_exporter.metrics import Sample
from sbc_exporter.report import CollectorResult, Report
from tests.support import Page

BOTH: Sequence[Format] = ("text", "openmetrics")
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def made(
    target: str, findings: Sequence[Sample] = (), labels: tuple[tuple[str, str], ...] = ()
) -> Report:
    return Report(
        target=target,
        module="default",
        ended_at=0,
        finished=0,
        seconds=0.25,
        timeout=8,
        results=(CollectorResult("asyncstatus", 0.125),),
        steps=(),
        labels=labels,
        findings=tuple(findings),
        withheld_until=60,
        age=0,
    )


def read(format_: Format, *reports: Report) -> Page:
    body = render(reports, (), format_).body.decode()
    return Page(body, is_openmetrics=format_ == "openmetrics")


@pytest.mark.parametrize("format_", BOTH)
def test_families_stand_once_and_in_order(format_: Format) -> None:
    """Several SBCs' samples stand below one heading per family, in the documented order."""
    others = [family for family in FAMILIES if family not in report.FAMILIES]
    findings = [family.sample(1, *family.labels) for family in others]

    page = read(format_, made("a", findings[::-1]), made("b", findings))

    headings = re.findall(r"^# TYPE (\S+)", page.text, re.MULTILINE)
    names = [family.name for family in FAMILIES]
    if format_ == "openmetrics":
        names = [re.sub("_(total|info)$", "", name) for name in names]
    assert headings == names
    for family in FAMILIES:
        assert {dict(labels)["target"] for labels in page.named(family.name)} == {"a", "b"}


@given(ANY_TEXT, ANY_TEXT, st.sampled_from(BOTH))
def test_any_label_value_comes_back_whole(target: str, value: str, format_: Format) -> None:
    """Quotes, backslashes, line breaks and the like neither break a page nor change on it."""
    page = read(format_, made(target, labels=(("site", value),)))
    assert page.value("sbc_target_info", target=target, site=value) == 1


@pytest.mark.parametrize("format_", BOTH)
def test_a_label_value_cannot_forge_a_series(format_: Format) -> None:
    """What looks like a sample inside a label value stays inside it."""
    forged = '"} 1\nsbc_up{target="forged"} 1\n# EOF'
    page = read(format_, made("a", labels=(("site", forged),)))
    assert page.named("sbc_up") == {(("target", "a"),): 1}
    assert page.value("sbc_target_info", target="a", site=forged) == 1


@pytest.mark.parametrize("format_", BOTH)
def test_targets_may_have_different_labels(format_: Format) -> None:
    """Every SBC's info has its own labels, or none."""
    page = read(
        format_,
        made("a", labels=(("pair", "1"), ("site", "ams"))),
        made("b", labels=(("owner", "voice"),)),
        made("c"),
    )
    assert page.named("sbc_target_info") == {
        (("pair", "1"), ("site", "ams"), ("target", "a")): 1,
        (("owner", "voice"), ("target", "b")): 1,
        (("target", "c"),): 1,
    }


def test_openmetrics_ends_as_it_must() -> None:
    """An OpenMetrics page without any sample still has its end, and a text page is empty."""
    assert render((), (), "openmetrics").body == b"# EOF\n"
    assert render((), (), "text").body == b""
