"""Tables of SBCs, made of several queries."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.models import common, prometheus
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, FieldConfig, Panel

from dashboards.source.fields import Override, by_steps, steps
from dashboards.source.panels import panel_of, query
from dashboards.source.states import PLAIN

# Prometheus' and the exporter's, which mean nothing in a table of SBCs.
_NOT_SHOWN = "/^(?:Time|__name__|job|instance|exporter|exported_.+)$/"


def table(
    title: str,
    description: str,
    exprs: Sequence[str],
    *,
    sort: str,
    order: Sequence[str],
    hidden: Sequence[str] = (),
    overrides: Sequence[Override] = (),
    no_value: str = "none",
) -> Panel:
    """
    One row for each set of labels, with a column `Value #A`, `Value #B`, ... for each query.

    Rows stand in descending order of `sort`; columns in `order`, all others after them.
    """
    queries = [query(expr, instant=True) for expr in exprs]
    for one in queries:
        one.format_val = prometheus.PromQueryFormat.TABLE
    field = FieldConfig(
        unit="none",
        thresholds=steps(PLAIN),
        color=by_steps(),
        no_value=no_value,
        custom=common.TableFieldOptions(filterable=True),
    )
    # A plain dict: the SDK's model still has the footer of Grafana 11, and no pages.
    options = {"showHeader": True, "cellHeight": "sm", "frameIndex": 0, "enablePagination": True}
    panel = panel_of("table", title, description, queries, field, options, overrides)
    panel.transformations = [
        DataTransformerConfig(id_val="merge", options={}),
        DataTransformerConfig(id_val="sortBy", options={"sort": [{"field": sort, "desc": True}]}),
        DataTransformerConfig(
            id_val="filterFieldsByName", options={"exclude": {"pattern": _NOT_SHOWN}}
        ),
        DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": dict.fromkeys(hidden, True),
                "indexByName": {name: place for place, name in enumerate(order)},
                "renameByName": {},
            },
        ),
    ]
    return panel
