"""What the fleet did over time: top SBCs only, however many there are."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from dashboards.source.board import Shelf, shelf
from dashboards.source.heatmaps import buckets
from dashboards.source.panels import OF_TARGET, graph, query, timeline
from dashboards.source.promql import CODE, DEADLINE, ERRORS, LATENCY, PRIORITY, chosen, count, top

_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


def history() -> list[Shelf]:
    return [shelf(16, (24, _operations())), *_graphs()]


def _operations() -> Panel:
    return timeline(
        "Last operation over time",
        "What each SBC reported as its last operation, for the 25 SBCs that matter most at the "
        "end of this time: failed, without an answer, in progress, changed last. When a bar is "
        "red, that operation failed: open the SBC; runbook: SbcOperationFailed.",
        [query(top(25, chosen(CODE), f"{chosen(PRIORITY)} @ end()"), OF_TARGET)],
        rows=25,
    )


def _graphs() -> list[Shelf]:
    latency = buckets(
        "API latency",
        "How many SBCs answered how fast, logins left out. It is never red; a band that moves up "
        "means that all SBCs, or the network to them, became slower; runbook: SbcApiSlow.",
        _cumulative(chosen(LATENCY)),
        counted="SBCs",
    )
    slow = graph(
        "Slowest SBCs",
        "API latency of the ten SBCs that were slowest in the hour before the end of this time. "
        "Above the dashed line, two seconds, look at the SBC's load; runbook: SbcApiSlow.",
        [query(top(10, chosen(LATENCY), _worst(LATENCY)), OF_TARGET)],
        unit="s",
        limit=2,
        no_value="none",
    )
    errors = graph(
        "Errors per minute",
        "Requests without a usable answer, of the ten SBCs with the most in the hour before the "
        "end of this time. It is never red; where it is above 0, open the SBC and see the code; "
        "runbook: SbcApiErrors.",
        [query(f"60 * ({top(10, chosen(ERRORS), _worst(ERRORS))})", OF_TARGET)],
        unit="short",
        no_value="none",
    )
    late = graph(
        "Scrapes near their deadline",
        "The part of its time that a scrape took, of the ten SBCs that came nearest in the hour "
        "before the end of this time. At 100 % the SBC counts as down. Above the dashed line, "
        "allow more time; runbook: SbcScrapeNearDeadline.",
        [query(top(10, chosen(DEADLINE), _worst(DEADLINE)), OF_TARGET)],
        unit="percentunit",
        limit=0.8,
        no_value="none",
    )
    return [shelf(9, (12, latency), (12, slow)), shelf(9, (12, errors), (12, late))]


def _worst(recorded: str) -> str:
    return f"max_over_time({chosen(recorded)}[1h] @ end())"


def _cumulative(durations: str) -> str:
    """How many are at most that long, for each bound: a histogram as Prometheus would have it."""
    counted = [(str(bound), f"{durations} <= {bound}") for bound in _BOUNDS]
    return " or ".join(
        f'label_replace({count(expr)}, "le", "{bound}", "", "")'
        for bound, expr in [*counted, ("+Inf", durations)]
    )
