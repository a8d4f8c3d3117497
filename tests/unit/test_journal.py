"""What is kept of an SBC's scrapes for people to read."""

from __future__ import annotations

from sbc_exporter.journal import MOST_ENTRIES, MOST_OUTAGES, Journal
from sbc_exporter.report import CollectorResult, Failure, Report
from sbc_exporter.visit import Step

STEPS = (Step("wait", 0.0), Step("fetch", 0.05))


def scraped(ended_at: float, code: str | None = None) -> Report:
    """A scrape that ended then, with that failure."""
    failure = Failure(code, f"it failed at {ended_at:g}", "look") if code else None
    return Report(
        target="sbc",
        module="default",
        ended_at=ended_at,
        finished=ended_at,
        seconds=0.05,
        timeout=8,
        results=(CollectorResult("asyncstatus", 0.05, failure),),
        steps=STEPS,
        labels=(),
        findings=(),
    )


def journal(*reports: Report) -> Journal:
    kept = Journal()
    for report in reports:
        kept.add(report)
    return kept


def test_the_last_scrapes_are_kept_newest_first() -> None:
    """So many stay as are shown, each with its time, its steps and how it ended."""
    kept = journal(*(scraped(second) for second in range(100)))

    assert [entry.ended_at for entry in kept.entries] == list(range(99, 99 - MOST_ENTRIES, -1))
    assert {(entry.seconds, entry.timeout, entry.steps) for entry in kept.entries} == {
        (0.05, 8, STEPS)
    }
    assert kept.outages == ()


def test_successes_do_not_wash_a_failure_away() -> None:
    """A failure stays after more scrapes that went well than are kept."""
    kept = journal(scraped(0, "timeout"), *(scraped(second) for second in range(1, 100)))

    assert all(entry.failure is None for entry in kept.entries)
    (outage,) = kept.outages
    assert outage.first.failure == Failure("timeout", "it failed at 0", "look")


def test_failures_in_a_row_are_one_outage() -> None:
    """It holds its beginning, its last failure and their number, however long it takes."""
    kept = journal(*(scraped(second, "connect") for second in range(1000)))

    (outage,) = kept.outages
    assert (outage.first.ended_at, outage.last.ended_at, outage.count) == (0, 999, 1000)


def test_another_code_or_a_success_ends_an_outage() -> None:
    """Each outage has one code, and no success in it."""
    codes = ["connect", "timeout", "timeout", None, "timeout"]
    kept = journal(*(scraped(second, code) for second, code in enumerate(codes)))

    spans = [(one.first.ended_at, one.last.ended_at, one.count) for one in kept.outages]
    assert spans == [(4, 4, 1), (1, 2, 2), (0, 0, 1)]


def test_an_sbc_that_fails_all_the_time_does_not_fill_the_memory() -> None:
    """Of outages, too, only so many are kept, the newest ones."""
    codes = ("connect", "timeout")
    kept = journal(*(scraped(second, codes[second % 2]) for second in range(100)))

    assert [one.first.ended_at for one in kept.outages] == list(range(99, 99 - MOST_OUTAGES, -1))
