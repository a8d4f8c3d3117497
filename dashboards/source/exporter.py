"""The exporter itself: is it up, is it in time, is it well."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.source import variables
from dashboards.source.board import Shelf, board, shelf
from dashboards.source.exporter_process import process
from dashboards.source.fields import OF_ROW, column, steps, words
from dashboards.source.heatmaps import buckets
from dashboards.source.panels import OF_TARGET, graph, number, query
from dashboards.source.promql import (
    DEADLINE,
    ERRORS_BY_CODE,
    EXPORTER,
    LATENCY,
    chosen,
    count,
    nameless,
    of_exporter,
    picked,
    raw,
    top,
)
from dashboards.source.states import GREEN, RED
from dashboards.source.tables import table

_DURATIONS = "sbc_exporter_request_duration_seconds"


def exporter() -> Dashboard:
    return board(
        uid="sbc-exporter",
        title="SBC exporter",
        description=(
            "sbc_exporter itself: its scrapes against their deadline, its process, its "
            "configuration. Needs the recording rules in dashboards/rules.yml."
        ),
        since="now-6h",
        variables=[
            variables.data_source(),
            variables.job(),
            variables.instance(),
            variables.exporter(),
            variables.label(),
            variables.value(),
            variables.targets(),
        ],
        alerts='alertname=~"SbcExporter.+|SbcNotScraped|SbcScrapeNearDeadline"',
        sections=[
            ("Now", [_now()]),
            ("Scrapes", _scrapes()),
            ("SBCs", _sbcs()),
            ("Process", process()),
        ],
    )


def _now() -> Shelf:
    version = number(
        "Version",
        "The versions of the exporters that run. It is never red; more than one means that not "
        "all are upgraded.",
        f"count by (version) ({of_exporter('sbc_exporter_build_info')})",
        legend="{{version}}",
        no_value="none",
    )
    sbcs = number(
        "SBCs",
        "SBCs in the configuration, over all exporters. It is never red.",
        f"sum({of_exporter('sbc_exporter_targets')})",
        no_value="none",
    )
    failed = number(
        "Failing scrapes",
        "Prometheus targets of these jobs that do not answer: exporters that are down, or SBCs "
        "for which /probe gives an error. When it is red: see Prometheus' page of targets; "
        "runbook: SbcExporterDown, SbcNotScraped.",
        count(f"{of_exporter('up')} == 0"),
        thresholds=steps(GREEN, (1, RED)),
    )
    reload = number(
        "Configuration",
        "Whether the last reading of the configuration went well, on every exporter. When it is "
        "red, the old one is still in force: run check-config; runbook: SbcExporterReloadFailed.",
        f"min({of_exporter('sbc_exporter_config_last_reload_successful')})",
        mappings=words({0: ("refused", RED), 1: ("in force", GREEN)}),
        no_value="not scraped",
    )
    loaded = number(
        "Configuration read",
        "When the configuration was last read without an error, on the exporter where that is "
        "longest ago. It is never red.",
        f"1000 * min({of_exporter('sbc_exporter_config_last_reload_success_timestamp_seconds')})",
        unit="dateTimeFromNow",
        no_value="never",
    )
    running = number(
        "Started",
        "When the exporter that started last did so. It is never red; a time that keeps changing "
        "means that it crashes or is killed.",
        f"1000 * max({of_exporter('process_start_time_seconds')})",
        unit="dateTimeFromNow",
        no_value="not scraped",
    )
    bugs = number(
        "Internal errors",
        "Errors of the exporter itself in this time. When it is red, its log has a traceback for "
        "each: report it; runbook: SbcExporterInternalErrors.",
        f"round(sum(increase({of_exporter('sbc_exporter_internal_errors_total')}[$__range])))",
        thresholds=steps(GREEN, (1, RED)),
        no_value="none",
    )
    flight = number(
        "In flight",
        "Requests for metrics that are being answered. It is never red; more than "
        "--web.max-requests at once get a 503.",
        f"sum({of_exporter('sbc_exporter_scrapes_in_flight')})",
        no_value="none",
    )
    return shelf(
        4,
        *((3, one) for one in (version, sbcs, failed, reload, loaded, running, bugs, flight)),
    )


def _scrapes() -> list[Shelf]:
    part = graph(
        "Scrapes against their deadline",
        "The part of its time that the scrape of an SBC took, for the ten SBCs that came nearest "
        "in the hour before the end of this time. At 100 % the SBC counts as down. Above the "
        "dashed line, allow more time; runbook: SbcScrapeNearDeadline.",
        [
            query(
                top(
                    10,
                    chosen(DEADLINE, EXPORTER),
                    f"max_over_time({chosen(DEADLINE, EXPORTER)}[1h] @ end())",
                ),
                OF_TARGET,
            )
        ],
        unit="percentunit",
        limit=0.8,
        no_value="none",
    )
    pages = graph(
        "Time of Prometheus' scrapes",
        "Time that Prometheus waited for the exporter: the longest of each job. Above its "
        "scrape_timeout the whole page is lost: compare with that; runbook: SbcExporterDown.",
        [query(f"max by (job) ({of_exporter('scrape_duration_seconds')})", "{{job}}")],
        unit="s",
        no_value="none",
    )
    flight = graph(
        "Scrapes in flight",
        "Requests for metrics that were being answered, the scrape that asks included. When it "
        "stays near --web.max-requests, something scrapes too often, or SBCs are slow.",
        [query(of_exporter("sbc_exporter_scrapes_in_flight"), "{{instance}}")],
        unit="none",
        no_value="none",
    )
    answered = buckets(
        "Requests to SBCs",
        "How long answered requests took, over all SBCs of the exporter, whatever is picked "
        "above by label. It is never red; a band that moves up means that all became slower.",
        f"sum by (le) (rate({of_exporter(f'{_DURATIONS}_bucket')}[$__rate_interval]))",
        counted="requests per second",
    )
    return [shelf(9, (12, part), (12, pages)), shelf(9, (12, flight), (12, answered))]


def _sbcs() -> list[Shelf]:
    errors = graph(
        "Errors by code",
        "Requests without a usable answer, per minute over the fleet, by HTTP status or by what "
        "went wrong. README says what each code means. When one grows for all SBCs at once, look "
        "at the network, or at an account that they share; runbook: SbcApiErrors.",
        [
            query(
                f"60 * sum by (code) ({picked(f'{raw(ERRORS_BY_CODE, EXPORTER)} > 0')})",
                "{{code}}",
            )
        ],
        unit="short",
        bars=True,
        no_value="none",
    )
    slowest = table(
        "Slowest SBCs",
        "The ten SBCs whose latest answers took longest, logins left out. It is never red; each "
        "row leads to the SBC; runbook: SbcApiSlow.",
        [nameless(f"topk(10, {chosen(LATENCY, EXPORTER)})")],
        sort="Value",
        order=("target", "Value"),
        overrides=[
            column("target", displayName="SBC", links=[OF_ROW]),
            column("Value", displayName="API latency", unit="s"),
        ],
    )
    return [shelf(9, (12, errors), (12, slowest))]
