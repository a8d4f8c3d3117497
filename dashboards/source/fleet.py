"""All SBCs: how many are well, which are not, and since when."""

from __future__ import annotations

from grafana_foundation_sdk.models.common import (
    TableCellBackgroundDisplayMode,
    TableColoredBackgroundCellOptions,
    TableColorTextCellOptions,
)
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.source import variables
from dashboards.source.board import Shelf, board, shelf
from dashboards.source.fields import (
    OF_ROW,
    Override,
    column,
    operation_words,
    steps,
    words,
)
from dashboards.source.fleet_history import history
from dashboards.source.panels import OF_TARGET, number
from dashboards.source.promql import (
    CODE,
    ERRORS,
    LAST_CHANGE,
    LATENCY,
    PRIORITY,
    between,
    chosen,
    count,
    labelled,
    nameless,
    picked,
    raw,
    where,
)
from dashboards.source.states import (
    BLUE,
    END,
    FAIL,
    GREEN,
    GREY,
    IN_PROGRESS,
    NEVER,
    PLAIN,
    RED,
    UNKNOWN,
)
from dashboards.source.tables import table

_TEXT = TableColorTextCellOptions()
_CELL = TableColoredBackgroundCellOptions(mode=TableCellBackgroundDisplayMode.BASIC)
_RUNNING = between(IN_PROGRESS, UNKNOWN)
_FAILED = between(FAIL, END)
_RUNNING_FOR = where(labelled(f"time() - {raw(LAST_CHANGE)}"), _RUNNING)
# Milliseconds, as Grafana counts time; 0 stands for never.
_SINCE = f"{labelled(f'1000 * {raw(LAST_CHANGE)}')} or 0 * ({chosen(CODE)} == {NEVER})"


def fleet() -> Dashboard:
    return board(
        uid="sbc-fleet",
        title="SBC fleet",
        description=(
            "All SBCs: which are up, what their last operation was and how it ended. "
            "Needs the recording rules in dashboards/rules.yml."
        ),
        since="now-6h",
        variables=[
            variables.data_source(),
            variables.job(),
            variables.instance(),
            variables.label(),
            variables.value(),
            variables.targets(),
        ],
        alerts='alertname=~"Sbc.+"',
        sections=[
            ("Now", [_counts(), _lists()]),
            ("All SBCs, worst first", [shelf(14, (24, _all()))]),
            ("History", history()),
        ],
    )


def _counts() -> Shelf:
    up = number(
        "Up",
        "SBCs that answered in their last scrape. Compare with Down.",
        count(picked(f"{raw('sbc_up')} == 1")),
        thresholds=steps(RED, (1, GREEN)),
    )
    down = number(
        "Down",
        "SBCs that gave no valid answer in their last scrape. When it is red: find them in the "
        "table below, open one and look at its errors by code; runbook: SbcDown, "
        "SbcCredentialsRefused.",
        count(picked(f"{raw('sbc_up')} == 0")),
        thresholds=steps(GREEN, (1, RED)),
    )
    failed = number(
        "Failed",
        "SBCs whose last operation failed. When it is red: see the list below; runbook: "
        "SbcOperationFailed.",
        count(_FAILED),
        thresholds=steps(GREEN, (1, RED)),
    )
    running = number(
        "In progress",
        "SBCs on which an operation runs now. It is never red; when one runs for long, see the "
        "list below; runbook: SbcOperationTooLong.",
        count(_RUNNING),
        thresholds=steps(GREY, (1, BLUE)),
    )
    unknown = number(
        "Unknown",
        "SBCs of which the last operation is not known, because they do not answer or gave a word "
        "that the API does not document. It is never red; Down says which do not answer.",
        count(between(UNKNOWN, FAIL)),
        thresholds=steps(GREY),
    )
    longest = number(
        "Longest in progress",
        "The operation that has been in progress for the longest time. It is never red; compare "
        "with what is usual, an activate is quicker than a backup; runbook: SbcOperationTooLong.",
        f"topk(1, {_RUNNING_FOR})",
        unit="dtdurations",
        legend=OF_TARGET,
        thresholds=steps(BLUE),
        no_value="none",
    )
    slowest = number(
        "Slowest API",
        "The SBC whose latest answer took longest, logins left out. When it is red, it took more "
        "than two seconds: look at the SBC's load; runbook: SbcApiSlow.",
        f"topk(1, {chosen(LATENCY)})",
        unit="s",
        legend=OF_TARGET,
        thresholds=steps(PLAIN, (2, RED)),
        no_value="none",
    )
    counts = (up, down, failed, running, unknown)
    return shelf(4, *((3, one) for one in counts), (5, longest), (4, slowest))


def _lists() -> Shelf:
    failed = table(
        "Failed operations",
        "SBCs whose last operation failed, the latest first. All of it is red: open the SBC, or "
        "the exporter's status page for the SBC's own error message; runbook: SbcOperationFailed.",
        [where(labelled(f"1000 * {raw(LAST_CHANGE)}"), _FAILED), nameless(_FAILED)],
        sort="Value #A",
        order=("target", "Value #B", "Value #A"),
        overrides=[
            _sbc(),
            column("Value #A", displayName="Since", unit="dateTimeFromNow"),
            _operation("Value #B"),
        ],
    )
    running = table(
        "Operations in progress",
        "SBCs on which an operation runs, the longest first. It is never red: compare with what "
        "is usual for that operation; runbook: SbcOperationTooLong.",
        [_RUNNING_FOR, nameless(_RUNNING)],
        sort="Value #A",
        order=("target", "Value #B", "Value #A"),
        overrides=[
            _sbc(),
            column("Value #A", displayName="For", unit="dtdurations"),
            _operation("Value #B"),
        ],
    )
    return shelf(8, (12, failed), (12, running))


def _all() -> Panel:
    return table(
        "SBCs",
        "Every SBC with its last operation and the labels that the configuration gives it; each "
        "row leads to the SBC. Failed operations come first, then SBCs that do not answer, then "
        "operations in progress. When a cell is red: runbook SbcDown or SbcOperationFailed.",
        [
            nameless(chosen(PRIORITY)),
            nameless(chosen(CODE)),
            _SINCE,
            labelled(raw("sbc_up")),
            nameless(chosen(LATENCY)),
            f"60 * {chosen(ERRORS)}",
        ],
        sort="Value #A",
        order=("target", "Value #D", "Value #B", "Value #C", "Value #E", "Value #F"),
        hidden=["Value #A"],
        overrides=[
            _sbc(),
            _operation("Value #B"),
            column(
                "Value #C",
                displayName="Since",
                unit="dateTimeFromNow",
                noValue="unknown",
                mappings=words({0: ("never", GREY)}),
            ),
            column(
                "Value #D",
                displayName="SBC is",
                mappings=words({0: ("down", RED), 1: ("up", GREEN)}),
                custom_cellOptions=_TEXT,
            ),
            column("Value #E", displayName="API latency", unit="s"),
            column("Value #F", displayName="Errors per minute", unit="short", decimals=1),
        ],
    )


def _sbc() -> Override:
    return column("target", displayName="SBC", links=[OF_ROW])


def _operation(name: str) -> Override:
    return column(
        name,
        displayName="Last operation",
        mappings=operation_words(),
        custom_cellOptions=_CELL,
    )
