"""How one SBC's API answered over time, and what the exporter made of it."""

from __future__ import annotations

from dashboards.source.board import Shelf, shelf
from dashboards.source.fields import words
from dashboards.source.panels import graph, query, timeline
from dashboards.source.promql import DEADLINE, its
from dashboards.source.states import GREEN, RED


def api() -> list[Shelf]:
    latency = graph(
        "Latency by endpoint",
        "Time that the latest answered request to each endpoint took. Above the dashed line, two "
        "seconds, look at the SBC's load; runbook: SbcApiSlow.",
        [query(its("sbc_request_duration_seconds"), "{{endpoint}}")],
        unit="s",
        limit=2,
        no_value="no answer",
    )
    errors = graph(
        "Errors by code",
        "Requests without a usable answer, per minute, by HTTP status or by what went wrong. "
        "README says what each code means; runbook: SbcApiErrors, SbcAdministratorRightsMissing "
        "for 403.",
        [
            query(
                "60 * sum by (endpoint, code) "
                f"(rate({its('sbc_request_errors_total')}[$__rate_interval])) > 0",
                "{{code}} {{endpoint}}",
            )
        ],
        unit="short",
        bars=True,
        no_value="none",
    )
    requests = graph(
        "Requests",
        "Requests to the SBC per minute, by endpoint. It is never red; when there are as many "
        "logins as other requests, the SBC keeps forgetting its tokens.",
        [
            query(
                f"60 * sum by (endpoint) (rate({its('sbc_requests_total')}[$__rate_interval]))",
                "{{endpoint}}",
            )
        ],
        unit="short",
        no_value="none",
    )
    logins = graph(
        "Logins over time",
        "Logins sent to the SBC, and logins that got no usable answer, per minute. A token lasts "
        "for many scrapes. When refused ones go on, the account may be locked; runbook: "
        "SbcCredentialsRefused.",
        [
            query(f"60 * {_rate('sbc_requests_total')}", "sent"),
            query(f"60 * {_rate('sbc_request_errors_total')} > 0", "without a usable answer"),
        ],
        unit="short",
        no_value="none",
    )
    return [shelf(9, (12, latency), (12, errors)), shelf(9, (12, requests), (12, logins))]


def _rate(counter: str) -> str:
    logins = its(counter, 'endpoint="auth/token"')
    return f"sum(rate({logins}[$__rate_interval]))"


def scrapes() -> list[Shelf]:
    collectors = timeline(
        "Valid answers",
        "Whether each collector got a valid answer. When it is red, see the errors by code above "
        "for that time; runbook: SbcDown.",
        [query(its("sbc_scrape_collector_success"), "{{collector}}")],
        mappings=words({0: ("no", RED), 1: ("yes", GREEN)}),
        no_value="not scraped",
    )
    withheld = timeline(
        "Logins withheld",
        "When the exporter sent no login because the SBC had refused the last one. When it is "
        "red, put the credentials right; runbook: SbcCredentialsRefused.",
        [query(its("sbc_login_withheld"), "logins")],
        mappings=words({0: ("as needed", GREEN), 1: ("withheld", RED)}),
        no_value="not scraped",
    )
    durations = graph(
        "Time of a scrape",
        "Time that the scrape took, with what it was allowed to take, and each collector's part. "
        "Where the scrape reaches what was allowed, the SBC counts as down; runbook: "
        "SbcScrapeNearDeadline.",
        [
            query(its("sbc_scrape_duration_seconds"), "scrape"),
            query(its("sbc_scrape_timeout_seconds"), "allowed"),
            query(its("sbc_scrape_collector_duration_seconds"), "{{collector}}"),
        ],
        unit="s",
        no_value="not scraped",
    )
    part = graph(
        "Part of the deadline",
        "The part of its time that a scrape took. Above the dashed line, allow more time or see "
        "what slows the SBC; runbook: SbcScrapeNearDeadline.",
        [query(its(DEADLINE), "scrape")],
        unit="percentunit",
        limit=0.8,
        no_value="not scraped",
    )
    age = graph(
        "Age of the answers",
        "How old an answer was when it was given again; there is an age only where min_interval "
        "is configured. It is never red.",
        [query(its("sbc_scrape_age_seconds"), "age")],
        unit="s",
        no_value="every scrape asks anew",
    )
    return [
        shelf(5, (12, collectors), (12, withheld)),
        shelf(9, (8, durations), (8, part), (8, age)),
    ]
