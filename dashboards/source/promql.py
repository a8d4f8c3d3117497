"""
Pieces of PromQL that every query is made of.

Each selector has the job and the instance, as Grafana's dashboard-linter wants it. The operators'
own labels are picked by two variables: $label names one, $value holds its values. In both scrape
patterns they stand on sbc_target_info and on what rules.yml records.
"""

from __future__ import annotations

CODE = "target:sbc_async_operation_status:code"
PRIORITY = "target:sbc_async_operation_status:priority"
LATENCY = "target:sbc_request_duration_seconds:max"
DEADLINE = "target:sbc_scrape_duration_seconds_per_timeout:ratio"
ERRORS = "target:sbc_request_errors:rate5m"
ERRORS_BY_CODE = "target_code:sbc_request_errors:rate5m"

LAST_CHANGE = "sbc_async_operation_last_change_timestamp_seconds"

EXPORTER = 'exporter=~"$exporter"'

ON = "on (job, instance, target)"

_FIXED = ('job=~"$job"', 'instance=~"$instance"')


def own(metric: str, *matchers: str) -> str:
    """Series of an exporter or of a scrape, not of one SBC."""
    return f"{metric}{{{','.join((*_FIXED, *matchers))}}}"


def of_exporter(metric: str, *matchers: str) -> str:
    """Series of the exporters that are picked by the label that the shipped prometheus.yml adds."""
    return own(metric, EXPORTER, *matchers)


def raw(metric: str, *matchers: str) -> str:
    """Series of the SBCs as they are scraped; the operators' labels may be missing."""
    return own(metric, 'target=~"$target"', *matchers)


def chosen(metric: str, *matchers: str) -> str:
    """Series of the SBCs that carry the operators' labels, of those SBCs that are picked."""
    return raw(metric, '$label=~"$value"', *matchers)


def its(metric: str, *matchers: str) -> str:
    """Series of one SBC. Its name is compared, not matched: it may have dots."""
    return own(metric, 'target="$target"', *matchers)


INFO = chosen("sbc_target_info")


def picked(expr: str) -> str:
    """That expression over raw series, for those SBCs only that are picked by their labels."""
    return f"({expr}) and {ON} {INFO}"


def labelled(expr: str) -> str:
    """The same, with the operators' labels on it. One series for each SBC goes in."""
    return f"{INFO} * {ON} group_left () ({expr})"


def where(expr: str, condition: str) -> str:
    """That expression for the SBCs for which there is the other one."""
    return f"{expr} and {ON} ({condition})"


def nameless(expr: str) -> str:
    """Without the metric's name, which would keep Grafana from merging a table's columns."""
    return f"0 + {expr}"


def between(low: int, high: int) -> str:
    """The numbers of operations from `low` to below `high`."""
    return f"{chosen(CODE)} >= {low} < {high}"


def count(expr: str) -> str:
    """How many series; none is 0, not nothing."""
    return f"count({expr}) or vector(0)"


def top(number: int, expr: str, ranking: str) -> str:
    """
    The SBCs that rank highest at the end of the graph, over all its length.

    Without `@ end()` each step of the graph would have a top of its own, and far more lines.
    """
    return where(expr, f"topk({number}, {ranking})")
