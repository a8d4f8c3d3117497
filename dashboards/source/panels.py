"""The kinds of panels that the dashboards are made of."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.models import (
    common,
    prometheus,
    stat,
    statetimeline,
    timeseries,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLink,
    FieldConfig,
    FieldConfigSource,
    Panel,
    ThresholdsConfig,
    ValueMapping,
)

from dashboards.source.fields import (
    OF_SERIES,
    Override,
    by_series,
    by_steps,
    operation_words,
    steps,
)
from dashboards.source.states import PLAIN, RED
from dashboards.source.variables import SOURCE

# The legend of lines that are SBCs.
OF_TARGET = "{{target}}"

_REFS = "ABCDEFGHIJ"


def query(
    expr: str, legend: str = "", *, instant: bool = False, interval: str | None = None
) -> prometheus.Dataquery:
    return prometheus.Dataquery(
        expr=expr,
        legend_format=legend,
        instant=instant,
        range_val=not instant,
        interval=interval,
        editor_mode=prometheus.QueryEditorMode.CODE,
        datasource=SOURCE,
    )


def number(
    title: str,
    description: str,
    expr: str,
    *,
    unit: str = "none",
    legend: str = "",
    thresholds: ThresholdsConfig | None = None,
    mappings: list[ValueMapping] | None = None,
    no_value: str | None = None,
) -> Panel:
    """The value now, large, with its name where there is a legend."""
    mode = common.BigValueTextMode
    one = query(expr, legend, instant=True)
    field = FieldConfig(
        unit=unit,
        thresholds=thresholds or steps(PLAIN),
        mappings=mappings,
        color=by_steps(),
        no_value=no_value,
        links=_links([one]),
    )
    options = stat.Options(
        graph_mode=common.BigValueGraphMode.NONE,
        color_mode=common.BigValueColorMode.VALUE,
        text_mode=mode.VALUE_AND_NAME if legend else mode.VALUE,
        reduce_options=common.ReduceDataOptions(calcs=["lastNotNull"], values=False, fields=""),
    )
    return panel_of("stat", title, description, [one], field, options)


def graph(
    title: str,
    description: str,
    queries: Sequence[prometheus.Dataquery],
    *,
    unit: str,
    no_value: str | None = None,
    bars: bool = False,
    limit: float | None = None,
    overrides: Sequence[Override] = (),
) -> Panel:
    """Lines over time, or stacked bars. From `limit` on the background is the colour of failure."""
    stacking = common.StackingMode.NORMAL if bars else common.StackingMode.NONE
    custom = common.GraphFieldConfig(
        draw_style=common.GraphDrawStyle.BARS if bars else common.GraphDrawStyle.LINE,
        fill_opacity=80 if bars else 0,
        line_width=1,
        show_points=common.VisibilityMode.AUTO if not bars else common.VisibilityMode.NEVER,
        span_nulls=False,
        stacking=common.StackingConfig(mode=stacking, group="A"),
        thresholds_style=common.GraphThresholdsStyleConfig(
            mode=common.GraphThresholdsStyleMode.OFF
            if limit is None
            else common.GraphThresholdsStyleMode.DASHED
        ),
    )
    field = FieldConfig(
        unit=unit,
        min_val=0,
        color=by_series(),
        custom=custom,
        no_value=no_value,
        thresholds=steps(PLAIN) if limit is None else steps(PLAIN, (limit, RED)),
        links=_links(queries),
    )
    options = timeseries.Options(
        legend=_legend(),
        tooltip=common.VizTooltipOptions(
            mode=common.TooltipDisplayMode.MULTI, sort=common.SortOrder.DESCENDING
        ),
    )
    return panel_of("timeseries", title, description, queries, field, options, overrides)


def timeline(
    title: str,
    description: str,
    queries: Sequence[prometheus.Dataquery],
    *,
    mappings: list[ValueMapping] | None = None,
    rows: int = 20,
    no_value: str = "none",
) -> Panel:
    """What held when, in words and colours; those of operations unless others are given."""
    field = FieldConfig(
        unit="none",
        mappings=mappings or operation_words(),
        thresholds=steps(PLAIN),
        color=by_steps(),
        no_value=no_value,
        custom=statetimeline.FieldConfig(fill_opacity=90, line_width=0),
        links=_links(queries),
    )
    options = statetimeline.Options(
        show_value=common.VisibilityMode.AUTO,
        row_height=0.85,
        per_page=rows,
        legend=_legend(),
        tooltip=common.VizTooltipOptions(
            mode=common.TooltipDisplayMode.SINGLE, sort=common.SortOrder.NONE
        ),
    )
    return panel_of("state-timeline", title, description, queries, field, options)


def _legend() -> common.VizLegendOptions:
    return common.VizLegendOptions(
        display_mode=common.LegendDisplayMode.LIST,
        placement=common.LegendPlacement.BOTTOM,
        show_legend=True,
        calcs=[],
    )


def _links(queries: Sequence[prometheus.Dataquery]) -> list[DashboardLink]:
    """What is named after an SBC leads to it."""
    return [OF_SERIES] if any(one.legend_format == OF_TARGET for one in queries) else []


def panel_of(
    kind: str,
    title: str,
    description: str,
    queries: Sequence[prometheus.Dataquery],
    field: FieldConfig,
    options: object,
    overrides: Sequence[Override] = (),
) -> Panel:
    """Any kind of panel; its queries get their letters here."""
    for ref, one in zip(_REFS, queries, strict=False):
        one.ref_id = ref
    return Panel(
        type_val=kind,
        title=title,
        description=description,
        datasource=SOURCE,
        targets=list(queries),
        options=options,
        field_config=FieldConfigSource(defaults=field, overrides=list(overrides)),
    )
