"""One SBC: what ran on it, how it answers, and what the exporter made of it."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardLink,
    DashboardLinkType,
    Panel,
)

from dashboards.source import variables
from dashboards.source.board import Shelf, board, shelf
from dashboards.source.device_graphs import api, scrapes
from dashboards.source.fields import coloured, operation_words, steps, words
from dashboards.source.panels import graph, number, query, timeline
from dashboards.source.promql import CODE, LAST_CHANGE, LATENCY, its
from dashboards.source.states import GREEN, GREY, NEVER, PLAIN, RED
from dashboards.source.tables import table


def device() -> Dashboard:
    made = board(
        uid="sbc-device",
        title="SBC device",
        description=(
            "One SBC: its operations and results, how its API answers, and what the exporter "
            "thinks of it. Needs the recording rules in dashboards/rules.yml."
        ),
        since="now-24h",
        variables=[
            variables.data_source(),
            variables.job(),
            variables.instance(),
            variables.label(),
            variables.value(),
            variables.target(),
        ],
        alerts='alertname=~"Sbc.+",target="$target"',
        sections=[
            ("Now", [_now()]),
            (
                "Operations",
                [shelf(6, (24, _operations())), shelf(9, (14, _days()), (10, _labels()))],
            ),
            ("API", api()),
            ("What the exporter thinks", scrapes()),
        ],
    )
    made.links = [_fleet(), *(made.links or [])]
    return made


def _fleet() -> DashboardLink:
    """Back, but not to this one SBC only."""
    kept = "&".join(
        f"${{{name}:queryparam}}" for name in ("datasource", "job", "instance", "label", "value")
    )
    return DashboardLink(
        title="SBC fleet",
        type_val=DashboardLinkType.LINK,
        icon="dashboard",
        tooltip="All SBCs",
        url=f"/d/sbc-fleet?{kept}",
        keep_time=True,
    )


def _now() -> Shelf:
    up = number(
        "SBC is",
        "Whether the SBC gave a valid answer in its last scrape. When it is red: see the errors "
        "by code below; runbook: SbcDown, SbcCredentialsRefused.",
        its("sbc_up"),
        mappings=words({0: ("down", RED), 1: ("up", GREEN)}),
        no_value="not scraped",
    )
    last = number(
        "Last operation",
        "What ran last on the SBC, whoever started it, and how it ended. When it is red: the "
        "exporter's status page has the SBC's own error message; runbook: SbcOperationFailed.",
        its(CODE),
        mappings=operation_words(),
        no_value="unknown",
    )
    since = number(
        "Since",
        "When the exporter first saw that operation and status; the SBC gives no time. It is "
        "never red.",
        f"1000 * {its(LAST_CHANGE)} or 0 * ({its(CODE)} == {NEVER})",
        unit="dateTimeFromNow",
        mappings=words({0: ("never", GREY)}),
        no_value="unknown",
    )
    latency = number(
        "API latency",
        "Time that the SBC's latest answer took, logins left out. When it is red, it took more "
        "than two seconds: look at the SBC's load; runbook: SbcApiSlow.",
        its(LATENCY),
        unit="s",
        thresholds=steps(PLAIN, (2, RED)),
        no_value="no answer",
    )
    logins = number(
        "Logins",
        "Whether the exporter logs in when it has to. When it is red, the SBC refused the login "
        "and the exporter sends no other, so that the account is not locked: put the "
        "credentials right and reload; runbook: SbcCredentialsRefused, SbcLoginWithheld.",
        its("sbc_login_withheld"),
        mappings=words({0: ("as needed", GREEN), 1: ("withheld", RED)}),
        no_value="not scraped",
    )
    again = number(
        "Next login",
        "When the exporter tries the login again, where it withholds one. When there is a time, "
        "a reload of the exporter is quicker; runbook: SbcLoginWithheld.",
        f"1000 * {its('sbc_login_retry_timestamp_seconds')}",
        unit="dateTimeFromNow",
        no_value="none withheld",
    )
    return shelf(4, *((4, one) for one in (up, last, since, latency, logins, again)))


def _operations() -> Panel:
    return timeline(
        "Last operation over time",
        "What the SBC reported as its last operation, and how it stood. When it is red, that "
        "operation failed, and nothing was started since; runbook: SbcOperationFailed.",
        [query(its(CODE), "last operation")],
    )


def _days() -> Panel:
    changes = its("sbc_async_operation_changes_total", 'status=~"success|fail"')
    panel = graph(
        "Results by day",
        "How many operations ended, by kind and result, in the 24 hours before each bar. Two "
        "equal results without anything between them count as one. When bars are red, see which "
        "operation fails again and again.",
        # Of a day each: the interval of the query is never shorter.
        [
            query(
                f"round(sum by (operation, status) (increase({changes}[$__interval]))) > 0",
                "{{operation}} {{status}}",
                interval="1d",
            )
        ],
        unit="none",
        bars=True,
        no_value="none",
        overrides=[coloured("/success$/", GREEN), coloured("/fail$/", RED)],
    )
    panel.time_from = "14d"
    return panel


def _labels() -> Panel:
    return table(
        "Labels",
        "The labels that the configuration gives this SBC. It is never red.",
        [its("sbc_target_info")],
        sort="target",
        order=("target",),
        hidden=["Value", "Value #A"],
    )
